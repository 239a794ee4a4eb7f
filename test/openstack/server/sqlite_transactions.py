"""Lets threads and processes of Neutron share an SQLite file as they share a database server.

SQLite does not let a transaction that has read wait when it then writes while another one writes: "database is locked".
Releases with threads meet that at every bound port, because what OVN reports is written beside the request. So a
transaction that may write takes the lock when it begins, where SQLite waits. One that only reads must not: OVN's
reports are read by a thread that the writer waits for.
"""

from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import Engine, event


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
    connection.exec_driver_sql("COMMIT")
    connection.exec_driver_sql("BEGIN IMMEDIATE")


enginefacade._TransactionFactory._create_session = create_locking_session
