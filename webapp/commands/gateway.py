"""`countersign gateway`: the gateway alone, for its API's clients and for sites that name it upstream."""

import argparse

from webapp.commands.environment import load_settings
from webapp.commands.ephemeral import add_option
from webapp.commands.serving import data_of, listening, prepare, serve, tell
from webapp.settings.environment import Serves

add_arguments = add_option


def act(options: argparse.Namespace) -> int:
    with data_of(options), listening(load_settings(Serves.GATEWAY)) as (settings, listener):
        data = prepare(settings, has_gateway=True)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        url = f"http://{host}:{settings.port}"
        tell(options, listener, url, {"Gateway": f"{url}/graphql", "Data": data})
        serve("webapp.gateway_app:from_environment", settings, listener, has_gateway=True)
    return 0
