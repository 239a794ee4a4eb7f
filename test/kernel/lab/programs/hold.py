"""Holds connections of one client open: argv is `tcp|udp ADDRESS PORT COUNT [SOURCE]`.

Each sends a line. Prints how many got an answer (UDP) or were accepted (TCP), as soon as all did or no further one does
for a second and a half. Ends them, TCP with a reset, when standard input ends.
"""

import select
import socket
import struct
import sys
import time

protocol, address, port, count = sys.argv[1:5]
source = sys.argv[5] if len(sys.argv) > 5 else None
family = socket.AF_INET6 if ":" in address else socket.AF_INET
IDLE = 1.5


def start():
    one = socket.socket(family, socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM)
    one.setblocking(False)
    if source is not None:
        one.bind((source, 0))
    one.connect_ex((address, int(port)))
    if protocol == "udp":
        one.send(b"hello")
    else:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return one


poll = select.poll()
waiting = {}
for one in [start() for _ in range(int(count))]:
    waiting[one.fileno()] = one
    poll.register(one, select.POLLOUT if protocol == "tcp" else select.POLLIN)

held = []
refused = []
last = time.monotonic()
while waiting and time.monotonic() < last + IDLE:
    for descriptor, _ in poll.poll(100):
        poll.unregister(descriptor)
        one = waiting.pop(descriptor)
        error = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        (refused if error else held).append(one)
        last = time.monotonic()
for one in waiting.values():
    one.close()
print(len(held), flush=True)
sys.stdin.read()
