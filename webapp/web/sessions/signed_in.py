"""Whose address a request acts for: Flask-Login on top of the session."""

from flask import Flask
from flask_login import (  # type: ignore[import-untyped]  # the package carries no types
    LoginManager,
    UserMixin,
    current_user,
)

from webapp.protocol.address import Address
from webapp.web.http.problems import Kind, Problem
from webapp.web.sessions.cookie import BrowserSessions


class Account(UserMixin):  # type: ignore[misc]  # untyped base
    """A signed-in address, as Flask-Login wants it."""

    def __init__(self, address: Address) -> None:
        self.address = address

    def get_id(self) -> str:
        return self.address.checksummed


def install_sessions(app: Flask, interface: BrowserSessions) -> None:
    """Use these sessions in an application, with Flask-Login on top."""
    app.session_interface = interface
    # There is no remember cookie, and Flask-Login needs a secret key to read one: no cookie has this name,
    # and the manager's `init_app`, which would look after each request whether to send one, is not called.
    app.config["REMEMBER_COOKIE_NAME"] = "="
    manager = LoginManager()
    app.login_manager = manager  # type: ignore[attr-defined]  # as Flask-Login has it
    manager.session_protection = None  # it would tie a session to an IP address, which telephones change
    manager.user_loader(lambda address: Account(Address(address)))


def active_address() -> Address | None:
    """The active address of the request being served."""
    address: Address | None = getattr(current_user, "address", None)  # whoever is nobody has none
    return address


def require_active_address() -> Address:
    """Give the active address.

    Raises:
        Problem: Nobody is signed in.
    """
    address = active_address()
    if address is None:
        raise Problem(Kind.NOT_SIGNED_IN, "Sign in with a wallet first.")
    return address


def require_account(claimed: str) -> Address:
    """Give the active address, if it is the one that a request claims to act for.

    Only letter case may differ: whether its checksum is right is for the gateway to say.

    Raises:
        Problem: Nobody is signed in, or somebody else is.
    """
    address = require_active_address()
    if claimed.lower() != address.lower:
        raise Problem(Kind.WRONG_ACCOUNT, "The request is for another account than the active one.")
    return address
