"""Profiles, as the operation log leaves them."""

from sqlalchemy import Connection, Table, bindparam, delete, func, insert, select, update

from webapp.protocol.handle_message import HandleMessage, HandleOperation


class ProfileProjection:
    """Carries claims, releases and texts into a table of profiles: the one in use, or one made anew.

    A profile has the position of its claim as its number, so that none is given twice; but where profiles
    that are older than the log have higher ones, the next that is free. Of an address's profiles the oldest
    stands for it.
    """

    def __init__(self, table: Table) -> None:
        this = table.c.handle == bindparam("of_handle")
        self._claim = insert(table)
        self._forget = delete(table).where(this)
        self._show = (
            update(table)
            .where(this)
            .values({name: bindparam(name) for name in ("display_name", "bio", "avatar")})
        )
        self._highest = select(func.max(table.c.profile_id))
        self._oldest = select(func.min(table.c.profile_id)).where(table.c.owner_address == bindparam("owner"))
        self._promote = update(table).where(table.c.profile_id == bindparam("number")).values(is_primary=True)

    def take(self, connection: Connection, message: HandleMessage, position: int, received_at: int) -> None:
        """Carry an entry of the log into the profiles.

        Args:
            connection: The right to write.
            message: The entry's message.
            position: The entry's position in the whole log.
            received_at: When it was received, in milliseconds since the Unix epoch.
        """
        owner = message.address.checksummed
        if message.operation is HandleOperation.RELEASE:
            connection.execute(self._forget, {"of_handle": message.handle})
            oldest = connection.scalar(self._oldest, {"owner": owner})
            connection.execute(self._promote, {"number": oldest})
        elif message.shown is not None:
            shown = message.shown
            texts = {"display_name": shown.display_name, "bio": shown.bio, "avatar": shown.avatar}
            connection.execute(self._show, {"of_handle": message.handle, **texts})
        else:
            highest = connection.scalar(self._highest) or 0
            is_first = connection.scalar(self._oldest, {"owner": owner}) is None
            connection.execute(
                self._claim,
                {
                    "handle": message.handle,
                    "profile_id": max(position, highest + 1),
                    "owner_address": owner,
                    "display_name": "",
                    "bio": "",
                    "avatar": "",
                    "metadata_location": "",
                    "is_primary": is_first,
                    "created_at": received_at,
                },
            )
