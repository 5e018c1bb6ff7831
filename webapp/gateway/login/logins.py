"""Signing in at the API with a wallet (EIP-4361): the text that is signed, and the access token for it.

The answer to a text names neither the text nor its nonce, only domain, address and chain. So whoever asks for
the same three within half a lifetime is given the same text, and asking changes nothing: however often others
ask, the one that the wallet signed is found. A good signature alone uses a text up, and then for good.
"""

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.arguments import ArgumentError, address_argument
from webapp.gateway.config import LoginConfig
from webapp.gateway.login.access_tokens import AccessTokens
from webapp.gateway.login.login_texts import Account, LoginError, LoginText, LoginTexts
from webapp.protocol.authorization import GivenSignature
from webapp.protocol.clock import Clock
from webapp.protocol.errors import SignatureError
from webapp.siwe.domain import Domain, DomainError
from webapp.siwe.message import LoginRefused, Reason, unsupported_wallet, verify_login
from webapp.siwe.nonces import Nonces
from webapp.storage.database import Database

LARGEST_CHAIN_ID = 2**53 - 1


class Logins:
    """Writes login texts and takes their signatures. Safe to share between threads."""

    def __init__(
        self,
        database: Database,
        config: LoginConfig,
        tokens: AccessTokens,
        clock: Clock,
        contract_wallets: ContractWallets | None,
    ) -> None:
        """Keep the parts.

        Args:
            database: Migrated to the newest revision.
            config: The operator's choices.
            tokens: Makes access tokens.
            clock: Milliseconds since the Unix epoch.
            contract_wallets: The chains whose contract wallets may sign in; None: no contract may.
        """
        self._texts = LoginTexts(Nonces(database), config.nonce_lifetime_ms)
        self._config = config
        self._tokens = tokens
        self._clock = clock
        self._contract_wallets = contract_wallets

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
        return Account(where, address_argument("input.address", address, chain_id=chain_id), chain_id)

    def message(self, account: Account) -> str:
        """Give the text that the account's wallet is to sign.

        Raises:
            DatabaseUnavailable: The database could not be asked.
        """
        return self._texts.to_sign(account, self._clock())

    def verify(self, account: Account, signature: str, *, contract: bool | None) -> str:
        """Take the signature of such a text, and give an access token.

        Args:
            account: Who signs in.
            signature: `0x` and 130 hex digits of `personal_sign`; or what the account's contract vouches for.
            contract: Whether the account is a contract; None: unknown. For False no chain is asked.

        Raises:
            LoginError: The signature is of no text that is good now, or not the account's.
            DatabaseUnavailable: Nothing was changed.
            RpcError: A chain gave no answer; nothing was changed.
        """
        now = self._clock()
        try:
            signed = self._signed(account, signature, now, contract=contract)
        except LoginRefused as refusal:
            if refusal.reason is Reason.NONCE_EXPIRED:
                detail = "This login has run out; ask loginGetMessage for another."
                raise LoginError("LOGIN_UNKNOWN", detail) from refusal
            raise LoginError("LOGIN_REFUSED", refusal.detail, reason=refusal.reason.value) from refusal
        if not self._texts.use(signed, now):
            raise LoginError("LOGIN_UNKNOWN", "This login was used already; ask loginGetMessage for another.")
        return self._tokens.issue(account.address)

    def _signed(self, account: Account, signature: str, now: int, *, contract: bool | None) -> LoginText:
        """Find the text that was signed: by the account's key, which costs little; only then by its contract.

        Raises:
            LoginRefused: None was.
            RpcError: A chain gave no answer.
        """
        texts = self._texts.recent(account, now)
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

    def _verify(self, text: LoginText, signature: str, now: int, wallets: ContractWallets | None) -> None:
        verify_login(
            text.challenge.text,
            signature,
            challenge=text.challenge,
            chain_ids=self._config.chain_ids,
            now=now,
            max_age_ms=self._config.nonce_lifetime_ms,
            contract_wallets=wallets,
        )


def _is_by_key(text: LoginText, signature: str) -> bool:
    """Whether the account's own key made a signature for a text."""
    try:
        given = GivenSignature.parse(signature)
    except SignatureError:
        return False
    return given.signer(text.challenge.text) == text.challenge.address
