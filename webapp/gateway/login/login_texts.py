"""Login texts of the API: the same for everybody who asks within some minutes, and kept nowhere.

What `loginVerify` brings names neither text nor nonce. So the nonce is made of what it does bring and of the
time: of account, slot and number (`Nonces.seal`). A slot is half as long as a text is good; the number is how
often that account has signed in within it.
"""

from dataclasses import dataclass

from graphql import GraphQLError

from webapp.protocol.address import Address
from webapp.siwe.domain import Domain
from webapp.siwe.message import Challenge
from webapp.siwe.nonces import Nonces

SLOTS = 2
"""In so many slots a text is good: the one that it was written in, and the next."""


class LoginError(GraphQLError):
    """A login that does not hold; the client reads a code and a sentence."""

    def __init__(self, code: str, message: str, **more: str | int) -> None:
        super().__init__(message, extensions={"code": code, **more})


@dataclass(frozen=True, slots=True)
class Account:
    """Who wants to sign in, and where."""

    domain: Domain
    address: Address
    chain_id: int


@dataclass(frozen=True, slots=True)
class LoginText:
    """A text for an account's wallet.

    Attributes:
        challenge: What it says.
        series: What its nonce is numbered in.
        number: Its number there.
    """

    challenge: Challenge
    series: str
    number: int

    def is_good(self, now: int) -> bool:
        """Whether it may be answered at a time, in milliseconds since the Unix epoch, if it is not used."""
        return self.challenge.issued_at <= now < self.challenge.expires_at


class LoginTexts:
    """The texts of one database. Safe to share between threads."""

    def __init__(self, nonces: Nonces, lifetime_ms: int) -> None:
        """Keep the parts.

        Args:
            nonces: Makes nonces, and knows which were used.
            lifetime_ms: How long a text may be answered, in milliseconds; an even number.
        """
        self._nonces = nonces
        self._lifetime_ms = lifetime_ms
        self._slot_ms = lifetime_ms // SLOTS

    def to_sign(self, account: Account, now: int) -> str:
        """Give the text that the account's wallet is to sign; it is good for half a lifetime at least.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        series = self._series(account, now // self._slot_ms)
        [number] = self._nonces.next_numbers(series)
        return self._text(account, now // self._slot_ms, series, number).challenge.text

    def recent(self, account: Account, now: int) -> list[LoginText]:
        """Give the texts that this account's wallet may have signed, the likely ones first.

        Those that are good come first; then those that were used last or have just run out, so that a client
        can be told so, and one of the next slot, which a clock that was set back a little had given.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        this = now // self._slot_ms
        slots = {slot: self._series(account, slot) for slot in range(this + 1, this - SLOTS - 1, -1)}
        numbers = self._nonces.next_numbers(*slots.values())
        numbered = list(zip(slots.items(), numbers, strict=True))
        unused = [self._text(account, slot, series, number) for (slot, series), number in numbered]
        used = [
            self._text(account, slot, series, number - 1) for (slot, series), number in numbered if number
        ]
        return sorted(unused + used, key=lambda text: not text.is_good(now))

    def use(self, text: LoginText, now: int) -> bool:
        """Use a text up, for good; of any number of callers with the same signature, one hears True.

        Raises:
            DatabaseUnavailable: Nothing was changed.
        """
        return self._nonces.use(text.series, text.number, expires_at=text.challenge.expires_at, now=now)

    def _series(self, account: Account, slot: int) -> str:
        return self._nonces.seal(
            "login",
            account.domain.text,
            account.address.checksummed,
            account.chain_id,
            slot,
            self._lifetime_ms,
        )

    def _text(self, account: Account, slot: int, series: str, number: int) -> LoginText:
        issued_at = slot * self._slot_ms
        challenge = Challenge(
            domain=account.domain.text,
            uri=account.domain.origin,
            address=account.address,
            chain_id=account.chain_id,
            nonce=self._nonces.seal("login text", series, number),
            issued_at=issued_at,
            expires_at=issued_at + self._lifetime_ms,
        )
        return LoginText(challenge, series, number)
