"""A server that sends on request, and says what comes of it: `tcp|udp ADDRESS PORT`.

Prints `ready`, for TCP `accepted` with the peer's address, and for each line of standard input, which it sends, what its
socket says afterwards: the name of an error, or `silence` within three seconds.
"""
import errno
import select
import socket
import sys

protocol, address, port = sys.argv[1:]
family = socket.AF_INET6 if ':' in address else socket.AF_INET
kind = socket.SOCK_STREAM if protocol == 'tcp' else socket.SOCK_DGRAM
server = socket.socket(family, kind)
server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
server.bind((address, int(port)))
if protocol == 'tcp':
    server.listen()
print('ready', flush=True)
if protocol == 'tcp':
    peer, (host, *_) = server.accept()
else:
    _, remote = server.recvfrom(2048)
    server.connect(remote[:2])
    peer, host = server, remote[0]
print(f'accepted {host}', flush=True)
for line in sys.stdin:
    try:
        peer.send(line.encode())
        readable, _, _ = select.select([peer], [], [], 3)
        error = peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if error:
            print(errno.errorcode[error], flush=True)
        elif not readable:
            print('silence', flush=True)
        else:
            print(peer.recv(2048).decode().strip() or 'end', flush=True)
    except OSError as problem:
        print(errno.errorcode[problem.errno], flush=True)
