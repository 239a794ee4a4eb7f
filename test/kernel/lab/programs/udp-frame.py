"""One UDP datagram as a frame, with addresses of the caller's choice: no routes or source checks apply.

LINK DESTINATION-MAC SOURCE DESTINATION SOURCE-PORT PORT
"""
import socket
import struct
import sys

link, mac, source, destination, source_port, port = sys.argv[1:]
PAYLOAD = b'pretended'


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp(addresses):
    length = 8 + len(PAYLOAD)
    header = struct.pack('!HHH', int(source_port), int(port), length)
    pseudo = addresses + struct.pack('!II', length, 17)
    return header + struct.pack('!H', checksum(pseudo + header + bytes(2) + PAYLOAD)) + PAYLOAD


def packet():
    if ':' in source:
        addresses = socket.inet_pton(socket.AF_INET6, source) + socket.inet_pton(socket.AF_INET6, destination)
        datagram = udp(addresses)
        return 0x86DD, struct.pack('!IHBB', 6 << 28, len(datagram), 17, 64) + addresses + datagram
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    datagram = udp(addresses)
    header = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0) + addresses
    return 0x0800, header[:10] + struct.pack('!H', checksum(header)) + header[12:] + datagram


sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((link, 0))
ether_type, content = packet()
sock.send(bytes.fromhex(mac.replace(':', '')) + sock.getsockname()[4] + struct.pack('!H', ether_type) + content)
