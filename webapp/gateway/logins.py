"""Signing in at the API with a wallet (EIP-4361): the text that is signed, and the access token for it.

The answer to a text names neither the text nor its nonce, only domain, address and chain. So whoever asks for
the same three within half a lifetime is given the open text again: however often others ask, few are open and
none is pushed out: the one that the wallet signed is found. A good signature alone spends a text, and then
for good.
"""

from webapp.chain.contract_wallets import ContractWallets
from webapp.gateway.access_tokens import AccessTokens
from webapp.gateway.arguments import ArgumentError, address_argument
from webapp.gateway.config import LoginConfig
from webapp.gateway.open_logins import Account, LoginError, OpenLogin, OpenLogins
from webapp.protocol.clock import Clock
from webapp.siwe.domain import Domain, DomainError
from webapp.siwe.message import LoginRefused, Reason, unsupported_wallet, verify_login
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
        self._open = OpenLogins(database, config.nonce_lifetime_ms)
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

    def message(self, account: Account, asked_by: str) -> str:
        """Give the text that the account's wallet is to sign.

        Args:
            account: Who signs in.
            asked_by: Whose share of open logins it is counted in.

        Raises:
            LoginError: Too many logins are open.
            DatabaseUnavailable: Nothing was stored.
        """
        return self._open.text_for(account, asked_by, self._clock())

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
        texts = self._open.of(account, now)
        if not texts:
            raise LoginError("LOGIN_UNKNOWN", "No login of this account is open; ask loginGetMessage first.")
        try:
            nonce = self._signed(account, signature, texts, now, contract=contract)
        except LoginRefused as refusal:
            raise LoginError("LOGIN_REFUSED", refusal.detail, reason=refusal.reason.value) from refusal
        self._open.spend(nonce)
        return self._tokens.issue(account.address)

    def _signed(
        self, account: Account, signature: str, texts: list[OpenLogin], now: int, *, contract: bool | None
    ) -> str:
        """Find the text that was signed: by the account's key, which costs little; only then by its contract.

        Raises:
            LoginRefused: None was.
            RpcError: A chain gave no answer.
        """
        chains = self._contract_wallets.chain_ids if self._contract_wallets else ()
        may_ask = contract is not False and account.chain_id in chains
        refusal = None
        for wallets in (None, self._contract_wallets) if may_ask else (None,):
            for text in texts:
                try:
                    verify_login(
                        text.message,
                        signature,
                        challenge=account.challenge(text.nonce, text.issued_at, text.expires_at),
                        chain_ids=self._config.chain_ids,
                        now=now,
                        max_age_ms=self._config.nonce_lifetime_ms,
                        contract_wallets=wallets,
                    )
                except LoginRefused as fault:
                    refusal = fault
                else:
                    return text.nonce
        if refusal is None or (contract and not may_ask):
            raise unsupported_wallet()
        if refusal.reason is Reason.UNSUPPORTED_WALLET and account.chain_id in chains:
            detail = "No key makes such a signature, and isEIP1271 says that the account is no contract."
            raise LoginRefused(Reason.SIGNATURE, detail)
        raise refusal
