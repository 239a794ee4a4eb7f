"""Answers ARP requests and neighbour solicitations in place of hosts, as switches and proxies do.

INTERFACE MAC ADDRESS: answers for this address, or for every one with "all", from the MAC address given.
"""
import socket
import struct
import sys

interface, mac_text, wanted = sys.argv[1:]
mac = bytes.fromhex(mac_text.replace(':', ''))
ETH_P_ALL = 3
sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
sock.bind((interface, 0))
# A switch hears what is sent to others: PACKET_ADD_MEMBERSHIP with PACKET_MR_PROMISC.
sock.setsockopt(263, 1, struct.pack('iHH8s', socket.if_nametoindex(interface), 1, 0, b''))


def is_wanted(family, address):
    return wanted == 'all' or socket.inet_ntop(family, address) == wanted


def arp(frame):
    operation, target = frame[20:22], frame[38:42]
    sender_mac, sender = frame[22:28], frame[28:32]
    if operation != b'\0\1' or sender == target or not is_wanted(socket.AF_INET, target):
        return
    header = sender_mac + mac + b'\x08\x06' + frame[14:20] + b'\0\2'
    sock.send(header + mac + target + sender_mac + sender)


def checksum(data):
    words = struct.unpack(f'!{len(data) // 2}H', data)
    total = sum(words)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def solicitation(frame):
    if frame[20] != 58 or frame[54] != 135 or not is_wanted(socket.AF_INET6, frame[62:78]):
        return
    source, target, unspecified = frame[22:38], frame[62:78], bytes(16)
    to = source if source != unspecified else socket.inet_pton(socket.AF_INET6, 'ff02::1')
    to_mac = frame[6:12] if source != unspecified else b'\x33\x33\0\0\0\1'
    message = struct.pack('!BBHI', 136, 0, 0, 0x20000000) + target + b'\2\1' + mac
    pseudo = target + to + struct.pack('!II', len(message), 58)
    message = message[:2] + struct.pack('!H', checksum(pseudo + message)) + message[4:]
    header = struct.pack('!IHBB', 0x60000000, len(message), 58, 255)
    sock.send(to_mac + mac + b'\x86\xdd' + header + target + to + message)


print('ready', flush=True)
while True:
    frame = sock.recv(2048)
    if frame[6:12] == mac:
        continue
    if frame[12:14] == b'\x08\x06':
        arp(frame)
    elif frame[12:14] == b'\x86\xdd' and len(frame) >= 78:
        solicitation(frame)
