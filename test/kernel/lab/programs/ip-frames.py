"""IP packets as frames, with addresses of the caller's choice: no routes, source checks or packet filters apply.

LINK DESTINATION-MAC SOURCE DESTINATION COUNT echo
                                              routed-echo HOP: by DESTINATION to HOP (IPv4's loose source route)
                                              udp SOURCE-PORT PORT
                                              fragment: the first of several, of UDP
                                              tcp SOURCE-PORT PORT FLAGS SEQUENCE ACKNOWLEDGEMENT
"""
import socket
import struct
import sys

link, mac, source, destination, count, kind, *words = sys.argv[1:]
IS_IPV6 = ':' in source
FAMILY = socket.AF_INET6 if IS_IPV6 else socket.AF_INET
ADDRESSES = socket.inet_pton(FAMILY, source) + socket.inet_pton(FAMILY, destination)
PAYLOAD = b'pretended'
options = b''
more_fragments = 0


def checksum(data):
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def summed(segment, at, protocol, has_pseudo_header=True):
    """The segment with its checksum at that offset."""
    pseudo = ADDRESSES + struct.pack('!II', len(segment), protocol) if has_pseudo_header else b''
    return segment[:at] + struct.pack('!H', checksum(pseudo + segment)) + segment[at + 2:]


def echo():
    if IS_IPV6:
        return 58, summed(struct.pack('!BBHHH', 128, 0, 0, 7, 1) + PAYLOAD, 2, 58)
    return 1, summed(struct.pack('!BBHHH', 8, 0, 0, 7, 1) + PAYLOAD, 2, 1, False)


def routed_echo(hop):
    global options
    options = bytes([131, 7, 4]) + socket.inet_aton(hop) + bytes(1)
    return echo()


def udp(source_port, port):
    return 17, summed(struct.pack('!HHHH', source_port, port, 8 + len(PAYLOAD), 0) + PAYLOAD, 6, 17)


def fragment():
    global options, more_fragments
    protocol, segment = udp(1111, 2222)
    if IS_IPV6:
        # The fragment header: what follows, offset 0, and that there is more.
        options, protocol = struct.pack('!BBHI', protocol, 0, 1, 1), 44
    more_fragments = 0x2000
    return protocol, segment + bytes(-len(segment) % 8)


def tcp(source_port, port, flags, sequence, acknowledgement):
    header = struct.pack('!HHIIBBHHH', source_port, port, sequence % 2**32, acknowledgement, 5 << 4, flags, 64240, 0, 0)
    return 6, summed(header + PAYLOAD, 16, 6)


protocol, segment = {'echo': echo, 'routed-echo': routed_echo, 'fragment': fragment, 'udp': udp, 'tcp': tcp}[kind](
    *(int(word) if word.isdigit() else word for word in words))
if IS_IPV6:
    packet = struct.pack('!IHBB', 6 << 28, len(options) + len(segment), protocol, 64) + ADDRESSES + options + segment
else:
    words32 = 5 + len(options) // 4
    header = struct.pack('!BBHHHBBH', 0x40 + words32, 0, 4 * words32 + len(segment), 1, more_fragments, 64, protocol, 0) + ADDRESSES
    header += options
    packet = header[:10] + struct.pack('!H', checksum(header)) + header[12:] + segment

sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((link, 0))
hardware = bytes.fromhex(mac.replace(':', '')) + sock.getsockname()[4]
frame = hardware + struct.pack('!H', 0x86DD if IS_IPV6 else 0x0800) + packet
for _ in range(int(count)):
    sock.send(frame)
