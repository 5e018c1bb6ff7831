"""`countersign run`: the site, with its gateway embedded unless `UPSTREAM_URL` names another."""

import argparse

from webapp.commands.environment import load_settings
from webapp.commands.ephemeral import add_option
from webapp.commands.serving import data_of, listening, prepare, serve, tell
from webapp.settings.environment import Serves

add_arguments = add_option


def act(options: argparse.Namespace) -> int:
    with data_of(options), listening(load_settings(Serves.SITE)) as (settings, listener):
        has_gateway = settings.upstream_url is None
        data = prepare(settings, has_gateway=has_gateway)
        origin = settings.origins[0]
        gateway = settings.shown("upstream_url") or f"embedded, {origin}/graphql"
        tell(options, listener, origin, {"Countersign": origin, "Gateway": gateway, "Data": data})
        serve("webapp.app:from_environment", settings, listener, has_gateway=has_gateway)
    return 0
