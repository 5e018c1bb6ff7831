from tests.gateway.conftest import alice, client, clock, config, database

__all__ = ["alice", "client", "clock", "config", "database"]  # fixtures, found here by pytest
