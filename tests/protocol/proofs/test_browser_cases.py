"""The file of cases by which the page's own check of proofs is held to that of `countersign verify`."""

from tests.support.protocol.proof_files import named, read_cases, said_of


def test_countersign_verify_says_what_the_shared_file_says() -> None:
    for case in read_cases():
        assert said_of(case.content) == case.said, case.name


def test_the_shared_file_has_every_case_and_every_verdict() -> None:
    """Signatures differ from one making to the next, so that the names are compared, and what is said."""
    said = {case.name: case.said for case in read_cases()}
    for name, content in named().items():
        assert said[name]["verdict"] == said_of(content)["verdict"], name
    assert {each["verdict"] for each in said.values()} == {"valid", "invalid", "needs-chain", "unreadable"}
