"""What libraries do anew for each test and what comes out the same, done once in a process."""

from collections.abc import Callable
from ssl import SSLContext
from typing import Any

import httpx
from httpx._transports import default
from werkzeug.routing import Rule

Built = Callable[..., tuple[str, str]]


def do_once() -> None:
    """Have them keep it."""
    _compile_rules_once()
    _read_certificates_once()


def _compile_rules_once() -> None:
    """To compile the functions that build URLs is most of what a site takes to be put together.

    Such a function knows its rule by its text and its defaults, and is handed all else when it is called.
    """
    kept: dict[tuple[object, ...], Built] = {}
    compile_one = Rule._compile_builder

    def compiled(rule: Rule, append_unknown: bool = True) -> Built:
        defaults = tuple(sorted((rule.defaults or {}).items()))
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, defaults, append_unknown)
        if key not in kept:
            kept[key] = compile_one(rule, append_unknown)
        return kept[key]

    setattr(Rule, "_compile_builder", compiled)  # noqa: B010 (types have methods alone there)


def _read_certificates_once() -> None:
    """Every client that says nothing else believes the same authorities, most of them without asking any."""
    usual = httpx.create_ssl_context(trust_env=False)

    def context(verify: Any = True, cert: Any = None, trust_env: bool = True) -> SSLContext:
        if verify is True and cert is None and not trust_env:
            return usual
        return httpx.create_ssl_context(verify=verify, cert=cert, trust_env=trust_env)

    setattr(default, "create_ssl_context", context)  # noqa: B010 (types do not know that it is there)
