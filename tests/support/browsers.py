"""A browser's share of the site's API: a cookie jar, an origin, the headers that browsers send."""

import json
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from eth_account import Account
from eth_account.messages import encode_defunct
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from tests.support.databases import seeded
from tests.support.people import Ticker, Wallet
from webapp.web.config import SiteConfig

ORIGIN = "http://127.0.0.1:8000"


def personal_sign(wallet: Wallet, text: str) -> str:
    """What a wallet's `personal_sign` returns, by eth-account."""
    signed = Account.from_key(wallet.key.secret).sign_message(encode_defunct(text=text))
    return "0x" + bytes(signed.signature).hex()


@dataclass
class Browser:
    """One visitor. `token` is the CSRF token that its page has."""

    app: Flask
    origin: str = ORIGIN
    client: FlaskClient = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()
        self.token = self.session()["csrfToken"]

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=self.origin, headers=_named(headers))

    def post(self, path: str, body: object, **headers: str | None) -> TestResponse:
        """Send JSON as the page does; a header given as None is left out."""
        sent = {
            "origin": self.origin,
            "sec_fetch_site": "same-origin",
            "x_csrf_token": self.token,
            "content_type": "application/json",
            **headers,
        }
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kept = {name: value for name, value in sent.items() if value is not None}
        response = self.client.post(path, data=data, base_url=self.origin, headers=_named(kept))
        if response.is_json and "csrfToken" in response.get_json():
            self.token = response.get_json()["csrfToken"]
        return response

    def session(self) -> dict[str, Any]:
        session: dict[str, Any] = self.get("/api/session").get_json()
        return session

    def challenge(self, wallet: Wallet, chain_id: int = 1) -> str:
        reply = self.post("/api/login/challenge", {"address": wallet.address, "chainId": chain_id})
        assert reply.status_code == 200, reply.text
        message: str = reply.get_json()["message"]
        return message

    def login(self, text: str, signature: object) -> TestResponse:
        return self.post("/api/login", {"message": text, "signature": signature})

    def sign_in(self, wallet: Wallet) -> dict[str, Any]:
        text = self.challenge(wallet)
        reply = self.login(text, personal_sign(wallet, text))
        assert reply.status_code == 200, reply.text
        session: dict[str, Any] = reply.get_json()
        return session

    def cookie(self) -> str:
        """The cookie of the site, without its attributes."""
        found = self.client.get_cookie("countersign-8000", domain=host(self.origin))
        assert found is not None
        return found.value

    def set_cookie(self, value: str) -> None:
        self.client.set_cookie("countersign-8000", value, domain=host(self.origin))


with_demo_profiles = partial(seeded, clock=Ticker())
"""Give a database its tables and the demo profiles, at the tests' time."""


def another(visitor: Browser, cookie: str, token: str) -> Browser:
    """Somebody with a copy of the cookie and of the token."""
    copy = Browser(visitor.app)
    copy.set_cookie(cookie)
    copy.token = token
    return copy


def host(origin: str) -> str:
    return origin.partition("//")[2].partition(":")[0]


def problem(response: Response) -> tuple[int, str]:
    """Status and slug of a problem; its form is checked on the way."""
    assert response.content_type == "application/problem+json", response.get_data()
    body = response.get_json()
    assert body["status"] == response.status_code
    assert body["title"]
    assert body["detail"]
    assert body["requestId"] == response.headers["x-request-id"]
    slug: str = body["type"].removeprefix("/problems/")
    return response.status_code, slug


def reason(response: Response) -> str:
    """Why a sign-in was refused."""
    assert problem(response) == (401, "login-refused")
    code: str = response.get_json()["reason"]
    return code


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


CONFIG = SiteConfig(origins=(ORIGIN, "http://localhost:8000"))
