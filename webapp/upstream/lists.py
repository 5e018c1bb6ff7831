"""Pages of lists, read: what all of them have in common, and the rows of those of people."""

from collections.abc import Callable
from dataclasses import replace

from webapp.protocol.strict_json import ANY_NUMBER, JsonError
from webapp.upstream import fields
from webapp.upstream.errors import UpstreamMalformed
from webapp.upstream.fields import Members
from webapp.upstream.people import owner_of, someone
from webapp.upstream.replies import FollowRow, Listing, OwnProfile, PersonRow, RowT, Someone

LONGEST_PAGE = 100
"""How many rows a page of a list has at most."""
MOST_COUNTED = 1_000
"""How far a gateway counts a list whose length it does not keep (docs/contract.md, "Pages")."""


def read_list(value: object, row: Callable[[Members], RowT]) -> Listing[RowT]:
    """Read a page of the list that documents call `list`, of the object that has it."""
    return _page(fields.members(value, "holder of the list").get("list"), row)


def counted(listing: Listing[RowT]) -> Listing[RowT]:
    """Tell a list whose length is counted no further than `MOST_COUNTED` from one whose length is known."""
    return replace(listing, or_more=listing.total >= MOST_COUNTED)


def read_followers(value: object) -> Listing[FollowRow]:
    """Read who follows a profile, or may not: each an account, with its primary profile if it has any."""

    def row(node: Members) -> FollowRow:
        account = fields.inner(node, "account")
        shown = fields.optional(fields.inner, fields.inner(account, "wallet"), "primaryProfile")
        return _follow(node, someone(shown or {}, account))

    return read_list(value, row)


def read_followings(value: object) -> Listing[FollowRow]:
    """Read whom an address follows: each a handle, with its profile unless that is gone."""

    def row(node: Members) -> FollowRow:
        shown = fields.optional(fields.inner, node, "profile") or {}
        profile = {**shown, "handle": node.get("handle")}
        return _follow(node, someone(profile, shown.get("owner", {"address": ""})))

    return read_list(value, row)


def read_people(value: object) -> Listing[PersonRow]:
    """Read a page of the directory."""

    def row(node: Members) -> PersonRow:
        return PersonRow(owner_of(node), fields.integer(node, "followerCount"))

    return counted(_page(value, row))


def read_own_profiles(value: object) -> tuple[OwnProfile, ...]:
    """Read the profiles that an address holds; an address that the gateway does not know has none."""
    if value is None:
        return ()

    def row(node: Members) -> OwnProfile:
        named = fields.inner(node, "metadataInfo")
        shown = (fields.text(named, "displayName"), fields.text(named, "bio"), fields.text(node, "avatar"))
        return OwnProfile(fields.handle(node), not any(shown))

    return read_list(fields.members(value, "address").get("wallet"), row).rows


def _page(value: object, row: Callable[[Members], RowT]) -> Listing[RowT]:
    page = fields.members(value, "list")
    info = fields.inner(page, "pageInfo")
    edges = fields.array(page.get("edges"), "edges")
    if len(edges) > LONGEST_PAGE:
        raise UpstreamMalformed(f"edges: expected at most {LONGEST_PAGE}")
    return Listing(
        total=fields.integer(page, "totalCount"),
        rows=tuple(row(fields.inner(fields.members(edge, "edge"), "node")) for edge in edges),
        after=fields.text(info, "endCursor") if fields.truth(info, "hasNextPage") else None,
    )


def _follow(node: Members, who: Someone) -> FollowRow:
    proof = fields.inner(node, "proof")
    try:
        message = ANY_NUMBER.read(fields.text(proof, "content"))
        signed_at = fields.moment(fields.members(message, "message"), "ts")
    except (JsonError, UpstreamMalformed):
        signed_at = None  # its signer wrote it, and the page of its proof shows it as it is
    return FollowRow(who, signed_at, fields.digest(proof, "entryDigest"))
