"""One Ethereum node: JSON-RPC over HTTP, of which exactly one method is used.

https://ethereum.org/en/developers/docs/apis/json-rpc/#eth_call
"""

import json
import re
from typing import Self

import httpx

from webapp.chain.errors import RpcMalformed, RpcRefusal, RpcTimeout, RpcUnreachable
from webapp.chain.wallet_call import CALLER, GAS, read_answer
from webapp.network.errors import DeadlineError, MalformedError, UnreachableError
from webapp.network.fetch import fetch, open_client
from webapp.network.transport import network_transport
from webapp.protocol.strict_json import ANY_NUMBER, JsonError

MAX_BYTES = 16_384
"""Largest reply; the right one has some 200 bytes."""

_ID = 1
_DATA = re.compile(r"0x((?:[0-9a-fA-F]{2})*)")


class Node:
    """A node of one chain. Safe to share between threads."""

    def __init__(self, chain_id: int, url: str, transport: httpx.BaseTransport) -> None:
        self.chain_id = chain_id
        self._url = httpx.URL(url)
        self._http = open_client(transport)

    @classmethod
    def at(cls, chain_id: int, url: str, *, allow_private: bool) -> Self:
        """Make the node that a URL names: https, or http on a loopback host.

        Raises:
            UrlError: Nothing may be sent to this URL.
        """
        return cls(chain_id, url, network_transport(url, allow_private=allow_private))

    def vouches(self, data: bytes, *, seconds: float) -> bool:
        """Have a `wallet_call` computed on the newest block.

        Args:
            data: The call's data.
            seconds: For the whole exchange.

        Raises:
            RpcError: No answer, or none that can be believed.
        """
        call = {"from": CALLER, "data": f"0x{data.hex()}", "gas": hex(GAS)}
        asked = {"jsonrpc": "2.0", "id": _ID, "method": "eth_call", "params": [call, "latest"]}
        request = self._http.build_request(
            "POST", self._url, content=json.dumps(asked).encode("ascii"), timeout=seconds
        )
        try:
            response, body = fetch(self._http, request, seconds=seconds, max_bytes=MAX_BYTES)
        except DeadlineError as error:
            raise RpcTimeout(f"chain {self.chain_id}: {error}") from error
        except UnreachableError as error:
            raise RpcUnreachable(f"chain {self.chain_id}: {error}") from error
        except MalformedError as error:
            raise RpcMalformed(f"chain {self.chain_id}: {error}") from error
        self._check_status(response)
        answer = read_answer(self._read_result(body))
        if answer is None:
            raise RpcMalformed(f"chain {self.chain_id}: the result is not what the call returns")
        vouches, chain_id = answer
        if chain_id != self.chain_id:
            raise RpcMalformed(f"chain {self.chain_id}: the node is one of chain {chain_id}")
        return vouches

    def close(self) -> None:
        """Close the kept connections."""
        self._http.close()

    def _check_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if response.is_server_error or status == httpx.codes.TOO_MANY_REQUESTS:
            raise RpcUnreachable(f"chain {self.chain_id}: HTTP {status}")
        if status != httpx.codes.OK:
            raise RpcMalformed(f"chain {self.chain_id}: HTTP {status}")

    def _read_result(self, body: bytes) -> bytes:
        try:
            reply = ANY_NUMBER.read(body)
        except JsonError as unread:
            raise RpcMalformed(f"chain {self.chain_id}: the reply: expected {unread.expected}") from None
        if not isinstance(reply, dict) or reply.get("id") != _ID:
            raise RpcMalformed(f"chain {self.chain_id}: the reply answers another request")
        error = reply.get("error")
        if error is not None:
            code = error.get("code") if isinstance(error, dict) else None
            told = code if isinstance(code, int) else "without a code"
            raise RpcRefusal(f"chain {self.chain_id}: the node's error {told}")
        result = reply.get("result")
        data = _DATA.fullmatch(result) if isinstance(result, str) else None
        if data is None:
            raise RpcMalformed(f"chain {self.chain_id}: the result is no data")
        return bytes.fromhex(data[1])
