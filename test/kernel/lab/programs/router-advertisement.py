"""Sends one router advertisement: INTERFACE PREFIX, for hosts to configure themselves from (RFC 4861, RFC 4862)."""
import socket
import struct
import sys

interface, prefix = sys.argv[1:]
sock = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
# Receivers drop what came through a router, which would have counted down from 255.
sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
advertisement = struct.pack('!BBHBBHII', 134, 0, 0, 64, 0, 1800, 0, 0)
on_link_and_autonomous = 0xC0
option = struct.pack('!BBBBIII', 3, 4, 64, on_link_and_autonomous, 7200, 7200, 0) + socket.inet_pton(socket.AF_INET6, prefix)
sock.sendto(advertisement + option, ('ff02::1', 0, 0, socket.if_nametoindex(interface)))
