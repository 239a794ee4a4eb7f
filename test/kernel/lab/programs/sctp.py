"""SCTP without a kernel that has SCTP sockets.

send ADDRESS PORT: sends an INIT chunk from port 40000.
receive FAMILY: prints `ready`, then a line of JSON for the first SCTP packet that comes.
"""
import json
import socket
import struct
import sys

from sctp_packet import crc32c, sctp_packet

IPPROTO_SCTP = 132


def family_of(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def send(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_RAW, IPPROTO_SCTP)
    sock.sendto(sctp_packet(40000, port), (address, 0))


def receive(family):
    sock = socket.socket(socket.AF_INET6 if family == '6' else socket.AF_INET, socket.SOCK_RAW, IPPROTO_SCTP)
    print('ready', flush=True)
    data, peer = sock.recvfrom(2048)
    # A raw IPv4 socket shows the IP header as well.
    sctp = data if family == '6' else data[(data[0] & 15) * 4:]
    source, destination = struct.unpack('!HH', sctp[:4])
    checksum = struct.unpack('<I', sctp[8:12])[0]
    right = checksum == crc32c(sctp[:8] + bytes(4) + sctp[12:])
    print(json.dumps({'peer': peer[0], 'sourcePort': source, 'port': destination, 'isChecksumRight': right}), flush=True)


if sys.argv[1] == 'send':
    send(sys.argv[2], int(sys.argv[3]))
else:
    receive(sys.argv[2])
