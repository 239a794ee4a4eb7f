"""An attempt of a process without privileges to send from the reserved address: `tcp|udp|ping HOST PORT address=SOURCE|device=LINK`.

Prints `answer`, the name of an error, or `silence` within 0.7 seconds.
"""
import errno
import os
import socket
import sys

os.setgroups([])
os.setresgid(65532, 65532, 65532)
# With it go all capabilities.
os.setresuid(65532, 65532, 65532)

protocol, host, port, how = sys.argv[1:]
word, value = how.split('=')
family = socket.AF_INET6 if ':' in host else socket.AF_INET
KINDS = {
    'tcp': (socket.SOCK_STREAM, 0),
    'udp': (socket.SOCK_DGRAM, 0),
    'ping': (socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP),
}
sock = socket.socket(family, *KINDS[protocol])
sock.settimeout(0.7)
try:
    if word == 'device':
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, value.encode())
    else:
        sock.bind((value, 0))
    sock.connect((host, int(port)))
    if protocol != 'tcp':
        sock.send(bytes([128 if family == socket.AF_INET6 else 8]) + bytes(15))
        sock.recv(2048)
    print('answer')
except TimeoutError:
    print('silence')
except OSError as problem:
    print(errno.errorcode[problem.errno])
