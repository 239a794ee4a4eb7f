"""Serves the API of a Neutron that no longer has a server of its own.

    serve_api.py PORT [NEUTRON'S OPTION ...]
"""

import socketserver
import sys
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import sqlite_transactions  # noqa: F401


class ThreadedServer(socketserver.ThreadingMixIn, WSGIServer):
    """Answers each request in a thread: one of them may wait for another."""

    daemon_threads = True


port = int(sys.argv.pop(1))

# Reads the options that are left, and connects to OVN.
from neutron.wsgi.api import application  # noqa: E402

make_server("127.0.0.1", port, application, ThreadedServer, WSGIRequestHandler).serve_forever()
