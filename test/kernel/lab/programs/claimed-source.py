"""A process without privileges that makes a host's connection itself: `HOST PORT OWN [DEVICE]`.

It sends a datagram from the host's address to its own address, and then its own datagrams to that host, as if they
were answers. Prints `answer`, the name of an error, or `silence` within 0.7 seconds.
"""
import errno
import socket
import sys

from unprivileged import drop_privileges

IP_FREEBIND, IPV6_FREEBIND = 15, 78

drop_privileges()

host, port, own, *devices = sys.argv[1:]
family = socket.AF_INET6 if ':' in host else socket.AF_INET
freebind = (socket.IPPROTO_IPV6, IPV6_FREEBIND) if family == socket.AF_INET6 else (socket.IPPROTO_IP, IP_FREEBIND)
answering, beginning = (socket.socket(family, socket.SOCK_DGRAM) for _ in range(2))
answering.settimeout(0.7)
try:
    answering.bind((own, 0))
    for device in devices:
        answering.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
    beginning.setsockopt(*freebind, 1)
    beginning.bind((host, int(port)))
    try:
        beginning.sendto(b'begin', answering.getsockname()[:2])
    except OSError as problem:
        print(errno.errorcode[problem.errno], end=' ')
    beginning.close()
    answering.sendto(b'answer', (host, int(port)))
    while answering.recv(2048) == b'begin':
        pass
    print('answer')
except TimeoutError:
    print('silence')
except OSError as problem:
    print(errno.errorcode[problem.errno])
