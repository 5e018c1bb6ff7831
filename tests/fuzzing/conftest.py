from tests.gateway.conftest import alice, client, config, database

__all__ = ["alice", "client", "config", "database"]  # fixtures, found here by pytest
