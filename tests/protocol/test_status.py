import re
from enum import StrEnum

import pytest

from tests.support.places import ROOT
from tests.support.protocol.vectors import load
from webapp.protocol.status import HandleStatus, RegistrationStatus, SigningKeyStatus, Status

CONTRACT = ROOT / "docs" / "contract.md"

VECTORS = load("statuses.json")


def test_the_statuses_and_their_order_are_those_of_the_vectors() -> None:
    assert [{"status": status.value} for status in Status] == VECTORS["statuses"]
    registration = [{"status": status.value} for status in RegistrationStatus]
    assert registration == VECTORS["registrationStatuses"]
    assert [{"status": status.value} for status in HandleStatus] == VECTORS["handleStatuses"]


def test_the_order_is_the_one_that_the_contract_prints() -> None:
    contract = (
        "INVALID_ADDRESS HANDLE_NOT_FOUND INVALID_MESSAGE MESSAGE_EXPIRED INVALID_SIGNING_KEY"
        " EXPIRED_SIGNING_KEY INVALID_SIGNATURE ALREADY_DONE RATE_LIMITED SUCCESS"
    )
    assert [status.value for status in Status] == contract.split()
    assert all(status.name == status.value == str(status) for status in Status)
    registration = "INVALID_ADDRESS INVALID_MESSAGE INVALID_SIGNING_KEY INVALID_SIGNATURE SUCCESS"
    assert [status.value for status in RegistrationStatus] == registration.split()


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("## Statuses", Status),
        ("### Handles and profiles", HandleStatus),
        ("### Signing keys", SigningKeyStatus),
    ],
)
def test_the_tables_of_our_contract_have_the_same_order(heading: str, kind: type[StrEnum]) -> None:
    section = re.split(r"\n##", CONTRACT.read_text(encoding="utf-8").split(heading + "\n", 1)[1], maxsplit=1)[
        0
    ]
    rows = re.findall(r"^\| [0-9\u2013]+ \| (.+?) \|", section, flags=re.MULTILINE)
    assert re.findall(r"`([A-Z_]+)`", " ".join(rows)) == [status.value for status in kind]
