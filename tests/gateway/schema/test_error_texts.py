"""What is wrong with a document or its variables, said without repeating it and without a word of Python."""

import json
import re
from typing import Any

import pytest

from tests.support.people import Client

FIRST = 'query ($n: Int) { profileByHandle(handle: "shiyu") { followers(first: $n) { totalCount } } }'
AFTER = 'query ($n: String) { profileByHandle(handle: "shiyu") { followers(after: $n) { totalCount } } }'
LITERAL = '{ profileByHandle(handle: "shiyu") { followers(first: %s) { totalCount } } }'
FOLLOW = "mutation ($n: FollowRequest!) { follow(input: $n) { status } }"
VERIFY = "mutation ($n: LoginVerifyInput!) { loginVerify(input: $n) { accessToken } }"
WRITE = "query ($n: CreateFollowTypedMessageInput!) { createFollowTypedMessage(input: $n) { message } }"
BATCH = "query ($n: [AddressEVM!]!) { batchGetAddresses(addresses: $n) { chainID } }"
GIVEN = {"address": "0x", "handle": "", "message": "", "signature": "", "signingKey": ""}
INT = "Int: expected a whole number of 32 bits"
VARIABLE = "Variable '$n' has invalid value"


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        (FIRST, 2**31, f"{VARIABLE}: {INT}"),
        (FIRST, 10**300, f"{VARIABLE}: {INT}"),
        (FIRST, 1.5, f"{VARIABLE}: {INT}"),
        (FIRST, 1e300, f"{VARIABLE}: {INT}"),
        (FIRST, True, f"{VARIABLE}: {INT}"),
        (FIRST, "found: 'a'\n\n', found: ", f"{VARIABLE}: {INT}"),
        (FIRST, [None, {"a": True}], f"{VARIABLE}: {INT}"),
        (LITERAL % ("1" * 5000), None, INT),
        (LITERAL % "1e400", None, INT),
        (LITERAL % "null, offset: 3000000000", None, INT),
        (FIRST.replace("Int", f"Int = {'1' * 5000}"), None, INT),
        (AFTER, False, f"{VARIABLE}: String: expected a string"),
        (
            BATCH,
            ["0x", None],
            f"{VARIABLE} at [1]: Expected value of non-null type 'AddressEVM!' not to be null.",
        ),
        (
            FOLLOW,
            {**GIVEN, "more": True},
            f"{VARIABLE}: Expected value of type 'FollowRequest' not to include unknown field 'more'.",
        ),
        (
            FOLLOW,
            {name: value for name, value in GIVEN.items() if name != "handle"},
            f"{VARIABLE}: Expected value of type 'FollowRequest' to include required field 'handle'.",
        ),
        (FOLLOW, True, f"{VARIABLE}: Expected value of type 'FollowRequest' to be an object."),
        (FOLLOW, {**GIVEN, "handle": {}}, f"{VARIABLE} at .handle: String: expected a string"),
        (
            VERIFY,
            {"domain": "a", "address": "0x", "chainID": 1, "signature": "", "isEIP1271": "yes"},
            f"{VARIABLE} at .isEIP1271: Boolean: expected true or false",
        ),
        (
            WRITE,
            {"address": "0x", "handle": "", "operation": True},
            f"{VARIABLE} at .operation: Expected a name of the enum 'FollowOperation'.",
        ),
    ],
    ids=map(str, range(19)),
)
def test_a_fault_is_told_by_what_was_expected(text: str, value: Any, expected: str, client: Client) -> None:
    [error] = client.ask(text, n=value)["errors"] if "$n" in text else client.ask(text)["errors"]
    assert error["message"] == expected
    assert not re.search(r"None|True|False|found|sys\.", error["message"])


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1" * 5000, "whole numbers of at most 309 digits"),
        ("1e400", "numbers that a 64-bit float can hold"),
        ("-1e400", "numbers that a 64-bit float can hold"),
        ("NaN", "numbers that JSON has"),
        ("-Infinity", "numbers that JSON has"),
    ],
)
def test_a_number_that_others_read_otherwise_is_refused(number: str, expected: str, client: Client) -> None:
    body = json.dumps({"query": "{ __typename }", "variables": {"n": "NUMBER"}})
    response = client.post(body.replace('"NUMBER"', number).encode())
    assert response.status == 400
    assert json.loads(response.body)["errors"][0]["message"] == f"body: expected {expected}"
