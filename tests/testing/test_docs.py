"""docs/testing.md says all of what the kit has, and nothing else."""

import ast
import inspect
import re

import pytest

import countersign.testing
from countersign import pytest_plugin
from countersign.testing import CountersignServer, Wallet
from tests.support.places import ROOT

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
INNER = {"decode_text", "usual", "InstallWallet", "ServerNotReadyError", "StartCountersign", "WalletRequest"}
"""Named to be imported, and explained where they are."""
CONSTANTS = {"DISCONNECTED", "PENDING", "UNAUTHORIZED", "UNKNOWN_CHAIN", "UNSUPPORTED"}
"""Errors with a name, which whoever reads of `rpc_error` finds beside it."""


def test_every_name_that_can_be_imported_is_told_of() -> None:
    for name in {*countersign.testing.__all__} - INNER - CONSTANTS:
        assert re.search(rf"\b{name}\b", PAGE), name


@pytest.mark.parametrize("kind", [Wallet, CountersignServer])
def test_every_public_method_is_told_of(kind: type) -> None:
    for name, _ in inspect.getmembers(kind, inspect.isfunction):
        if not name.startswith("_") and (kind, name) != (Wallet, "answer"):
            assert f"{name}(" in PAGE, name


def test_every_fixture_and_every_method_that_is_answered_is_told_of() -> None:
    source = ast.parse(inspect.getsource(pytest_plugin))
    fixtures = {part.name for part in source.body if isinstance(part, ast.FunctionDef)}
    assert {name for name in re.findall(r"(?m)^\| `(\w+)` \|", PAGE) if name in fixtures} == fixtures
    [told] = re.findall(r"(?s)It answers (.*?), and the three\nof permissions", PAGE)
    methods = set(re.findall(r"`(\w+)`", told))
    permissions = {f"wallet_{what}Permissions" for what in ("request", "get", "revoke")}
    wallet = Wallet()
    assert {name for name in methods | permissions if wallet._known(name) is None} == set()
    known = set(re.findall(r'"(\w+)": (?:lambda _|self\.|_recover)', inspect.getsource(Wallet._known)))
    assert known == methods | permissions
