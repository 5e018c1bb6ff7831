"""Replies that say who somebody is, read: profiles, the accounts that they belong to, and signing keys."""

import re
from collections.abc import Iterator

from webapp.upstream import fields
from webapp.upstream.fields import Members
from webapp.upstream.replies import Profile, ProfilePage, SigningKeyRecord, Someone

_PICTURE = re.compile(r"https://|data:image/")


def read_profile(value: object) -> Profile:
    """Read a profile; `metadataInfo` and `isFollowedByMe` may be missing."""
    profile = fields.members(value, "profile")
    who = owner_of(profile)
    shown = fields.optional(fields.inner, profile, "metadataInfo")
    bio = "" if shown is None else fields.text({"bio": "", **shown}, "bio")
    return ProfilePage(who, bio, fields.integer(profile, "followerCount"), None).as_profile()


def read_profiles(value: object) -> tuple[Profile, ...]:
    return tuple(read_profile(one) for one in fields.array(value, "profiles"))


def read_profile_page(value: object) -> ProfilePage:
    """Read what a profile's page begins with."""
    profile = fields.members(value, "profile")
    return ProfilePage(
        who=owner_of(profile),
        bio=fields.text(fields.inner(profile, "about"), "bio"),
        follower_count=fields.integer(profile, "followerCount"),
        following_count=fields.integer(fields.inner(profile, "owner"), "followingCount"),
    )


def read_known_profiles(value: object) -> tuple[Someone, ...]:
    """Read those profiles of a list that there are."""
    return tuple(map(owner_of, _known(value)))


def read_follower_counts(value: object) -> dict[str, int]:
    """Read how many followers those profiles of a list have that there are, by handle."""
    return {fields.handle(each): fields.integer(each, "followerCount") for each in _known(value)}


def read_primary_handles(value: object) -> dict[str, str]:
    """Read the primary profiles' handles, by address in EIP-55 spelling; who has none is left out."""
    accounts = [fields.members(one, "address") for one in fields.array(value, "addresses")]
    shown = [(each, fields.inner(each, "wallet").get("primaryProfile")) for each in accounts]
    return {
        fields.text(each, "address"): fields.handle(fields.members(profile, "primaryProfile"))
        for each, profile in shown
        if profile is not None
    }


def read_signing_keys(value: object) -> tuple[SigningKeyRecord, ...]:
    """Read the `signingKeys` of an address; an address that the gateway does not know has none."""
    if value is None:
        return ()
    keys = fields.array(fields.members(value, "address").get("signingKeys"), "signingKeys")
    return tuple(_signing_key(fields.members(one, "signing key")) for one in keys)


def owner_of(profile: Members) -> Someone:
    """Read who holds a profile."""
    return someone(profile, profile.get("owner"))


def someone(profile: Members, account: object) -> Someone:
    """Read somebody of a profile, empty where there is none, and the account that it belongs to."""
    owner = fields.members(account, "owner")
    handle = fields.handle(profile) if profile else ""
    named = fields.optional(fields.inner, profile, "metadataInfo")
    display_name = "" if named is None else fields.text(named, "displayName")
    avatar = fields.optional(fields.text, profile, "avatar") or ""
    return Someone(
        address=fields.text(owner, "address"),
        handle=handle,
        display_name=display_name or handle,
        avatar=avatar if _PICTURE.match(avatar) else "",
        is_followed_by_me=fields.truth(profile, "isFollowedByMe"),
        follows_me=fields.truth(owner, "followsHandleOf"),
    )


def _known(value: object) -> Iterator[Members]:
    return (fields.members(one, "profile") for one in fields.array(value, "profiles") if one is not None)


def _signing_key(key: Members) -> SigningKeyRecord:
    return SigningKeyRecord(
        signing_key=fields.text(key, "signingKey"),
        fingerprint=fields.text(key, "fingerprint"),
        name=fields.text(key, "name"),
        entity=fields.text(key, "entity"),
        registered_at=fields.moment(key, "registeredAt"),
        expires_at=fields.moment(key, "expiresAt"),
        revoked_at=fields.optional(fields.moment, key, "revokedAt"),
        last_used_at=fields.optional(fields.moment, key, "lastUsedAt"),
    )
