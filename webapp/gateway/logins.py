"""Signing in at the API with a wallet (EIP-4361): the text that is signed, and the access token for it.

The answer to a text names neither the text nor its nonce, only domain, address and chain. So whoever asks for
the same three within half a lifetime is given the open text again: however often others ask, few are open and
none is pushed out: the one that the wallet signed is found. A good signature alone spends a text, and then
for good.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graphql import GraphQLError
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.access_tokens import AccessTokens
from webapp.gateway.arguments import ArgumentError, address_argument
from webapp.gateway.config import LoginConfig
from webapp.gateway.tables import api_logins
from webapp.protocol.address import Address
from webapp.protocol.authorization import WalletSignature, recover_personal_sign
from webapp.protocol.clock import Clock
from webapp.protocol.errors import SignatureError
from webapp.siwe.domain import Domain, DomainError
from webapp.siwe.message import Challenge, LoginRefused, Reason, verify_login
from webapp.storage.database import Database

MOST_OPEN = 100_000
LARGEST_CHAIN_ID = 2**53 - 1

_NONCE_BYTES = 16

_open = (
    select(api_logins.c.nonce, api_logins.c.message, api_logins.c.issued_at)
    .where(
        api_logins.c.address == bindparam("address"),
        api_logins.c.domain == bindparam("domain"),
        api_logins.c.chain_id == bindparam("chain_id"),
        api_logins.c.expires_at > bindparam("now"),
    )
    .order_by(api_logins.c.issued_at.desc())
)
_crowd = select(func.count()).select_from(select(api_logins.c.nonce).limit(MOST_OPEN).subquery())


class LoginError(GraphQLError):
    """A login that does not hold; the client reads a code and a sentence."""

    def __init__(self, code: str, message: str, **more: str) -> None:
        super().__init__(message, extensions={"code": code, **more})


@dataclass(frozen=True, slots=True)
class Account:
    """Who wants to sign in, and where."""

    domain: Domain
    address: Address
    chain_id: int

    @property
    def columns(self) -> dict[str, object]:
        """What its rows are found by."""
        return {
            "domain": self.domain.text,
            "address": self.address.checksummed,
            "chain_id": self.chain_id,
        }


@dataclass(frozen=True, slots=True)
class OpenLogin:
    """A text that waits for its signature."""

    nonce: str
    message: str
    issued_at: int


class Logins:
    """Writes login texts and takes their signatures. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        config: LoginConfig,
        tokens: AccessTokens,
        clock: Clock,
        contract_wallets: ContractWallets | None,
        *,
        nonce: Callable[[int], str] = secrets.token_hex,
    ) -> None:
        """Keep the parts.

        Args:
            database: Migrated to the newest revision.
            config: The operator's choices.
            tokens: Makes access tokens.
            clock: Milliseconds since the Unix epoch.
            contract_wallets: The chains whose contract wallets may sign in; None: no contract may.
            nonce: Makes unguessable letters and digits out of so many random bytes.
        """
        self._database = database
        self._config = config
        self._tokens = tokens
        self._clock = clock
        self._contract_wallets = contract_wallets
        self._nonce = nonce

    def account(self, domain: str, address: str, chain_id: int) -> Account:
        """Read who wants to sign in.

        Raises:
            ArgumentError: One of the three cannot be used here.
        """
        allowed = self._config.domains
        try:
            where = Domain.parse(domain)
        except DomainError as error:
            raise ArgumentError("input.domain", error.expected) from error
        if allowed is not None and domain not in allowed:
            raise ArgumentError("input.domain", "one that may sign in at this gateway")
        chains = self._config.chain_ids
        if chain_id > LARGEST_CHAIN_ID or (chains is not None and chain_id not in chains):
            raise ArgumentError("input.chainID", "a chain whose accounts may sign in at this gateway")
        return Account(where, address_argument("input.address", address), chain_id)

    def message(self, account: Account) -> str:
        """Give the text that the account's wallet is to sign.

        Raises:
            LoginError: Too many logins are open.
            DatabaseUnavailable: Nothing was stored.
        """
        now = self._clock()
        with self._database.read() as connection:
            young = self._young(connection, account, now)
        if young is not None:
            return young
        with self._database.write() as connection:
            return self._young(connection, account, now) or self._write(connection, account, now)

    def verify(self, account: Account, signature: str, *, contract: bool | None) -> str:
        """Take the signature of such a text, and give an access token.

        Args:
            account: Who signs in.
            signature: `0x` and 130 hex digits of `personal_sign`; or what the account's contract vouches for.
            contract: Whether the account is a contract; None: unknown. For False no chain is asked.

        Raises:
            LoginError: The signature is of no open text, or not the account's.
            DatabaseUnavailable: Nothing was changed.
            RpcError: A chain gave no answer; nothing was changed.
        """
        now = self._clock()
        with self._database.read() as connection:
            texts = _open_of(connection, account, now)
        if not texts:
            raise LoginError("LOGIN_UNKNOWN", "No login of this account is open; ask loginGetMessage first.")
        nonce = self._by_key(account, signature, texts, now)
        if nonce is None and contract is not False and self._asks(account.chain_id):
            nonce = self._by_contract(account, signature, texts, now)
        if nonce is None:
            raise LoginError(
                "LOGIN_REFUSED",
                "The signature is not this account's, or not of a text that loginGetMessage gave it.",
                reason=Reason.SIGNATURE.value,
            )
        self._spend(nonce)
        return self._tokens.issue(account.address)

    def _young(self, connection: Connection, account: Account, now: int) -> str | None:
        youngest = next(iter(_open_of(connection, account, now)), None)
        if youngest is None or now - youngest.issued_at >= self._config.nonce_lifetime_ms // 2:
            return None
        return youngest.message

    def _write(self, connection: Connection, account: Account, now: int) -> str:
        connection.execute(delete(api_logins).where(api_logins.c.expires_at <= now))
        if connection.scalar(_crowd) == MOST_OPEN:
            raise LoginError("TOO_MANY_LOGINS", "Too many logins are open. Try again soon.")
        challenge = Challenge(
            domain=account.domain.text,
            uri=account.domain.origin,
            address=account.address,
            chain_id=account.chain_id,
            nonce=self._nonce(_NONCE_BYTES),
            issued_at=now,
            expires_at=now + self._config.nonce_lifetime_ms,
        )
        connection.execute(
            insert(api_logins).values(
                nonce=challenge.nonce,
                message=challenge.text,
                issued_at=now,
                expires_at=challenge.expires_at,
                **account.columns,
            )
        )
        return challenge.text

    def _by_key(self, account: Account, signature: str, texts: Iterable[OpenLogin], now: int) -> str | None:
        """Find the text that the account's own key signed: recovery is cheap, so that each can be tried."""
        try:
            normal = WalletSignature.parse(signature)
        except SignatureError:
            return None
        for text in texts:
            try:
                signer = recover_personal_sign(text.message, normal)
            except SignatureError:
                continue
            if signer == account.address and self._holds(account, text, normal.text, now):
                return text.nonce
        return None

    def _by_contract(
        self, account: Account, signature: str, texts: Iterable[OpenLogin], now: int
    ) -> str | None:
        for text in texts:
            if self._holds(account, text, signature, now, self._contract_wallets):
                return text.nonce
        return None

    def _asks(self, chain_id: int) -> bool:
        return self._contract_wallets is not None and chain_id in self._contract_wallets.chain_ids

    def _holds(
        self,
        account: Account,
        text: OpenLogin,
        signature: str,
        now: int,
        contract_wallets: ContractWallets | None = None,
    ) -> bool:
        try:
            verify_login(
                text.message,
                signature,
                domain=account.domain.text,
                uri=account.domain.origin,
                address=account.address,
                nonce=text.nonce,
                chain_ids=self._config.chain_ids,
                now=now,
                max_age_ms=self._config.nonce_lifetime_ms,
                contract_wallets=contract_wallets,
            )
        except LoginRefused:
            return False
        return True

    def _spend(self, nonce: str) -> None:
        """Take a text out, for good: of any number of callers with the same signature, one gets it."""
        with self._database.write() as connection:
            spent = connection.execute(delete(api_logins).where(api_logins.c.nonce == nonce)).rowcount
        if spent != 1:
            raise LoginError("LOGIN_UNKNOWN", "This login was used already; ask loginGetMessage for another.")


def _open_of(connection: Connection, account: Account, now: int) -> list[OpenLogin]:
    """Open logins of one account, the newest first."""
    rows = connection.execute(_open, {**account.columns, "now": now})
    return [OpenLogin(*row) for row in rows]
