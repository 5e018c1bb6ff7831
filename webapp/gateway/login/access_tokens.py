"""Access tokens: JSON Web Tokens (RFC 7519) that say which address signed in, and until when."""

import re
import secrets

import jwt

from webapp.gateway.http.graphql_over_http import Refusal
from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.protocol.errors import AddressError

ALGORITHM = "HS256"
ISSUER = "countersign"
LONGEST = 2_048

# The one spelling of a token: no padding, and no bit set behind the 32 bytes of the signature. The library
# would read others, and skip what is no base64.
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]")
# The name of a scheme ends where letters of a token do (RFC 9110, section 5.6.2): what follows is the token,
# or what should have been one.
_BEARER = re.compile(r"bearer(?![!#$%&'*+.^_`|~0-9a-z-]) *(.*)", re.IGNORECASE | re.ASCII | re.DOTALL)
_CHALLENGE = ("www-authenticate", 'Bearer realm="gateway", error="invalid_token"')
_RANDOM_SECRET_BYTES = 48


class AccessTokens:
    """Makes tokens and believes none but its own. Safe to share between threads.

    Without a secret of at least 32 characters, a random one is made: its tokens end with the process.
    """

    def __init__(self, secret: str | None, lifetime_ms: int, clock: Clock) -> None:
        self._secret = secret or secrets.token_urlsafe(_RANDOM_SECRET_BYTES)
        self._lifetime_ms = lifetime_ms
        self._clock = clock

    def issue(self, address: Address) -> str:
        now = self._clock()
        claims = {
            "iss": ISSUER,
            "sub": address.checksummed,
            "iat": now // 1000,
            "exp": (now + self._lifetime_ms) // 1000,
        }
        return jwt.encode(claims, self._secret, algorithm=ALGORITHM)

    def bearer(self, authorization: str) -> Address | None:
        """Read the `Authorization` header; None where it is empty or of another scheme (RFC 6750).

        Raises a 401 `Refusal` for a token that is not ours, was altered, or has run out.
        """
        found = _BEARER.fullmatch(authorization.strip(" \t"))
        if found is None:
            return None
        address = self._subject(found[1])
        if address is None:
            detail = "Authorization: expected a bearer token of loginVerify that has not run out"
            raise Refusal(401, "ACCESS_TOKEN_INVALID", detail, _CHALLENGE)
        return address

    def _subject(self, token: str) -> Address | None:
        if len(token) > LONGEST or not _FORM.fullmatch(token):
            return None
        try:
            claims = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                # The library looks at its own clock: times are compared here, with ours.
                options={"require": ["iss", "sub", "iat", "exp"], "verify_exp": False, "verify_iat": False},
            )
            expires = claims["exp"]
            if not isinstance(expires, int) or self._clock() >= expires * 1000:
                return None
            return Address.parse(claims["sub"])
        except (jwt.InvalidTokenError, AddressError):
            return None
