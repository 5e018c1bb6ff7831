"""Everything about one's own address in one archive, `/activity/takeout.zip`.

It holds what is public anyway (operations with their proofs, keys), and what this site alone knows of the
address: where it is signed in, and its API keys, without the secrets. So the wallet must have signed lately.
"""

import json
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from flask import Blueprint, Response
from limits import RateLimitItemPerHour

from webapp.protocol.address import Address
from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamMalformed, UpstreamRefusal
from webapp.web.account.applications import application_json
from webapp.web.account.devices import key_json
from webapp.web.account.login import claimed_account, require_vouched, session_rows
from webapp.web.context import site
from webapp.web.http.network_shares import Share
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.signed_in import require_active_address

bp = Blueprint("takeout", __name__)

TAKE_OUTS = Share("archives taken out", RateLimitItemPerHour(30))
"""Each reads a whole log, a hundred entries at a time."""

OPERATIONS = "operations.jsonl"
_IN_MEMORY = 4 * 1024 * 1024
_PAGE = PageOf(100)
_MOST_BYTES = 256 * 1024 * 1024
_LONGEST_MS = 120_000
"""A gateway whose pages never end is not listened to for ever."""

_README = """\
What this site and its gateway know of {address}, taken out on {when}.

operations.jsonl   everything that was signed and accepted, with proofs, as `countersign export` writes it
keys.json          signing keys, with the names that they were given
sessions.json      browsers that are signed in to this site
applications.json  API keys, without their secrets

`countersign verify` checks operations.jsonl, in this archive as it is. Nothing proves the other files.
"""


@bp.post("/api/takeout")
def may_take_out() -> dict[str, Any]:
    """Say whether the archive may be had now: its address's wallet has to have signed in here lately."""
    require_vouched(claimed_account())
    return {}


@bp.get("/activity/takeout.zip")
def takeout() -> Response:
    """The archive itself."""
    address = require_active_address()
    require_vouched(address)
    site().shares.take(TAKE_OUTS)
    with ExitStack() as unsent:
        archive: IO[bytes] = unsent.enter_context(SpooledTemporaryFile(_IN_MEMORY))
        try:
            _write(archive, address)
        except UpstreamRefusal:
            raise Problem(Kind.NOT_FOUND, "The gateway behind this site shows no logs.") from None
        unsent.pop_all()  # closed when it has been sent
    length = archive.tell()
    archive.seek(0)
    headers = {
        "content-disposition": f'attachment; filename="countersign-{address.lower[:10]}.zip"',
        "content-length": str(length),
    }
    return Response(_chunks(archive), headers=headers, mimetype="application/zip")


def _write(archive: IO[bytes], address: Address) -> None:
    now = datetime.fromtimestamp(site().clock() / 1000, UTC)
    keys = site().api_keys
    applications = [] if keys is None else [application_json(each) for each in keys.of_owner(address)[0]]
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("README.txt", _README.format(address=address, when=f"{now:%Y-%m-%d %H:%M} UTC"))
        with zipped.open(OPERATIONS, "w", force_zip64=True) as member:
            for keys_logged in (False, True):
                for line in _oldest_first(address, keys=keys_logged):
                    member.write(line)
        for name, value in (
            ("keys.json", [key_json(key) for key in site().upstream.signing_keys(address) or ()]),
            ("sessions.json", session_rows(address)),
            ("applications.json", applications),
        ):
            zipped.writestr(name, json.dumps(value, ensure_ascii=True, indent=2) + "\n")


def _oldest_first(address: Address, *, keys: bool) -> Iterator[bytes]:
    """The lines of a log, which comes newest first; it need not fit into memory."""
    page = _PAGE
    lengths: list[int] = []
    with SpooledTemporaryFile(_IN_MEMORY) as spool:
        began, size = site().clock(), 0
        while size <= _MOST_BYTES and site().clock() - began <= _LONGEST_MS:
            found = site().upstream.whole_log(str(address), page, keys=keys)
            for row in found.rows:
                line = json.dumps(row.as_line(), ensure_ascii=True, separators=(",", ":"))
                lengths.append(spool.write(line.encode("ascii") + b"\n"))
                size += lengths[-1]
            if found.after is None:
                break
            page = PageOf(_PAGE.first, found.after)
        else:
            raise UpstreamMalformed("a log without an end")
        at = size
        for length in reversed(lengths):
            at -= length
            spool.seek(at)
            yield spool.read(length)


def _chunks(archive: IO[bytes]) -> Iterator[bytes]:
    with archive:
        while chunk := archive.read(65_536):
            yield chunk
