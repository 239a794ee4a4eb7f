"""Asks an address for an ICMP echo three times. Ends with status 0 as soon as one answer arrives.

    echo_request.py ADDRESS
"""

import socket
import struct
import sys
import time


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


address, identifier = sys.argv[1], int(time.time() * 1000) & 0xFFFF
asking = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
for number in range(3):
    head = struct.pack("!BBHHH", 8, 0, 0, identifier, number)
    try:
        asking.sendto(struct.pack("!BBHHH", 8, 0, checksum(head), identifier, number), (address, 0))
    except OSError:
        pass
    until = time.monotonic() + 1
    while (left := until - time.monotonic()) > 0:
        asking.settimeout(left)
        try:
            packet, (source, _) = asking.recvfrom(2048)
        except OSError:
            break
        kind, _, _, found, _ = struct.unpack("!BBHHH", packet[20:28])
        if kind == 0 and found == identifier and source == address:
            sys.exit(0)
sys.exit(1)
