"""Takes all privileges from the process."""
import os

ID = 65532


def drop_privileges() -> None:
    os.setgroups([])
    os.setresgid(ID, ID, ID)
    # With it go all capabilities.
    os.setresuid(ID, ID, ID)
