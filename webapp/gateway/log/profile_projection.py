"""Profiles, as the operation log leaves them."""

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from webapp.protocol.handle_message import HandleMessage, ProfileText
from webapp.protocol.projections import ProfileState, profiles_after


class ProfileProjection:
    """Carries entries of the log into a table of profiles: the one in use, or a rebuilt one."""

    def __init__(self, table: Table) -> None:
        this = table.c.handle == bindparam("of_handle")
        changed = ("display_name", "bio", "avatar", "is_primary")
        self._owned = (
            select(table).where(table.c.owner_address == bindparam("owner")).order_by(table.c.profile_id)
        )
        self._highest = select(func.max(table.c.profile_id))
        self._claim = insert(table)
        self._change = update(table).where(this).values({name: bindparam(name) for name in changed})
        self._forget = delete(table).where(this)

    def take(self, connection: Connection, message: HandleMessage, position: int, received_at: int) -> None:
        """Carry an entry into the profiles of the address that signed it.

        `position` is the entry's in the whole log; `received_at` is in milliseconds since the Unix epoch.
        """
        owner = message.address.checksummed
        before = {
            row.handle: ProfileState(
                row.handle,
                row.profile_id,
                ProfileText(row.display_name, row.bio, row.avatar),
                row.is_primary,
                row.created_at,
            )
            for row in connection.execute(self._owned, {"owner": owner})
        }
        highest = connection.scalar(self._highest) or 0
        after = profiles_after(tuple(before.values()), message, position, received_at, highest=highest)
        for handle in before.keys() - {profile.handle for profile in after}:
            connection.execute(self._forget, {"of_handle": handle})
        for profile in after:
            if before.get(profile.handle) == profile:
                continue
            values = {
                "display_name": profile.shown.display_name,
                "bio": profile.shown.bio,
                "avatar": profile.shown.avatar,
                "is_primary": profile.is_primary,
            }
            if profile.handle in before:
                connection.execute(self._change, {"of_handle": profile.handle, **values})
                continue
            new = {
                "handle": profile.handle,
                "profile_id": profile.number,
                "owner_address": owner,
                "metadata_location": "",
                "created_at": profile.created_at,
            }
            connection.execute(self._claim, {**new, **values})
