"""A real Ethereum node on loopback: Foundry's anvil, from npm."""

import itertools
import json
import os
import re
import shutil
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.places import ROOT

FROM_NPM = ROOT / "node_modules" / "@foundry-rs" / "anvil-linux-amd64" / "bin" / "anvil"
CHAIN_ID = 31_337
FACTORY = "0x4e59b44847b379578588920ca78fbf26c0b4956c"
"""Deploys what follows the first 32 bytes of its call data, those being the salt (CREATE2); anvil has it."""

_LISTENING = re.compile(r"Listening on 127\.0\.0\.1:([0-9]+)")


class Anvil:
    """A running node."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._salts = itertools.count(1)
        self._sender = self.ask("eth_accounts")[0]

    def reply(self, method: str, *parameters: object) -> dict[str, Any]:
        """The reply to one JSON-RPC request, errors and all."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}
        request = urllib.request.Request(
            self.url, json.dumps(asked).encode(), {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            reply: dict[str, Any] = json.load(response)
        return reply

    def ask(self, method: str, *parameters: object) -> Any:
        """The result of one JSON-RPC request."""
        reply = self.reply(method, *parameters)
        assert "error" not in reply, reply
        return reply["result"]

    def send(self, to: str, data: bytes) -> None:
        """Have a transaction mined; it must succeed."""
        transaction = {"from": self._sender, "to": to, "data": f"0x{data.hex()}", "gas": hex(5_000_000)}
        sent = self.ask("eth_sendTransaction", transaction)
        self.ask("evm_mine")
        receipt = self.ask("eth_getTransactionReceipt", sent)
        assert receipt["status"] == "0x1", receipt

    def code(self, address: str) -> str:
        code: str = self.ask("eth_getCode", address, "latest")
        return code

    def put(self, code: bytes) -> str:
        """Put a contract at an address of its own, without a transaction."""
        address = f"0x{0xC0DE << 64 | next(self._salts):040x}"
        self.ask("anvil_setCode", address, f"0x{code.hex()}")
        return address


@contextmanager
def running_anvil(folder: Path) -> Iterator[Anvil]:
    """Start a node on a free loopback port, with nothing else on its network; stop it afterwards."""
    program = str(FROM_NPM) if FROM_NPM.exists() else shutil.which("anvil")
    assert program, "anvil: expected from npm (Linux x64), or on the PATH (getfoundry.sh)"
    arguments = ["--host", "127.0.0.1", "--port", "0", "--chain-id", str(CHAIN_ID), "--no-mining"]
    environment = {"HOME": str(folder), "PATH": os.environ["PATH"]}
    with subprocess.Popen(
        [program, *arguments], stdout=subprocess.PIPE, text=True, env=environment, cwd=folder
    ) as process:
        try:
            assert process.stdout is not None
            found = next(filter(None, map(_LISTENING.search, process.stdout)), None)
            assert found, "anvil ended before it listened"
            # It writes a line for each request, and waits where nobody reads them.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield Anvil(int(found[1]))
        finally:
            process.kill()
