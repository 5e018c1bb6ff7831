"""The site's factory."""

import secrets
from collections.abc import Callable

from flask import Flask, request
from jinja2 import StrictUndefined

from webapp.applications.api_keys import ApiKeys
from webapp.chain.contract_wallets import ContractWallets
from webapp.network.request_bodies import MAX_BODY
from webapp.network.request_limits import RequestLimits
from webapp.protocol.clock import Clock
from webapp.server.record.request_line import RequestIds, identified
from webapp.server.static_files import Assets, SiteFolders
from webapp.siwe.nonces import Nonces
from webapp.storage.database import Database
from webapp.upstream.client import UpstreamClient
from webapp.web import assets
from webapp.web.account import applications, devices, login, takeout
from webapp.web.config import SiteConfig
from webapp.web.context import EXTENSION, SiteContext
from webapp.web.embedding import button, window
from webapp.web.graph import activity, connections, following, handles, people, person, profiles, proofs
from webapp.web.http.error_handlers import install_error_handlers
from webapp.web.http.headers import with_headers
from webapp.web.http.network_shares import NetworkShares
from webapp.web.http.origins import Origins
from webapp.web.learning import docs, lab, sandbox, trying
from webapp.web.rendering.operation_words import log_words
from webapp.web.rendering.shelf import Shelf
from webapp.web.rendering.theme import chosen_theme
from webapp.web.rendering.times import moment
from webapp.web.sessions.challenges import Challenges
from webapp.web.sessions.cookie import BrowserSessions, browser_session
from webapp.web.sessions.csrf import SAFE_METHODS, refuse_cross_site
from webapp.web.sessions.signed_in import install_sessions
from webapp.web.sessions.store import SessionStore

_BLUEPRINTS = (
    assets.bp,
    login.bp,
    devices.bp,
    devices.page_bp,
    applications.bp,
    takeout.bp,
    people.bp,
    person.bp,
    following.bp,
    activity.bp,
    proofs.bp,
    handles.bp,
    connections.bp,
    profiles.bp,
    button.bp,
    window.bp,
    sandbox.bp,
    lab.bp,
    docs.bp,
    trying.bp,
)
_WITHOUT_SESSION = frozenset({assets.bp.name, docs.bp.name, button.bp.name, trying.bp.name})
"""Blueprints whose answers are the same for everybody."""


def create_site(
    config: SiteConfig,
    database: Database,
    upstream: UpstreamClient,
    clock: Clock,
    token: Callable[[int], str] = secrets.token_urlsafe,
    *,
    contract_wallets: ContractWallets | None = None,
    api_keys: ApiKeys | None = None,
    shares: NetworkShares | None = None,
) -> Flask:
    """Put a site together.

    Args:
        config: The operator's choices.
        database: Migrated to the newest revision.
        upstream: The client of the gateway that follows are handed to.
        clock: Milliseconds since the Unix epoch.
        token: Makes unguessable URL-safe text out of so many random bytes.
        contract_wallets: The chains whose contract wallets may sign in; None: no contract may.
        api_keys: Those of the gateway beside the site; None where it is elsewhere, with
            a database of its own: then there is no page for them.
        shares: What each network may have; None: counted in this process, and no proxy is believed.
    """
    folders = SiteFolders.locate()
    app = Flask("webapp.web", static_folder=None, template_folder=str(folders.templates))
    # One more than is read: a body without a length is cut off here in silence, and must show that it was.
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY + 1
    app.url_map.merge_slashes = False  # a path is what it is: nothing is redirected to a repaired one
    app.jinja_env.undefined = StrictUndefined
    sessions = SessionStore(database, clock, token, config.session_lifetime_ms)
    context = SiteContext(
        config=config,
        clock=clock,
        upstream=upstream,
        origins=Origins.of(config.origins),
        sessions=sessions,
        challenges=Challenges(Nonces(database), clock, token, config.nonce_lifetime_ms),
        assets=Assets.load(folders.static),
        shelf=Shelf(folders.docs, config.graphql_url),
        shares=shares or NetworkShares(RequestLimits(), 0),
        contract_wallets=contract_wallets,
        api_keys=api_keys,
    )
    app.extensions[EXTENSION] = context
    app.context_processor(lambda: {"theme": chosen_theme(request.cookies)})
    app.jinja_env.filters["moment"] = moment
    app.jinja_env.globals["log_words"] = log_words
    app.jinja_env.globals["has_site"] = True
    app.jinja_env.globals["asset"] = context.assets.url
    app.jinja_env.globals["has_applications"] = api_keys is not None

    described = with_headers(
        context.shares.named(app.wsgi_app),
        frame_ancestors=config.frame_ancestors,
        framed="/",
        secure=config.origins[0].startswith("https:"),
    )
    app.wsgi_app = identified(described, RequestIds(token))  # type: ignore[assignment,method-assign]  # as Flask has it
    install_error_handlers(app)
    cookies = BrowserSessions(
        sessions, clock, canonical_origin=config.origins[0], may_be_framed=bool(config.frame_ancestors)
    )
    install_sessions(app, cookies)

    @app.before_request
    def admit() -> None:
        origin = context.origins.current()
        if request.blueprint not in _WITHOUT_SESSION:
            session = browser_session()
            session.adopt(sessions.load(session.id))
        if request.method not in SAFE_METHODS and request.routing_exception is None:
            refuse_cross_site(origin)

    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
