"""Makes Neutron's tables in the SQLite file of the first argument.

From the models, as Neutron's own unit tests do: its migrations alter constraints, which SQLite cannot.
"""

import sys

import sqlalchemy
from neutron.db.migration.models import head

head.get_metadata().create_all(sqlalchemy.create_engine(f"sqlite:///{sys.argv[1]}"))
