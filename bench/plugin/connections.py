"""Makes or takes TCP connections, one after the other. In Python, because Node.js' own work for a connection would hide the router's."""

import socket
import struct
import sys
import time


def serve(port: int) -> None:
    listener = socket.create_server(("", port), backlog=4096)
    while True:
        listener.accept()[0].close()


def connect(host: str, port: int, count: int) -> None:
    """Ends each with a reset, so that no port stays in TIME_WAIT; prints microseconds per connection."""
    linger = struct.pack("ii", 1, 0)
    start = time.perf_counter()
    for _ in range(count):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        client.connect((host, port))
        client.close()
    print((time.perf_counter() - start) / count * 1e6)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
else:
    connect(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
