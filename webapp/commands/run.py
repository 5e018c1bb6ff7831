"""`countersign run`: the site, with its gateway embedded unless `UPSTREAM_URL` names another."""

import argparse

from webapp.commands.environment import load_settings
from webapp.commands.listening import listen
from webapp.commands.serving import prepare, serve
from webapp.settings.environment import Serves


def act(_: argparse.Namespace) -> int:
    settings = load_settings(Serves.SITE)
    has_gateway = settings.upstream_url is None
    with listen(settings.host, settings.port) as listener:
        data = prepare(settings, has_gateway=has_gateway)
        origin = settings.origins[0]
        print(f"Countersign   {origin}")
        print(f"Gateway       {settings.shown('upstream_url') or f'embedded, {origin}/graphql'}")
        print(f"Data          {data}", flush=True)
        serve("webapp.app:from_environment", settings, listener, has_gateway=has_gateway)
    return 0
