# noqa: INP001 (Alembic loads this folder by its path)
"""Alembic's entry: runs the revisions on the connection, and in the transaction, that the caller brought."""

from alembic import context
from sqlalchemy import Connection

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
