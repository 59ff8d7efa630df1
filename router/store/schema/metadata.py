"""The one collection that all tables register in, apart so that the files of tables need not import each other."""

from sqlalchemy import MetaData

metadata = MetaData()
