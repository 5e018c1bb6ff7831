"""Signing in at the API with a wallet (EIP-4361): the text that is signed, and the access token for it.

The answer to a text names neither the text nor its nonce, only domain, address and chain. So whoever asks for
the same three within half a lifetime is given the same text, and asking changes nothing: however often others
ask, the one that the wallet signed is found. A good signature alone uses a text up, and then for good.

Texts are kept nowhere: a text's nonce is made of what its answer brings, and of the time (`Nonces.seal`).
Time is cut in slots, each half as long as a text is good; in each slot an account's texts are numbered.
"""

from dataclasses import dataclass

from graphql import GraphQLError

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.arguments import ArgumentError, address_argument
from webapp.gateway.config import LoginConfig
from webapp.gateway.login.access_tokens import AccessTokens
from webapp.protocol.address import Address
from webapp.protocol.authorization import GivenSignature
from webapp.protocol.clock import Clock
from webapp.protocol.errors import SignatureError
from webapp.siwe.domain import Domain, DomainError
from webapp.siwe.message import Challenge, LoginRefused, Reason, unsupported_wallet, verify_login
from webapp.siwe.nonces import Nonces
from webapp.storage.database import Database

LARGEST_CHAIN_ID = 2**53 - 1
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
class _LoginText:
    challenge: Challenge
    series: str  # what its nonce is numbered in
    number: int  # its number there

    def is_good(self, now: int) -> bool:
        return self.challenge.issued_at <= now < self.challenge.expires_at


class Logins:
    """Writes login texts and takes their signatures. Safe to share between threads.

    Where there are no contract wallets to ask, no contract may sign in.
    """

    def __init__(
        self,
        database: Database,
        config: LoginConfig,
        tokens: AccessTokens,
        clock: Clock,
        contract_wallets: ContractWallets | None,
    ) -> None:
        self._nonces = Nonces(database)
        self._config = config
        self._slot_ms = config.nonce_lifetime_ms // SLOTS
        self._tokens = tokens
        self._clock = clock
        self._contract_wallets = contract_wallets

    def account(self, domain: str, address: str, chain_id: int) -> Account:
        """Read who wants to sign in; raises `ArgumentError` for what cannot be used here."""
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
        return Account(where, address_argument("input.address", address, chain_id=chain_id), chain_id)

    def message(self, account: Account) -> str:
        """Return the text that the account's wallet is to sign; it is good for half a lifetime at least."""
        slot = self._clock() // self._slot_ms
        series = self._series(account, slot)
        [number] = self._nonces.next_numbers(series)
        return self._text(account, slot, series, number).challenge.text

    def verify(self, account: Account, signature: str, *, contract: bool | None) -> str:
        """Verify a signature of such a text, and return an access token.

        `contract` says whether the account is a contract, None that it is unknown; for False no chain is
        asked. Raises `LoginError` where no text that is good now was signed by the account, and `RpcError`
        where a chain gave no answer; nothing was changed then.
        """
        now = self._clock()
        try:
            signed = self._signed(account, signature, now, contract=contract)
        except LoginRefused as refusal:
            if refusal.reason is Reason.NONCE_EXPIRED:
                detail = "This login has run out; ask loginGetMessage for another."
                raise LoginError("LOGIN_UNKNOWN", detail) from refusal
            raise LoginError("LOGIN_REFUSED", refusal.detail, reason=refusal.reason.value) from refusal
        expires_at = signed.challenge.expires_at
        if not self._nonces.use(signed.series, signed.number, expires_at=expires_at, now=now):
            raise LoginError("LOGIN_UNKNOWN", "This login was used already; ask loginGetMessage for another.")
        return self._tokens.issue(account.address)

    def _signed(self, account: Account, signature: str, now: int, *, contract: bool | None) -> _LoginText:
        """Find the text that was signed, by the account's key, which costs little, else by its contract."""
        texts = self._recent(account, now)
        by_key = next((text for text in texts if _is_by_key(text, signature)), None)
        if by_key is not None:
            self._verify(by_key, signature, now, None)
            return by_key
        chains = self._contract_wallets.chain_ids if self._contract_wallets else ()
        may_ask = contract is not False and account.chain_id in chains
        if contract and not may_ask:
            raise unsupported_wallet()
        refusal = unsupported_wallet()
        for text in [text for text in texts if text.is_good(now)] if may_ask else texts[:1]:
            try:
                self._verify(text, signature, now, self._contract_wallets if may_ask else None)
            except LoginRefused as fault:
                refusal = fault
            else:
                return text
        if refusal.reason is Reason.UNSUPPORTED_WALLET and account.chain_id in chains:
            detail = "No key makes such a signature, and isEIP1271 says that the account is no contract."
            raise LoginRefused(Reason.SIGNATURE, detail)
        raise refusal

    def _recent(self, account: Account, now: int) -> list[_LoginText]:
        """Return the texts that this account's wallet may have signed, the likely ones first.

        Those that are good come first; then those that were used last or have just run out, so that a client
        can be told so, and one of the next slot, which a clock that was set back a little had given.
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

    def _series(self, account: Account, slot: int) -> str:
        return self._nonces.seal(
            "login",
            account.domain.text,
            account.address.checksummed,
            account.chain_id,
            slot,
            self._config.nonce_lifetime_ms,
        )

    def _text(self, account: Account, slot: int, series: str, number: int) -> _LoginText:
        issued_at = slot * self._slot_ms
        challenge = Challenge(
            domain=account.domain.text,
            uri=account.domain.origin,
            address=account.address,
            chain_id=account.chain_id,
            nonce=self._nonces.seal("login text", series, number),
            issued_at=issued_at,
            expires_at=issued_at + self._config.nonce_lifetime_ms,
        )
        return _LoginText(challenge, series, number)

    def _verify(self, text: _LoginText, signature: str, now: int, wallets: ContractWallets | None) -> None:
        verify_login(
            text.challenge.text,
            signature,
            challenge=text.challenge,
            chain_ids=self._config.chain_ids,
            now=now,
            max_age_ms=self._config.nonce_lifetime_ms,
            contract_wallets=wallets,
        )


def _is_by_key(text: _LoginText, signature: str) -> bool:
    try:
        given = GivenSignature.parse(signature)
    except SignatureError:
        return False
    return given.signer(text.challenge.text) == text.challenge.address
