"""SCTP packets of one chunk (RFC 9260), for programs that run without SCTP sockets."""
import struct

INIT = 1


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sctp_packet(source_port, port, chunk=INIT):
    """Only an INIT has no verification tag. The checksum is little-endian."""
    header = struct.pack('!HHI', source_port, port, 0 if chunk == INIT else 0x01020304)
    content = struct.pack('!BBHIIHHI', chunk, 3 if chunk == 0 else 0, 20, 0x01020304, 65536, 1, 1, 1)
    return header + struct.pack('<I', crc32c(header + bytes(4) + content)) + content
