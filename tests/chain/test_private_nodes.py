"""Nodes on private addresses are asked where the operator allows such addresses for all that is asked."""

import select
import socket
from pathlib import Path

import pytest

from tests.support.people import MUTATIONS, Person
from tests.support.serving import serving


@pytest.mark.parametrize("allowed", ["0", "1"])
def test_t48_a_node_whose_name_leads_inside_is_asked_only_where_that_is_allowed(
    tmp_path: Path, allowed: str
) -> None:
    """127.1 is a name as far as URLs are concerned, and resolves to this machine."""
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0)
        node = f"1=https://127.1:{inside.getsockname()[1]}/"
        with serving("gateway", cwd=tmp_path, ETH_RPC_URLS=node, UPSTREAM_ALLOW_PRIVATE=allowed) as server:
            registration = {**Person("alice").registration(), "signature": "0x1234"}
            asked = {"query": MUTATIONS["registerSigningKey"], "variables": {"input": registration}}
            reply = server.client.post("/graphql", json=asked).json()
        reached = bool(select.select([inside], [], [], 0)[0])
    assert reply["errors"][0]["extensions"]["code"], reply
    assert reached == (allowed == "1")
