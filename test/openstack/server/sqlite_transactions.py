"""Lets threads and processes of Neutron share an SQLite file as they share a database server.

SQLite does not let a transaction that has read wait when it then writes while another one writes: "database is locked".
ML2/OVN meets that at every bound port, because what OVN reports is written beside the request, and by a process that
maintains OVN's databases. So a transaction that may write takes the lock when it begins, where it can wait. One that
only reads must not: OVN's reports are read by a thread that the writer waits for.
"""

import sqlite3
import time

from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import event
from sqlalchemy.engine import Engine

PATIENCE = 60


@event.listens_for(Engine, "connect")
def wait_for_writers_only(connection, _record):
    connection.execute("PRAGMA busy_timeout = 10000")
    connection.execute("PRAGMA journal_mode = WAL")


create_session = enginefacade._TransactionFactory._create_session


def create_locking_session(factory, mode, *args, **kwargs):
    session = create_session(factory, mode, *args, **kwargs)
    if mode is enginefacade._WRITER:
        event.listen(session, "after_begin", lock)
    return session


def lock(_session, transaction, connection):
    if transaction.nested:
        return
    driver = connection.connection
    driver.execute("COMMIT")
    # Not by SQLite's own timeout: it would hold up the green thread that has the lock.
    driver.execute("PRAGMA busy_timeout = 0")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    driver.execute("PRAGMA busy_timeout = 10000")


enginefacade._TransactionFactory._create_session = create_locking_session
