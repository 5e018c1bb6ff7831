"""`countersign api-key`: applications that may ask the gateway, and their keys."""

import argparse
from datetime import UTC, datetime

from webapp.applications.api_keys import ApiKeys, Application
from webapp.applications.errors import ApplicationError
from webapp.commands.environment import existing_database
from webapp.commands.errors import CommandError
from webapp.server.process.system_clock import system_clock


def add_arguments(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="create|list|revoke")
    create = verbs.add_parser("create", help="make a key and show it, once")
    create.add_argument("name", metavar="NAME", help="what the application is called")
    verbs.add_parser("list", help="list applications, the newest first; keys are not shown")
    revoke = verbs.add_parser("revoke", help="end a key, for good and at once")
    revoke.add_argument("id", metavar="ID", help="as `list` has it")
    parser.epilog = "Clients send their key as the header X-API-KEY."


def act(options: argparse.Namespace) -> int:
    with existing_database() as database:
        keys = ApiKeys(database, system_clock)
        if options.verb == "create":
            _create(keys, options.name)
        elif options.verb == "list":
            for application in keys.all():
                print(_as_text(application))
        else:
            revoked = keys.revoke(options.id)
            if revoked is None:
                raise CommandError(f"ID: expected one that `countersign api-key list` shows; {options.id!r}")
            print(_as_text(revoked))
    return 0


def _create(keys: ApiKeys, name: str) -> None:
    try:
        made = keys.create(name)
    except ApplicationError as error:
        raise CommandError(str(error)) from None
    print(f"ID       {made.application.id}")
    print(f"API key  {made.text}")
    print("It is kept nowhere in this form and will not be shown again.")


def _as_text(application: Application) -> str:
    state = "live" if application.revoked_at is None else f"revoked {_moment(application.revoked_at)}"
    return "  ".join(
        (
            application.id,
            f"{application.prefix}…",
            f"made {_moment(application.created_at)}",
            f"used {_moment(application.last_used_at)}",
            state,
            str(application.owner or "-"),
            application.name,
        )
    )


def _moment(ms: int | None) -> str:
    if ms is None:
        return "never"
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
