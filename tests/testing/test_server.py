"""The fixtures that start servers: as the plugin gives them, and what they say where there is none."""

import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from countersign.testing import CountersignServer, ServerNotReadyError
from tests.support.serving import FOUND, SHIYU

LIGHT = """
import sys, countersign.pytest_plugin
print({"countersign.testing", "playwright", "eth_account", "httpx", "webapp"} & {*sys.modules})
"""


def test_a_server_of_ones_own_whatever_stands_in_the_folder_of_the_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A project may have a `webapp`, and settings of the same names; when it stops, it is gone."""
    (tmp_path / "webapp").mkdir()
    (tmp_path / "webapp" / "__init__.py").write_text("raise SystemExit('another one')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("SIGNER_QUOTA", "none")
    with CountersignServer(LOG_FORMAT="json") as server:
        assert server.graphql_url == f"{server.url}/graphql"
        assert httpx.post(server.graphql_url, json={"query": SHIYU}, trust_env=False).json() == FOUND
        assert not server.follows("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266", "shiyu")
        with pytest.raises(ValueError, match="nothing_of_the_kind"):
            server.graphql("{ nothing_of_the_kind }")
        assert "Countersign" in server.log
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url, trust_env=False)
    server.stop()
    assert "Countersign" in server.log


def test_a_server_that_does_not_start_says_why() -> None:
    with pytest.raises(ServerNotReadyError, match="exit code 2\ncountersign: PORT: expected"):
        CountersignServer(PORT="x")


def test_the_plugin_costs_those_nothing_who_do_not_use_it() -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
