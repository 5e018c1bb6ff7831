"""The site's tables, as its queries see them. `storage/migrations/versions/0002_site.py` creates them.

Times are milliseconds since the Unix epoch. Addresses are in EIP-55 spelling. Cookies are kept as SHA-256, in
hex, so that a copy of the database signs nobody in.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, MetaData, String, Table, Text

metadata = MetaData()

# One row for each address that a browser session has signed in; at most one of a session is active.
web_sessions = Table(
    "web_sessions",
    metadata,
    Column("session_digest", String(64), primary_key=True),
    Column("address", String(42), primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("signed_in_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
Index("ix_web_sessions_address", web_sessions.c.address)
Index("ix_web_sessions_expiry", web_sessions.c.expires_at)

# Challenges that were issued and not answered yet.
login_nonces = Table(
    "login_nonces",
    metadata,
    Column("nonce", String(64), primary_key=True),
    Column("visitor_digest", String(64), nullable=False),
    Column("address", String(42), nullable=False),
    Column("message", Text, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
Index("ix_login_nonces_visitor", login_nonces.c.visitor_digest, login_nonces.c.issued_at)
Index("ix_login_nonces_expiry", login_nonces.c.expires_at)
