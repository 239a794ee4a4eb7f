"""IP packets as frames, with addresses of the caller's choice: no routes, source checks or packet filters apply.

LINK DESTINATION-MAC SOURCE DESTINATION COUNT echo
                                              echo-of-each: from COUNT addresses, SOURCE and those that follow it
                                              icmp TYPE
                                              routed-echo HOP: by DESTINATION to HOP (IPv4's loose source route)
                                              udp SOURCE-PORT PORT
                                              fragment: the first of several, of UDP
                                              tcp SOURCE-PORT PORT FLAGS SEQUENCE ACKNOWLEDGEMENT
                                              sctp SOURCE-PORT PORT CHUNK …

Further packets of a count have the next source ports and chunks.
"""
import socket
import struct
import sys

from sctp_packet import sctp_packet

link, mac, source, destination, count, kind, *words = sys.argv[1:]
IS_IPV6 = ':' in source
FAMILY = socket.AF_INET6 if IS_IPV6 else socket.AF_INET
SOURCE = socket.inet_pton(FAMILY, source)
ADDRESSES = SOURCE + socket.inet_pton(FAMILY, destination)
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


def icmp(number):
    protocol = 58 if IS_IPV6 else 1
    return protocol, summed(struct.pack('!BBHHH', number, 0, 0, 7, 1) + PAYLOAD, 2, protocol, IS_IPV6)


def echo():
    return icmp(128 if IS_IPV6 else 8)


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


def sctp(source_port, port, *chunks):
    """One chunk of these types."""
    return 132, sctp_packet(source_port, port, chunks[(source_port - int(words[0])) % len(chunks)])


def packet(number=0):
    content = [int(word) if word.isdigit() else word for word in words]
    if kind in ('udp', 'tcp', 'sctp'):
        content[0] += number
    protocol, segment = CONTENTS[kind](*content)
    if IS_IPV6:
        header = struct.pack('!IHBB', 6 << 28, len(options) + len(segment), protocol, 64)
        return header + ADDRESSES + options + segment
    words32 = 5 + len(options) // 4
    length = 4 * words32 + len(segment)
    header = struct.pack('!BBHHHBBH', 0x40 + words32, 0, length, 1, more_fragments, 64, protocol, 0) + ADDRESSES + options
    return header[:10] + struct.pack('!H', checksum(header)) + header[12:] + segment


CONTENTS = {
    'echo': echo,
    'echo-of-each': echo,
    'icmp': icmp,
    'routed-echo': routed_echo,
    'fragment': fragment,
    'udp': udp,
    'tcp': tcp,
    'sctp': sctp,
}

sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sock.bind((link, 0))
hardware = bytes.fromhex(mac.replace(':', '')) + sock.getsockname()[4] + struct.pack('!H', 0x86DD if IS_IPV6 else 0x0800)
for index in range(int(count)):
    if kind == 'echo-of-each':
        last = struct.pack('!H', struct.unpack('!H', SOURCE[-2:])[0] + index)
        ADDRESSES = SOURCE[:-2] + last + ADDRESSES[len(SOURCE):]
    sock.send(hardware + packet(index))
