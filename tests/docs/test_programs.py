"""Programs to try are whole, are what their names say, and name the gateway that they are for."""

from tests.support.places import ROOT
from webapp.docs.library import Library
from webapp.docs.programs import FOLDER, STATUSES
from webapp.protocol.status import Status

DOCS = ROOT / "docs"
ENDPOINT = "https://graph.example/graphql"


def test_there_is_one_for_the_whole_way_for_each_status_and_for_the_original_sdk() -> None:
    assert tuple(Status) == STATUSES
    programs = Library(DOCS, ENDPOINT).programs
    assert [program.name for program in programs] == ["follow", *Status, "original-sdk"]
    files = {path.stem for path in (DOCS / FOLDER).iterdir()}
    assert files == {"begin", *(program.name for program in programs)}
    for program in programs:
        assert program.code.count(ENDPOINT) == 1
        assert "127.0.0.1" not in program.code
        assert program.code.startswith("// ")
        assert max(map(len, program.code.splitlines())) <= 84
        if program.name in STATUSES:
            assert program.code.startswith(f"// {program.name}: ")


def test_without_a_gateway_beside_the_site_they_name_one_s_own() -> None:
    for program in Library(DOCS).programs:
        assert 'const endpoint = "http://127.0.0.1:8000/graphql";' in program.code


def test_the_whole_way_can_be_read_at_one_sitting() -> None:
    assert len(Library(DOCS).programs[0].code.splitlines()) <= 80
