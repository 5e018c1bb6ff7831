"""The sandbox, `/`: the whole way from signing in to a follow, one step after the other."""

from flask import Blueprint, render_template, request

from webapp.protocol.demo_signers import DEMO_SIGNERS
from webapp.web.bootstrap import bootstrap
from webapp.web.context import site
from webapp.web.graph.profiles import opening_profile
from webapp.web.sessions.frames import is_loaded_into_frame

bp = Blueprint("pages", __name__)


@bp.get("/")
def sandbox() -> str:
    """The sandbox: sign in, authorise, follow; `?handle=` opens it at that profile, `?present` for a room."""
    config = site().config
    handle = request.args.get("handle", config.featured_handle)
    featured, hindrance = opening_profile(handle)
    return render_template(
        "sandbox.html",
        bootstrap=bootstrap(featured, handle, hindrance),
        hindrance=hindrance,
        demo_signers=DEMO_SIGNERS,
        may_be_framed=bool(config.frame_ancestors),
        framed=is_loaded_into_frame(request),
        presents="present" in request.args,
    )
