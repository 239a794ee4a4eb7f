"""An attempt of a process without privileges to send from the reserved address: `tcp|udp|ping HOST PORT WAY...`.

The ways are `address=SOURCE`, `device=LINK`, `unicast=LINK` and `multicast=LINK`.

Prints `answer`, the name of an error, or `silence` within 0.7 seconds.
"""
import errno
import socket
import struct
import sys

from unprivileged import drop_privileges

IP_UNICAST_IF, IPV6_UNICAST_IF = 50, 76

drop_privileges()

protocol, host, port, *ways = sys.argv[1:]
family = socket.AF_INET6 if ':' in host else socket.AF_INET
KINDS = {
    'tcp': (socket.SOCK_STREAM, 0),
    'udp': (socket.SOCK_DGRAM, 0),
    'ping': (socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP),
}
sock = socket.socket(family, *KINDS[protocol])
sock.settimeout(0.7)
try:
    for way in ways:
        word, value = way.split('=')
        index = 0 if word == 'address' else socket.if_nametoindex(value)
        if word == 'device':
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, value.encode())
        elif word == 'address':
            sock.bind((value, 0))
        elif family == socket.AF_INET6:
            option, form = {'unicast': (IPV6_UNICAST_IF, '!I'), 'multicast': (socket.IPV6_MULTICAST_IF, 'I')}[word]
            sock.setsockopt(socket.IPPROTO_IPV6, option, struct.pack(form, index))
        elif word == 'unicast':
            sock.setsockopt(socket.IPPROTO_IP, IP_UNICAST_IF, struct.pack('!I', index))
        else:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack('4s4si', bytes(4), bytes(4), index))
    sock.connect((host, int(port)))
    if protocol != 'tcp':
        sock.send(bytes([128 if family == socket.AF_INET6 else 8]) + bytes(15))
        sock.recv(2048)
    print('answer')
except TimeoutError:
    print('silence')
except OSError as problem:
    print(errno.errorcode[problem.errno])
