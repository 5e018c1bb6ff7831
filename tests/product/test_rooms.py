"""Tests stand in the rooms of what they test; what they share is in `tests/support`; none imports another."""

import ast

import pytest

from tests.support.places import ROOT

TESTS = ROOT / "tests"
OF_THE_WHOLE = {"bench", "conformance", "e2e", "fuzzing", "product"}
SUPPORT = TESTS / "support"
OUTSIDE = [path for path in sorted(TESTS.rglob("*.py")) if not path.is_relative_to(SUPPORT)]


PACKAGES = ("webapp", "countersign")


def test_every_folder_of_tests_has_its_room() -> None:
    folders = {path.parent.relative_to(TESTS) for path in OUTSIDE if path.name.startswith("test_")}
    assert {
        str(folder)
        for folder in folders
        if not any((ROOT / package / folder).is_dir() for package in PACKAGES)
    } == OF_THE_WHOLE


def test_what_is_neither_a_test_nor_a_fixture_is_support() -> None:
    assert {path.name for path in OUTSIDE if not path.name.startswith("test_")} == {
        "__init__.py",
        "conftest.py",
    }
    for path in TESTS.rglob("conftest.py"):
        for part in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(part, ast.FunctionDef) and not part.name.startswith("pytest_"):
                assert any("fixture" in ast.unparse(mark) for mark in part.decorator_list), (path, part.name)
            assert not isinstance(part, ast.ClassDef), (path, part.name)


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_nothing_imports_a_test_or_a_conftest(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        for part in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            imported = [part.module or "."] if isinstance(part, ast.ImportFrom) else []
            imported += [name.name for name in part.names] if isinstance(part, ast.Import) else []
            for name in imported:
                assert not name.startswith((".", "tests")) or name.startswith("tests.support"), (path, name)
