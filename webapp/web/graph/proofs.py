"""Proofs: one by its digest, as a page and as a file, and a place to have any other checked.

Nothing is verified here: the visitor's own browser does that, from what the page holds.
"""

import json
import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirection

from webapp.protocol.address import Address
from webapp.protocol.errors import AddressError
from webapp.upstream.client import PageOf
from webapp.upstream.errors import UpstreamRefusal
from webapp.upstream.replies import LoggedOperation
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.profiles import handle_of
from webapp.web.http.network_shares import LOOKUPS
from webapp.web.http.problems import FieldError, Kind, Problem
from webapp.web.rendering.operation_words import SENTENCE

bp = Blueprint("proofs", __name__, url_prefix="/proofs")

_DIGEST = re.compile(r"[0-9a-f]{64}")
_LACKING = "The gateway behind this site finds no proof by its digest: it lacks that extension."


@bp.get("")
def page() -> str:
    """A place to drop, choose or paste whatever is to be checked."""
    return render_template("proof.html", bootstrap=_bootstrap(), found=None)


@bp.get("/<digest>")
def proof(digest: str) -> str:
    """The note of one proof, which the browser checks."""
    found = _found(digest)
    return render_template(
        "proof.html",
        bootstrap=_bootstrap(),
        found=found,
        line=json.dumps(found.as_file(), ensure_ascii=True, separators=(",", ":")),
    )


@bp.get("/<digest>.json")
def download(digest: str) -> Response:
    """The same proof as a file, which `countersign verify` reads."""
    text = json.dumps(_found(digest).as_file(), ensure_ascii=True, indent=2)
    named = {"content-disposition": f'attachment; filename="proof-{digest[:16]}.json"'}
    return Response(text + "\n", mimetype="application/json", headers=named)


@bp.get("/newest")
def newest() -> Redirection:
    """Lead to the proof of the last thing that `?address=` did with `?handle=`."""
    try:
        address = Address.parse(request.args.get("address", ""))
    except AddressError as error:
        fault = FieldError("address", error.expected)
        raise Problem(Kind.INVALID_REQUEST, f"address: expected {error.expected}.", errors=(fault,)) from None
    handle = handle_of("handle", request.args.get("handle"))
    site().shares.take(LOOKUPS)
    try:
        found = site().upstream.operations(str(address), handle, PageOf(1))
    except UpstreamRefusal:
        raise Problem(Kind.NOT_FOUND, _LACKING) from None
    if not found.rows:
        raise Problem(Kind.NOT_FOUND, f"This address has done nothing with @{handle} yet.")
    return redirect(url_for("proofs.proof", digest=found.rows[0].entry_digest))


def _bootstrap() -> dict[str, Any]:
    return {**bootstrap(None), "operationWords": SENTENCE}


def _found(digest: str) -> LoggedOperation:
    if not _DIGEST.fullmatch(digest):
        raise Problem(Kind.NOT_FOUND, "A proof goes by the digest of its log entry: 64 hex digits.")
    site().shares.take(LOOKUPS)
    try:
        found = site().upstream.proof(digest)
    except UpstreamRefusal:
        raise Problem(Kind.NOT_FOUND, _LACKING) from None
    if found is None:
        raise Problem(Kind.NOT_FOUND, "No log of this gateway has an entry with this digest.")
    return found
