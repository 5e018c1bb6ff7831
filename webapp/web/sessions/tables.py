"""The site's tables, as its queries see them. `storage/migrations/versions/` creates them.

Times are milliseconds since the Unix epoch. Addresses are in EIP-55 spelling. Cookies are kept as SHA-256, in
hex, so that a copy of the database signs nobody in.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, Table

from webapp.storage.sql import letters

metadata = MetaData()

# One row for each address that a browser session has signed in; at most one of a session is active.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("session_digest", letters(64), primary_key=True),
    Column("address", letters(42), primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("signed_in_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    # As `browser_names.py` calls it; the header itself is not kept.
    Column("browser", letters(64), nullable=False),
    # When the browser was here last, to five minutes.
    Column("seen_at", BigInteger, nullable=False),
)
Index("ix_web_sessions_address", web_sessions.c.address)
Index("ix_web_sessions_expiry", web_sessions.c.expires_at)
