"""Runs Debian's Neutron, whose server is one process with green threads.

    neutron_server.py [NEUTRON'S OPTION ...]
"""

import sys

# First: it makes the threads green, also those of what the other one imports.
from neutron.cmd.eventlet.server import main  # isort: skip
import sqlite_transactions  # noqa: F401

sys.exit(main())
