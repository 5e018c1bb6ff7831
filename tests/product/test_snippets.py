"""Every block of code in README and `docs/` is run by a test, or read by this one, and says which.

A block of shell, a program or a query says `run` or `linted` behind its language. `run` is believed where
RUN names the test; a block that says the file it is of is the same as that file, to the letter.
"""

import ast
import configparser
import importlib
import json
import re
import subprocess

import pytest
from graphql import build_schema, parse, validate

from tests.support.places import ROOT
from tests.support.snippets import Snippet, snippets, words_of
from webapp.docs.diagrams import as_list
from webapp.gateway.tables import metadata
from webapp.protocol.message import FollowMessage
from webapp.settings.environment import VARIABLES
from webapp.web.http.cross_origin import PUBLIC

ALL = tuple(snippets())
PROGRAMS = {"graphql", "html", "ini", "js", "python", "sh", "sql", "toml", "ts", "yaml"}
"""What is no sample of data: it has to say how it was tried."""

RUN = {
    ("README.md", "import CyberConnect"): "test_the_original_sdk_goes_as_the_quick_start_shows",
    ("README.md", "curl -s http"): "test_the_guide_example_is_an_invalid_message",
    ("docs/operating.md", "mkdir instance/set-aside"): "test_t63_a_restore_as_the_page_has_it",
    (
        "docs/proofs.md",
        "curl -sG",
    ): "test_a_stranger_gets_and_checks_the_proof_of_an_unfollow_as_the_page_says",
    ("docs/proofs.md", "get() {"): "test_the_heart_of_each_step_is_what_the_proof_says",
    ("docs/statuses.md", ".venv/bin/python docs/ex"): "test_the_script_earns_all_ten_statuses",
    ("docs/statuses.md", "curl -s http"): "test_the_guide_example_is_an_invalid_message",
}
"""By text and how the block begins: the test that runs it."""

FILES = {
    "examples/client.mjs": "test_a_client_in_node_registers_follows_and_unfollows",
    "examples/original-sdk.js": "test_the_original_sdk_goes_as_the_quick_start_shows",
    "examples/quick-start.sh": "test_the_quick_start_in_a_shell_signs_what_it_sends",
    "examples/quick-start.ts": "test_the_quick_starts_go_all_the_way",
    "examples/quick_start.py": "test_the_quick_starts_go_all_the_way",
}
"""Whole files that a text shows, and the test that runs each."""

TESTS = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
KNOWN = frozenset(VARIABLES)
OTHERS = {"BENCH", "DOMAIN", "CHROMIUM_PATH", "PGPASSFILE", "TEST_DATABASE", "UPGRADE"}
COMMANDS = {path.stem.replace("_", "-") for path in (ROOT / "webapp" / "commands").glob("*.py")}
BEFORE_A_COMMAND = {"sudo", "env", "docker", "compose", "exec", "gateway"}
TARGETS = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def of(*languages: str) -> list[Snippet]:
    return [snippet for snippet in ALL if snippet.fence.language in languages]


def test_every_block_is_of_a_kind_that_is_tried_here() -> None:
    kinds = {"console", "json", "mermaid", "text", "", *PROGRAMS}
    assert [str(snippet) for snippet in ALL if snippet.fence.language not in kinds] == []
    for snippet in ALL:
        says = snippet.fence.treatment != ""
        assert says == (snippet.fence.language in PROGRAMS), f"{snippet}: expected `run` or `linted`"


def test_what_says_that_it_is_run_is_run() -> None:
    seen = set()
    for snippet in ALL:
        if snippet.fence.treatment != "run":
            continue
        if snippet.fence.file:
            assert snippet.fence.file in FILES, snippet
            seen.add(snippet.fence.file)
            continue
        [(text, begins)] = [key for key in RUN if key[0] == snippet.text and snippet.code.startswith(key[1])]
        seen.add(f"{text} {begins}")
    assert seen == {*FILES, *(f"{text} {begins}" for text, begins in RUN)}
    for name in {*RUN.values(), *FILES.values()}:
        assert f"def {name}(" in TESTS, name


def test_a_block_of_a_file_is_that_file() -> None:
    for snippet in ALL:
        if snippet.fence.file:
            assert snippet.code == (ROOT / "docs" / snippet.fence.file).read_text(encoding="utf-8"), snippet
    [readme] = [snippet for snippet in of("js") if snippet.text == "README.md"]
    assert readme.code == (ROOT / "docs" / "examples" / "original-sdk.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("snippet", of("sh"), ids=str)
def test_shell_can_be_read_and_names_what_is_there(snippet: Snippet) -> None:
    """Its grammar by a shell; our commands, targets, settings and files by what the project has."""
    read = subprocess.run(["sh", "-n"], input=snippet.code, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr
    for words in words_of(snippet.code):
        for place, (word, after) in enumerate(zip(words, [*words[1:], ""], strict=True)):
            setting = re.match(r"([A-Z][A-Z_]{3,})=", word)
            if setting and "$" not in word:
                assert setting[1] in KNOWN | OTHERS, f"{setting[1]} is no setting"
            if word == "make" and after:
                assert after in TARGETS, f"make {after}"
            starts = all("=" in before or before in BEFORE_A_COMMAND for before in words[:place])
            if starts and re.fullmatch(r"(?:\S*/bin/)?countersign", word) and re.fullmatch(r"[a-z-]+", after):
                assert after in COMMANDS, f"countersign {after}"
            named = word.strip("'\"@").removeprefix("@")
            if re.fullmatch(r"(?:deploy|docs|requirements|tests)/[\w./@-]+", named):
                assert (ROOT / named).exists(), named


@pytest.mark.parametrize("snippet", [one for one in of("python") if not one.fence.file], ids=str)
def test_python_can_be_read_and_imports_what_is_there(snippet: Snippet) -> None:
    for part in ast.walk(ast.parse(snippet.code)):
        if isinstance(part, ast.ImportFrom):
            there = importlib.import_module(part.module or "")
            assert [name.name for name in part.names if not hasattr(there, name.name)] == [], snippet


@pytest.mark.parametrize("snippet", [one for one in of("js", "ts") if not one.fence.file], ids=str)
def test_javascript_can_be_read(snippet: Snippet) -> None:
    esbuild = ROOT / "node_modules" / ".bin" / "esbuild"
    loader = f"--loader={snippet.fence.language}"
    read = subprocess.run([esbuild, loader], input=snippet.code, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stderr


@pytest.mark.parametrize("snippet", of("html"), ids=str)
def test_html_loads_what_the_site_serves(snippet: Snippet) -> None:
    """What a page of somebody else's is told to write: each address is one that a site has."""
    addresses = re.findall(r'(?:src|href)="https://follow\.example\.org([^"]*)"', snippet.code)
    assert addresses
    assert set(addresses) <= {*PUBLIC, "/@shiyu", "/?handle=shiyu"}


def test_json_is_json_and_messages_are_messages() -> None:
    found = of("json")
    assert found
    for snippet in found:
        data = json.loads(snippet.code)
        message = data.get("message") or (snippet.code.strip() if data.get("op") == "follow" else None)
        if message:
            assert FollowMessage.parse(message).handle == "shiyu", snippet


def test_diagrams_are_drawn() -> None:
    found = of("mermaid")
    assert found
    for snippet in found:
        assert as_list(snippet.code), snippet


def test_queries_are_of_the_schema() -> None:
    file = ROOT / "webapp" / "gateway" / "schema" / "schema.graphql"
    schema = build_schema(file.read_text(encoding="utf-8"))
    for snippet in of("graphql"):
        assert validate(schema, parse(snippet.code)) == [], snippet


def test_a_unit_is_read_as_one() -> None:
    for snippet in of("ini"):
        reader = configparser.ConfigParser(interpolation=None, strict=False)
        reader.optionxform = str  # type: ignore[assignment,method-assign]  # as systemd has them
        reader.read_string(snippet.code)
        assert set(reader.sections()) <= {"Unit", "Service", "Install"}, snippet


def test_sql_names_our_tables() -> None:
    """No Citus is at hand to run it: each table that is named exists, with the column it is spread by."""
    for snippet in of("sql"):
        assert snippet.fence.treatment == "linted", snippet
        statements = [part for part in re.sub(r"--.*", "", snippet.code).split(";") if part.strip()]
        assert all(part.strip().startswith(("SET ", "SELECT ")) for part in statements)
        tables = set(re.findall(r"'(\w+)'", snippet.code)) - {"address", "handle"}
        assert tables
        assert tables <= set(metadata.tables), snippet
