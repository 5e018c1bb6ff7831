"""Contract wallets: asking the configured chains whether one accepts a signature."""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from limits import RateLimitItemPerMinute

from webapp.chain.errors import RpcBusy, RpcError, RpcOverShare
from webapp.chain.node import Node
from webapp.chain.wallet_call import Answer, wallet_call
from webapp.network.clients import current_client
from webapp.network.deadline import within
from webapp.network.request_limits import RequestLimits
from webapp.protocol.address import Address

DEADLINE_S = 3.0
"""Less than a site waits for its gateway (`upstream/client.py`), which asks on its behalf."""
MOST_AT_ONCE = 4
"""Questions under way at the same time: a node that hangs must not hold every thread of the server."""
MOST_OF_CLIENT = 2
"""Those of one client, so that it does not hold all of them."""
OF_NETWORK, OF_APPLICATION = RateLimitItemPerMinute(12), RateLimitItemPerMinute(120)
"""Questions that one client may cause in a minute: to sign in is one, to authorise a device another."""


class Places:
    """Places for questions under way, so many for each name: whoever finds none is told at once.

    Safe to share between threads; what nobody holds takes no memory.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def take(self, name: str, otherwise: RpcError) -> Iterator[None]:
        """Hold one of a name's places in the block, or raise `otherwise` where none is free."""
        with self._lock:
            if self._taken[name] >= self._most:
                raise otherwise
            self._taken[name] += 1
        try:
            yield
        finally:
            with self._lock:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]


class ContractWallets:
    """The chains that may be asked, in the operator's order; no other host is ever asked anything.

    An address is one identity on all of them, so all have to agree, as far as its wallet stands there: where
    it has code and refuses, the signature is refused, whatever another chain says of it. A wallet that
    accepts as it would be deployed (ERC-6492) counts only where no chain has its code.

    What a contract says about off-chain data (EIP-3668) is a refusal like any other. Safe to share between
    threads.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        *,
        deadline_s: float = DEADLINE_S,
        most_at_once: int = MOST_AT_ONCE,
        limits: RequestLimits | None = None,
    ) -> None:
        """Take one node for each chain.

        One question may take `deadline_s`, however many chains it asks. Of `most_at_once` questions under
        way no more than half may be at one node, where there are several. Without `limits`, what each client
        causes is counted here.
        """
        self._nodes = {node.chain_id: node for node in nodes}
        self._deadline_s = deadline_s
        self._limits = limits or RequestLimits()
        self._places = Places(most_at_once)
        self._of_clients = Places(MOST_OF_CLIENT)
        self._at_nodes = Places(most_at_once if len(self._nodes) == 1 else most_at_once // 2)

    @classmethod
    def at(
        cls,
        urls: Iterable[tuple[int, str]],
        *,
        deadline_s: float = DEADLINE_S,
        allow_private: bool = False,
        limits: RequestLimits | None = None,
    ) -> Self:
        """Make them from chain ids and URLs of nodes; raises `UrlError` for what cannot be used."""
        nodes = [Node(chain_id, url, allow_private=allow_private) for chain_id, url in urls]
        return cls(nodes, deadline_s=deadline_s, limits=limits)

    @property
    def chain_ids(self) -> tuple[int, ...]:
        return tuple(self._nodes)

    def is_valid_signature(self, address: Address, digest: bytes, signature: bytes) -> bool:
        """Ask the chains whether the wallet at an address accepts a signature of the 32 bytes `digest`.

        The question counts as the current client's. False where a chain on which the wallet stands says no;
        True where it accepts on all of those, or stands on none and accepts on one as it would be deployed.
        Raises `RpcOverShare` where the client has to wait, and `RpcError` where a chain gave no answer and
        none said no.
        """
        data = wallet_call(address, digest, signature)
        if data is None:
            return False
        client = current_client()
        seconds = self._limits.spend(
            OF_APPLICATION if client.is_application else OF_NETWORK, "contract wallets", client.name
        )
        if seconds is not None:
            raise RpcOverShare("a client has asked too many questions", seconds)
        patience = math.ceil(self._deadline_s)
        with (
            self._of_clients.take(client.name, RpcOverShare("a client's questions are under way", patience)),
            self._places.take("", RpcBusy("as many questions as may be are under way")),
        ):
            return self._ask(data)

    def _ask(self, data: bytes) -> bool:
        answers: list[Answer] = []
        unknown: RpcError | None = None
        with within(self._deadline_s) as deadline:
            for waiting, node in zip(range(len(self._nodes), 0, -1), self._nodes.values(), strict=True):
                try:
                    busy = RpcBusy(f"chain {node.chain_id}: as many questions as may be are under way")
                    with self._at_nodes.take(str(node.chain_id), busy):
                        # Its share of what is left, so that a dead one leaves time for the next.
                        answer = node.ask(data, seconds=max(0.0, deadline.remaining()) / waiting)
                except RpcError as error:
                    unknown = unknown or error
                    continue
                if answer.stands and not answer.is_valid:
                    return False
                answers.append(answer)
        if unknown is not None:
            raise unknown
        return any(answer.is_valid for answer in answers)

    def close(self) -> None:
        for node in self._nodes.values():
            node.close()
