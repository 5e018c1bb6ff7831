"""Answers of nodes, right and wrong, and what asks for them."""

import json

from tests.support import faults
from tests.support.chain.anvil import CHAIN_ID
from tests.support.faults import FaultServer
from webapp.chain.contract_wallets import ContractWallets
from webapp.chain.node import Node
from webapp.protocol.address import Address

CANARY = "canary-7f3b1c"


ID = "asked"


AMPLE_S = 60.0
"""For what ends by itself, on a busy machine too."""


ANYBODY = Address.parse(f"0x{'12' * 20}")


def answer(*, vouches: int, stands: int = 1, chain_id: int = CHAIN_ID) -> str:
    return f"0x{vouches:064x}{chain_id:064x}{stands:064x}"


YES = answer(vouches=1)


def result(value: object) -> faults.Fault:
    return faults.reply({"jsonrpc": "2.0", "id": ID, "result": value})


GOOD = faults.http(json.dumps({"jsonrpc": "2.0", "id": ID, "result": YES}).encode())


NO = json.dumps({"jsonrpc": "2.0", "id": ID, "result": answer(vouches=0)}).encode()


def asking(*urls: str, deadline_s: float = AMPLE_S, chain_ids: tuple[int, ...] = ()) -> ContractWallets:
    chains = chain_ids or tuple(range(CHAIN_ID, CHAIN_ID + len(urls)))
    nodes = [
        Node(chain, f"{url}/{CANARY}", allow_private=False, new_id=lambda: ID)
        for chain, url in zip(chains, urls, strict=True)
    ]
    return ContractWallets(nodes, deadline_s=deadline_s)


def base(server: FaultServer) -> str:
    return f"http://127.0.0.1:{server.port}"
