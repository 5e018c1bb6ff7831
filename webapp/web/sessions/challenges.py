"""Challenges for a visitor's wallet: known again by their nonce, answered once, and kept nowhere till then.

A nonce is 48 letters and digits, 16 each: when it was made, and some chance; a seal of that and of the
visitor; a seal of the text. So another visitor's challenge is told from one that ran out or was changed.
"""

import hashlib
import hmac
from base64 import b32decode, b32encode
from collections.abc import Callable
from dataclasses import dataclass, replace

from webapp.protocol.address import Address
from webapp.protocol.clock import Clock
from webapp.siwe.message import (
    Challenge,
    LoginRefused,
    Reason,
    find_address,
    find_chain_id,
    find_nonce,
    text_differs,
)
from webapp.siwe.nonces import Nonces

MOST_SPOILT = 100_000
"""How many rows wrong answers leave, from however many networks."""

_PART = 16
"""Characters of base32, for 80 bits."""
_TIME_BYTES = 6
_CHANCE_BYTES = 4


@dataclass(frozen=True, slots=True)
class ChallengeNonce:
    """A nonce that a visitor was given; times are milliseconds since the Unix epoch.

    Attributes:
        text: As it came: its last part is still to be held against the text that it came in.
        issued_at: When it was given.
        expires_at: The first moment that is too late.
    """

    text: str
    issued_at: int
    expires_at: int

    @property
    def unsealed(self) -> str:
        """What its challenge is used up by, and is to be sealed as part of a text."""
        return self.text[:-_PART]


class Challenges:
    """The challenges of one site. Safe to share between threads; any number of processes may."""

    def __init__(self, nonces: Nonces, clock: Clock, token: Callable[[int], str], lifetime_ms: int) -> None:
        """Keep the parts.

        Args:
            nonces: Seals, and knows what was used.
            clock: Milliseconds since the Unix epoch.
            token: Makes unguessable text out of so many random bytes.
            lifetime_ms: How long a challenge may be answered, in milliseconds.
        """
        self._nonces = nonces
        self._clock = clock
        self._token = token
        self._lifetime_ms = lifetime_ms

    def issue(self, visitor: str, *, domain: str, uri: str, address: Address, chain_id: int) -> Challenge:
        """Write a challenge.

        Args:
            visitor: What all cookies of the visitor have in common (`store.visitor_of`).
            domain: Host and port of the origin.
            uri: The origin.
            address: Who wants to sign in.
            chain_id: On which chain.

        Raises:
            DatabaseUnavailable: The database could not be asked for its key.
        """
        now = self._clock()
        chance = hashlib.sha256(self._token(32).encode()).digest()[:_CHANCE_BYTES]
        made = b32encode(now.to_bytes(_TIME_BYTES, "big") + chance).decode("ascii").lower()
        unsealed = Challenge(
            domain=domain,
            uri=uri,
            address=address,
            chain_id=chain_id,
            nonce=made + self._visitors_seal(made, visitor),
            issued_at=now,
            expires_at=now + self._lifetime_ms,
        )
        return replace(unsealed, nonce=unsealed.nonce + self._text_seal(unsealed.text))

    def recognise(self, visitor: str, text: str) -> ChallengeNonce:
        """Find the nonce of a text that answers a challenge of this visitor's, whatever else the text says.

        Raises:
            LoginRefused: It is none of this visitor's, was used, or has run out.
            DatabaseUnavailable: The database could not be asked.
        """
        nonce = find_nonce(text) or ""
        made, seal = nonce[:_PART], nonce[_PART : 2 * _PART]
        known = len(nonce) == 3 * _PART and hmac.compare_digest(seal, self._visitors_seal(made, visitor))
        if not known or self._nonces.next_numbers(made + seal) != [0]:
            raise unknown_challenge()
        issued_at = int.from_bytes(b32decode(made.upper())[:_TIME_BYTES], "big")
        # A clock that was set back far may have been right before: what it wrote then is older than it seems.
        if not -self._lifetime_ms <= self._clock() - issued_at < self._lifetime_ms:
            raise LoginRefused(Reason.NONCE_EXPIRED, "The challenge has run out. Sign in again.")
        return ChallengeNonce(nonce, issued_at, issued_at + self._lifetime_ms)

    def read(self, text: str, nonce: ChallengeNonce, *, domain: str, uri: str) -> Challenge:
        """Give the challenge that a text, issued with this nonce, must be to sign somebody in at an origin.

        Raises:
            LoginRefused: The text is not the one that was issued.
        """
        as_sealed = text.replace(nonce.text, nonce.unsealed)
        if not hmac.compare_digest(nonce.text[-_PART:], self._text_seal(as_sealed)):
            raise text_differs()
        return Challenge(
            domain=domain,
            uri=uri,
            address=find_address(text),
            chain_id=find_chain_id(text),
            nonce=nonce.text,
            issued_at=nonce.issued_at,
            expires_at=nonce.expires_at,
        )

    def use(self, nonce: ChallengeNonce) -> bool:
        """Use a challenge up, for good: of any number of callers at once, one hears True.

        Raises:
            DatabaseUnavailable: Nothing was changed.
        """
        return self._nonces.use(nonce.unsealed, 0, expires_at=nonce.expires_at, now=self._clock())

    def spoil(self, nonce: ChallengeNonce) -> None:
        """Use a challenge up that was answered wrongly; not where so many are that they might fill the disk.

        One that stays open then is none the worse for it: it takes the wallet's signature all the same.

        Raises:
            DatabaseUnavailable: Nothing was changed.
        """
        now = self._clock()
        self._nonces.use(nonce.unsealed, 0, expires_at=nonce.expires_at, now=now, most=MOST_SPOILT)

    def _visitors_seal(self, made: str, visitor: str) -> str:
        return self._nonces.seal("challenge", made, visitor, self._lifetime_ms)[:_PART]

    def _text_seal(self, text: str) -> str:
        return self._nonces.seal("challenge text", text)[:_PART]


def unknown_challenge() -> LoginRefused:
    """Refuse what answers no open challenge."""
    detail = "No such challenge is open in this browser. Sign in again."
    return LoginRefused(Reason.NONCE_UNKNOWN, detail)
