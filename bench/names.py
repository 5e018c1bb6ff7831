"""What figures are called: by where, what, and over how many connections."""

GATEWAY, RUN, SITE = "gateway", "run /graphql", "run /api"
FEW, MANY = "few edges", "many edges"
POSTGRESQL, TWO_GATEWAYS = "on PostgreSQL", "two gateways on PostgreSQL"
FEW_THERE, MANY_THERE = "few edges on PostgreSQL", "many edges on PostgreSQL"
PGBENCH, INSERT = "PostgreSQL alone", "commit of one row"
WRITE, REGISTER, SIGN_IN = "follow or unfollow", "registration", "sign-in"
EMPTY = "empty POST"


def named(where: str, what: str, connections: int) -> str:
    """Name a figure."""
    return f"{where}, {what}, {connections}"


def empty_beside(name: str) -> str:
    """Name the empty POST that a figure is held against: to the same server, over as many connections."""
    where, _, connections = name.split(", ")
    return named(RUN if where == SITE else where, EMPTY, int(connections))
