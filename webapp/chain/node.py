"""One Ethereum node: JSON-RPC over HTTP, of which exactly one method is used.

https://ethereum.org/en/developers/docs/apis/json-rpc/#eth_call
"""

import json
import re
import secrets
from collections.abc import Callable

import httpx

from webapp.chain.errors import RpcError, RpcMalformed, RpcTimeout, RpcUnreachable
from webapp.chain.wallet_call import CALLER, GAS, Answer, read_answer
from webapp.network.errors import DeadlineError, MalformedError, NetworkError, UnreachableError
from webapp.network.fetch import JsonEndpoint, Reply
from webapp.network.transport import network_transport
from webapp.protocol.strict_json import ANY_NUMBER, JsonError

MAX_BYTES = 16_384
"""Largest reply; the right one has some 300 bytes."""

_MEANING: dict[type[NetworkError], type[RpcError]] = {
    DeadlineError: RpcTimeout,
    UnreachableError: RpcUnreachable,
    MalformedError: RpcMalformed,
}
_DATA = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")


class Node:
    """A node of one chain. Safe to share between threads.

    Each question has an id that nobody can guess, so that an answer sent before it was asked, or to another
    one, is not taken for its own.
    """

    def __init__(
        self,
        chain_id: int,
        url: str,
        *,
        allow_private: bool,
        new_id: Callable[[], str] = secrets.token_urlsafe,
    ) -> None:
        """Take the URL of a node (https, or http on a loopback host), or raise a `UrlError`."""
        self.chain_id = chain_id
        self._endpoint = JsonEndpoint(
            url, network_transport(url, allow_private=allow_private), max_bytes=MAX_BYTES
        )
        self._new_id = new_id

    def ask(self, data: bytes, *, seconds: float) -> Answer:
        """Have a `wallet_call` computed on the newest block, within so many seconds for the whole exchange.

        Raises `RpcError` where no answer comes, or none that can be believed.
        """
        call = {"from": CALLER, "data": f"0x{data.hex()}", "gas": hex(GAS)}
        question = self._new_id()
        asked = {"jsonrpc": "2.0", "id": question, "method": "eth_call", "params": [call, "latest"]}
        try:
            reply = self._endpoint.post(json.dumps(asked).encode("ascii"), seconds=seconds)
        except NetworkError as error:
            raise _MEANING[type(error)](f"chain {self.chain_id}: {error}") from error
        answer = read_answer(self._read_result(reply, question))
        if answer is None:
            raise RpcMalformed(f"chain {self.chain_id}: the result is not what the call returns")
        if answer.chain_id != self.chain_id:
            raise RpcMalformed(f"chain {self.chain_id}: the node is one of chain {answer.chain_id}")
        return answer

    def close(self) -> None:
        self._endpoint.close()

    def _read_result(self, replied: Reply, question: str) -> bytes:
        status = replied.status
        if httpx.codes.is_server_error(status) or status == httpx.codes.TOO_MANY_REQUESTS:
            raise RpcUnreachable(f"chain {self.chain_id}: HTTP {status}")
        if status != httpx.codes.OK:
            raise RpcMalformed(f"chain {self.chain_id}: HTTP {status}")
        try:
            reply = ANY_NUMBER.read(replied.body)
        except JsonError as unread:
            raise RpcMalformed(f"chain {self.chain_id}: the reply: expected {unread.expected}") from None
        if not isinstance(reply, dict) or reply.get("id") != question:
            raise RpcMalformed(f"chain {self.chain_id}: the reply answers another request")
        error = reply.get("error")
        if error is not None:
            code = error.get("code") if isinstance(error, dict) else None
            told = code if isinstance(code, int) else "without a code"
            # The question is put so that no wallet can cause an error: it is the node's own.
            raise RpcMalformed(f"chain {self.chain_id}: the node's error {told}")
        result = reply.get("result")
        data = _DATA.fullmatch(result) if isinstance(result, str) else None
        if data is None:
            raise RpcMalformed(f"chain {self.chain_id}: the result is no data")
        return bytes.fromhex(data[1])
