"""`countersign gateway`: the gateway alone, for its API's clients and for sites that name it upstream."""

import argparse

from webapp.commands.environment import load_settings
from webapp.commands.listening import listen
from webapp.commands.serving import prepare, serve
from webapp.settings.environment import Serves


def act(_: argparse.Namespace) -> int:
    settings = load_settings(Serves.GATEWAY)
    with listen(settings.host, settings.port) as listener:
        data = prepare(settings, has_gateway=True)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        print(f"Gateway       http://{host}:{settings.port}/graphql")
        print(f"Data          {data}", flush=True)
        serve("webapp.gateway_app:from_environment", settings, listener, has_gateway=True)
    return 0
