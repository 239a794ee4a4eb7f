"""Runs the worker that keeps OVN's databases as Neutron wants them.

    maintain.py [NEUTRON'S OPTION ...]
"""

import sqlite_transactions  # noqa: F401
from neutron.cmd.server import main_ovn_maintenance

main_ovn_maintenance()
