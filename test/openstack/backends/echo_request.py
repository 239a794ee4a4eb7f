"""Asks IPv4 and IPv6 addresses for ICMP echoes, each four times. Prints those that answer, and ends when all have.

    echo_request.py ADDRESS ...
"""

import os
import select
import socket
import struct
import sys
import time

REQUEST, REPLY = {4: 8, 6: 128}, {4: 0, 6: 129}


def checksum(data: bytes) -> int:
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def request(family: int, number: int) -> bytes:
    def packet(check: int) -> bytes:
        return struct.pack("!BBHHH", REQUEST[family], 0, check, identifier, number)

    # The kernel computes that of ICMPv6 itself.
    return packet(checksum(packet(0)) if family == 4 else 0)


def answering(family: int) -> str | None:
    data, (source, *_) = sockets[family].recvfrom(2048)
    message = data[(data[0] & 15) * 4 :] if family == 4 else data
    kind, _, _, found, _ = struct.unpack("!BBHHH", message[:8])
    return source if kind == REPLY[family] and found == identifier else None


identifier = os.getpid() & 0xFFFF
silent = set(sys.argv[1:])
sockets = {
    4: socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP),
    6: socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6),
}
for number in range(4):
    for address in silent:
        family = 6 if ":" in address else 4
        try:
            sockets[family].sendto(request(family, number), (address, 0))
        except OSError:
            pass
    until = time.monotonic() + 1
    while silent and (left := until - time.monotonic()) > 0:
        for ready in select.select(list(sockets.values()), [], [], left)[0]:
            source = answering(4 if ready is sockets[4] else 6)
            if source in silent:
                silent.remove(source)
                print(source, flush=True)
