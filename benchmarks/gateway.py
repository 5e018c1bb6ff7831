"""What the gateway costs: `python -m benchmarks.gateway`. All of it through `Gateway.handle`, on a real file.

Prints microseconds: median and 99th percentile by the clock on the wall, and the mean of the thread's own CPU
time, which a busy machine blurs less. The ratio of a new document to a remembered one is taken in one run,
so that it means the same on any machine.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

from tests.gateway.people import MUTATIONS, Device, Person
from webapp.gateway.config import GatewayConfig
from webapp.gateway.demo import seed_demo
from webapp.gateway.service import Gateway, GatewayRequest, create_gateway
from webapp.protocol.address import Address
from webapp.protocol.facts import Policy
from webapp.protocol.signing_key import MessageSignature, SigningKey
from webapp.storage.database import Database
from webapp.storage.migrate import upgrade

ROUNDS = 2_000
HANDLE = '{ profileByHandle(handle: "shiyu") { handle } }'
PROFILE = """query Profile($handle: String!, $me: AddressEVM!) {
  profileByHandle(handle: $handle) {
    handle avatar followerCount owner { address } metadataInfo { displayName } isFollowedByMe(me: $me)
  }
}"""
FOLLOWERS = """query Followers($handle: String!) {
  profileByHandle(handle: $handle) {
    followers(limit: 20) {
      totalCount pageInfo { hasNextPage endCursor } edges { cursor node { address handle } }
    }
  }
}"""


def now() -> int:
    return time.time_ns() // 1_000_000


def request(text: str, **variables: object) -> GatewayRequest:
    content = json.dumps({"query": text, "variables": variables}).encode()
    return GatewayRequest("POST", {"content-type": "application/json"}, content)


def measure(name: str, run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Time each call by itself and print what it took; give the mean CPU time, in microseconds."""
    run()
    times = []
    began = time.thread_time_ns()
    for _ in range(rounds):
        started = time.perf_counter_ns()
        run()
        times.append((time.perf_counter_ns() - started) / 1000)
    cpu = (time.thread_time_ns() - began) / rounds / 1000
    times.sort()
    median = statistics.median(times)
    print(f"{name:44} {median:9.1f} µs   p99 {times[rounds * 99 // 100]:9.1f}   CPU {cpu:9.1f}")
    return cpu


def prepared_follows(person: Person, handle: str, rounds: int) -> Iterator[GatewayRequest]:
    """Signed follows and unfollows in turn, each a millisecond newer than the one before."""
    start = now() - 200_000
    for number in range(rounds):
        op = "unfollow" if number % 2 else "follow"
        yield request(MUTATIONS[op], input=person.request(op, handle, start + number))


def check(gateway: Gateway, sent: GatewayRequest) -> bytes:
    """Send a mutation that must succeed; give the reply."""
    body = gateway.handle(sent).body
    assert b'"SUCCESS"' in body, body
    return body


def main() -> None:
    """Run every measurement on a database of its own."""
    config = GatewayConfig(policy=Policy(signer_quota=10**9))
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        upgrade(database)
        started = time.perf_counter()
        seed_demo(database, config, now)
        print(f"{'demo data, all of it':44} {(time.perf_counter() - started) * 1e3:9.1f} ms")
        gateway = create_gateway(database, config, now)
        _reads(gateway)
        _writes(gateway)
        database.close()
    _parts()


def _reads(gateway: Gateway) -> None:
    me = Person("alice").address
    nothing = request("{ __typename }")
    measure("nothing but GraphQL over HTTP", lambda: gateway.handle(nothing))
    one = request(HANDLE)
    measure("read: one field of a profile", lambda: gateway.handle(one))
    known = request(PROFILE, handle="shiyu", me=me)
    remembered = measure("read: profile, document remembered", lambda: gateway.handle(known))
    numbers = count()
    new = measure(
        "read: profile, document new",
        lambda: gateway.handle(request(f"{PROFILE} # {next(numbers)}", handle="shiyu", me=me)),
        rounds=300,
    )
    print(f"{'  new / remembered':44} {new / remembered:9.1f}")
    followers = request(FOLLOWERS, handle="shiyu")
    measure("read: first page of followers", lambda: gateway.handle(followers))


def _writes(gateway: Gateway) -> None:
    people = [Person(f"person {number}", Device(str(number))) for number in range(8)]
    for person in people:
        check(gateway, request(MUTATIONS["registerSigningKey"], input=person.registration()))
    sent = prepared_follows(people[0], "shiyu", ROUNDS + 1)
    measure("write: follow or unfollow, durable", lambda: check(gateway, next(sent)))
    refused = request(MUTATIONS["follow"], input=people[1].request("follow", "shiyu", now() - 10**9))
    measure("write: refused for its time", lambda: gateway.handle(refused))
    batches = [list(prepared_follows(person, "cyberconnect", 200)) for person in people]
    started = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(lambda batch: [check(gateway, each) for each in batch], batches))
    each = (time.perf_counter() - started) / sum(len(batch) for batch in batches)
    print(
        f"{'write: 8 threads, 8 signers, per operation':44} {each * 1e6:9.1f} µs   {1 / each:9.0f} a second"
    )


def _parts() -> None:
    person = Person("alice")
    sent = person.request("follow", "shiyu", now())
    key, signature = SigningKey.parse(sent["signingKey"]), MessageSignature.parse(sent["signature"])
    payload = sent["message"].encode()
    measure("part: address with checksum", lambda: Address.parse(person.address))
    measure("part: signing key", lambda: SigningKey.parse(sent["signingKey"]))
    measure("part: P-256 verification", lambda: key.verify(signature, payload))


if __name__ == "__main__":
    main()
