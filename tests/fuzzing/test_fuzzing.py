"""Hostile inputs by the hundred thousand: no wrong yes, no other error, nothing dear, and two readers agree.

What is accepted is held against something that was not written for it: another engine with the page's own
code, another library, or how the input was made.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from random import Random

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from eth_utils.address import to_checksum_address
from sqlalchemy import select

from tests.support.figures import Figure
from tests.support.fuzzing import hostile
from tests.support.fuzzing.costs import MOST, Costs
from tests.support.fuzzing.second_reader import SecondReader, second_reader
from tests.support.people import DAY, MUTATIONS, NOW, Client, Person, message
from tests.support.protocol.chains import authorization_by, other_half
from tests.support.siwe import ALICE as SIGNER
from tests.support.siwe import CHALLENGE, verify
from webapp.gateway.tables import operations
from webapp.protocol.address import Address
from webapp.protocol.authorization import ORDER as WALLET_ORDER
from webapp.protocol.authorization import (
    AuthorizationText,
    GivenSignature,
    compose_authorization_text,
)
from webapp.protocol.decision import decide
from webapp.protocol.display_text import is_visible
from webapp.protocol.facts import Facts, Policy, RegisteredKey
from webapp.protocol.handle import parse_handle
from webapp.protocol.handle_message import HandleMessage
from webapp.protocol.key_message import KeyMessage
from webapp.protocol.message import FollowMessage, Operation, compose_message
from webapp.protocol.signing_key import SigningKey
from webapp.protocol.status import Status
from webapp.protocol.submissions import Submission, read
from webapp.siwe.message import LoginRefused, find_chain_id, find_nonce
from webapp.storage.database import Database

ALICE = Person("alice")
BATCH = 500


def cases(short: int, long: int = 100_000) -> pytest.MarkDecorator:
    """How many inputs: few in every run, many in `make soak`."""
    soak = pytest.param(long, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])
    return pytest.mark.parametrize("count", [short, soak])


@pytest.fixture(scope="module")
def second() -> Iterator[SecondReader]:
    with second_reader() as reader:
        yield reader


@pytest.fixture
def dice() -> Random:
    return Random(2026)  # noqa: S311 (a test's dice)


# --- texts, which the page reads or writes as well ----------------------------------------------------------


@cases(6_000, 1_000_000)
def test_messages_are_read_alike_by_page_and_server(
    count: int, dice: Random, second: SecondReader, figure: Figure
) -> None:
    plain = message("follow", ALICE.address, "shiyu", NOW)
    costs = Costs(lambda: FollowMessage.parse(plain))
    accepted, apart = 0, []
    for _ in range(0, count, BATCH):
        texts = [hostile.message(dice) for _ in range(BATCH)]
        for text, answer in zip(texts, second.ask([("message", text) for text in texts]), strict=True):
            ours = costs.of(text, lambda text=text: read(FollowMessage.parse, text))  # type: ignore[misc]
            theirs = answer if answer is not None and is_address(answer[1]) else None
            if ours is not None:
                accepted += 1
                said = [ours.operation, ours.address, ours.handle, str(ours.ts), ours.digest]
                good = theirs is not None and said == [theirs[0], Address.parse(theirs[1]), *theirs[2:]]
                # Nor does it pass for another kind of message.
                good = good and read(HandleMessage.parse, text) is None is read(KeyMessage.parse, text)
            else:
                good = theirs is None
            if not good:
                apart.append((text, ours, answer))
    assert not apart, apart[:3]
    assert accepted > count // 5, "some are as they should be"
    of = f"{count} messages"
    figure("messages that page and server read apart", len(apart), at_most=0, of=of)
    figure("dearest message, in plain ones", round(costs.dearest, 1), at_most=MOST, of=of)


def is_address(text: str) -> bool:
    """As another library writes checksums."""
    digits = text[2:]
    return digits in (digits.lower(), digits.upper()) or to_checksum_address(text) == text


@cases(3_000)
def test_handles_and_addresses_are_read_alike(
    count: int, dice: Random, second: SecondReader, figure: Figure
) -> None:
    apart = []
    for _ in range(0, count, BATCH):
        handles = [hostile.handle(dice) for _ in range(BATCH)]
        for text, theirs in zip(handles, second.ask([("handle", text) for text in handles]), strict=True):
            if (read(parse_handle, text) is not None) is not theirs:
                apart.append(text)
        for text in (hostile.address(dice) for _ in range(BATCH)):
            formed = (
                len(text) == 42 and text.startswith("0x") and set(text[2:]) <= set("0123456789abcdefABCDEF")
            )
            if (read(Address.parse, text) is not None) is not (formed and is_address(text)):
                apart.append(text)
    figure("handles and addresses that two read apart", len(apart), at_most=0, of=f"{count} each")


@cases(2_000)
def test_what_the_page_writes_is_what_the_server_writes_and_reads(
    count: int, dice: Random, second: SecondReader, figure: Figure
) -> None:
    apart = []
    for _ in range(0, count, BATCH):
        questions: list[tuple[str, ...]] = []
        ours: list[str] = []
        for _ in range(BATCH // 2):
            op, ts = dice.choice(("follow", "unfollow")), dice.randrange(2**53)
            handle = "".join(dice.choices("abcxyz0189_-", k=dice.randrange(1, 21)))
            address = to_checksum_address(dice.randbytes(20))
            questions.append(("compose", op, address, handle, str(ts)))
            ours.append(compose_message(Operation(op), address, handle, ts))
            entity = "".join(dice.choices("ABCxyz 019!~", k=dice.randrange(1, 65))).strip() or "x"
            key = hostile.key(dice)
            questions.append(("authorize", entity, key))
            ours.append(f"I authorize {entity} from this device using signing key:\n{key}")
            text = read(AuthorizationText.parse, ours[-1])
            if read(SigningKey.parse, key) is not None:
                assert text is not None
                assert (text.entity, text.signing_key) == (entity, key)
                assert compose_authorization_text(entity, key) == ours[-1]
        theirs = second.ask(questions)
        apart += [pair for pair in zip(ours, theirs, strict=True) if pair[0] != pair[1]]
    figure("texts that page and server write apart", len(apart), at_most=0, of=f"{count} texts")


JOINING = {chr(point) for point in (0x200C, 0x200D, 0xFE0E, 0xFE0F, 0x180B)}
JOINING |= {chr(point) for point in (*range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0))}
"""ZWNJ, ZWJ, variation selectors and tags, where their neighbours need them."""


@cases(5_000)
def test_names_are_seen_where_another_engines_unicode_sees_them(
    count: int, dice: Random, second: SecondReader, figure: Figure
) -> None:
    """What has nothing unseen in it is a name where there is something to see, and the other way round."""
    costs = Costs(lambda: is_visible("Ada Lovelace"))
    apart, joined = [], 0
    for _ in range(0, count, BATCH):
        texts = [hostile.display_text(dice) for _ in range(BATCH)]
        for text, (unseen, seen) in zip(texts, second.ask([("look", t) for t in texts]), strict=True):
            ours = costs.of(text, lambda text=text: is_visible(text))  # type: ignore[misc]
            joined += ours and unseen != ""
            good = not text or (seen and set(unseen) <= JOINING)
            if not good if ours else (seen and not unseen):
                apart.append((text, ours, unseen, seen))
    assert not apart, apart[:5]
    assert joined, "some have what its neighbours need"
    figure("names that two see apart", len(apart), at_most=0, of=f"{count} names")
    figure("dearest name, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} names")


# --- keys and signatures ------------------------------------------------------------------------------------


@cases(1_500)
def test_keys_are_read_where_a_der_library_reads_the_same_one(
    count: int, dice: Random, figure: Figure
) -> None:
    costs = Costs(lambda: SigningKey.parse(ALICE.device.signing_key))
    apart, accepted = [], 0
    for text in (hostile.key(dice) for _ in range(count)):
        ours = costs.of(text, lambda text=text: read(SigningKey.parse, text))  # type: ignore[misc]
        accepted += ours is not None
        if (ours is not None) is not is_key(text):
            apart.append(text)
    assert accepted > count // 10
    assert not apart, apart[:3]
    figure("keys that two read apart", len(apart), at_most=0, of=f"{count} keys")
    figure("dearest key, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} keys")


def is_key(text: str) -> bool:
    """A DER library reads a P-256 key, and writes just that again."""
    try:
        spki = base64.b64decode(text, validate=True)
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return False
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        return False
    written = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return written == spki and base64.b64encode(spki).decode() == text


FACTS = Facts(
    owner=None,
    profile_exists=True,
    last=None,
    key=RegisteredKey(authorization_by(ALICE), NOW + DAY, None),
    accepted_in_window=0,
)


@cases(1_500)
def test_of_all_signatures_only_the_two_of_this_message_are_accepted(
    count: int, dice: Random, figure: Figure
) -> None:
    """decide() with all else as it should be; who made an input knows what it is."""

    def answer(text: str, signature: str) -> Status:
        sent = {**ALICE.request("follow", "shiyu", NOW), "message": text, "signature": signature}
        return decide(Submission.read(Operation.FOLLOW, sent), FACTS, Policy(), NOW).status

    texts = [message("follow", ALICE.address, "shiyu", NOW + number) for number in range(50)]
    signed = [(text, ALICE.device.sign(text)) for text in texts]
    costs = Costs(lambda: answer(*signed[0]))
    wrong, accepted = [], 0
    for _ in range(count):
        text, right = dice.choice(signed)
        given = hostile.signature(dice, right if dice.random() < 0.9 else dice.choice(signed)[1])
        status = costs.of(given, lambda text=text, given=given: answer(text, given))  # type: ignore[misc]
        good = given.startswith("0x") and given.lower() in (right, other_half(right))
        accepted += good
        if status is not (Status.SUCCESS if good else Status.INVALID_SIGNATURE):
            wrong.append((text, right, given, status))
    assert accepted > count // 10
    assert not wrong, wrong[:3]
    figure("device signatures judged wrongly", len(wrong), at_most=0, of=f"{count} signatures")
    figure("dearest of them, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} signatures")


@cases(1_500)
def test_of_all_signatures_only_those_of_the_wallet_are_accepted(
    count: int, dice: Random, figure: Figure
) -> None:
    signed = [(text, ALICE.wallet.sign(text)) for text in (f"text {number}" for number in range(50))]

    def signer(text: str, signature: str) -> str | None:
        given = read(GivenSignature.parse, signature)
        return None if given is None else str(given.signer(text))

    costs = Costs(lambda: signer(*signed[0]))
    wrong, accepted = [], 0
    for _ in range(count):
        text, right = dice.choice(signed)
        given = hostile.wallet_signature(dice, right)
        found = costs.of(given, lambda text=text, given=given: signer(text, given))  # type: ignore[misc]
        v, rs = int(right[130:], 16), right[:130]
        twin = f"{right[:66]}{WALLET_ORDER - int(right[66:130], 16):064x}"
        good = given.startswith("0x") and given.lower() in (
            right,
            f"{rs}{v - 27:02x}",
            f"{twin}{55 - v:02x}",
            f"{twin}{28 - v:02x}",
        )
        accepted += good
        if (found == ALICE.address) is not good:
            wrong.append((text, right, given))
    assert accepted > count // 10
    assert not wrong, wrong[:3]
    figure("wallet signatures judged wrongly", len(wrong), at_most=0, of=f"{count} signatures")
    figure("dearest of these, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} signatures")


# --- sign-in texts and requests -----------------------------------------------------------------------------


@cases(1_000)
def test_of_all_signed_texts_only_the_one_that_was_written_signs_in(
    count: int, dice: Random, figure: Figure
) -> None:
    """Each is signed by the right wallet: nothing but the text can be wrong with it."""
    usual = SIGNER.sign(CHALLENGE.text)

    def signs_in(text: str) -> bool:
        find_nonce(text)
        find_chain_id(text)
        signature = usual
        with suppress(UnicodeEncodeError):
            signature = SIGNER.sign(text)
        try:
            verify(text, signature)
        except LoginRefused:
            return False
        return True

    costs = Costs(lambda: signs_in(CHALLENGE.text))
    wrong, accepted = [], 0
    for text in (hostile.login_text(dice, CHALLENGE.text) for _ in range(count)):
        good = text == CHALLENGE.text
        accepted += good
        if costs.of(text, lambda text=text: signs_in(text)) is not good:  # type: ignore[misc]
            wrong.append(text)
    assert accepted
    assert not wrong, wrong[:3]
    figure("sign-in texts judged wrongly", len(wrong), at_most=0, of=f"{count} texts")
    figure("dearest text, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} texts")


@cases(600)
def test_whatever_is_sent_the_answer_is_json_and_nothing_unsigned_is_kept(
    count: int, database: Database, client: Client, alice: Person, figure: Figure
) -> None:
    dice = Random(2026)  # noqa: S311 (a test's dice)
    made: dict[str, str] = {}
    refused: Counter[int] = Counter()

    def request(op: str) -> bytes:
        client.clock.now += 1_000
        given = alice.request(op, "shiyu", client.clock.now)
        made[given["message"]] = given["signature"]
        return json.dumps({"query": MUTATIONS[op], "variables": {"input": given}}).encode()

    def post(body: bytes) -> tuple[int, bytes]:
        response = client.post(body)
        return response.status, response.body

    costs = Costs(lambda: post(request("follow")))
    for _ in range(count):
        right = request(dice.choice(("follow", "unfollow")))
        body = hostile.body(dice, right)
        status, answer = costs.of(body, lambda body=body: post(body))  # type: ignore[misc]
        refused[status] += 1
        assert status in (200, 400, 413), (status, body)
        reply = json.loads(answer)
        codes = {error.get("extensions", {}).get("code") for error in reply.get("errors", [])}
        assert not codes & {"INTERNAL", "UNAVAILABLE"}, (body, reply)
    with database.read() as connection:
        rows = list(connection.execute(select(operations.c.message, operations.c.signature)))
    forged = [kept for text, kept in rows if kept not in both(made.get(text))]
    assert len(rows) > 1
    assert set(refused) == {200, 400, 413}, "some of each"
    figure("requests that were kept and not signed", len(forged), at_most=0, of=f"{count} requests")
    figure("dearest request, in plain ones", round(costs.dearest, 1), at_most=MOST, of=f"{count} requests")


def both(signature: str | None) -> tuple[str, ...]:
    """The two signatures that prove the same."""
    return () if signature is None else (signature, other_half(signature))
