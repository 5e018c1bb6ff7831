"""A gateway that follows and unfollows against another: `python -m tests.support.compete URL ROUNDS SEED`.

Says that it is ready, waits for a line, and at the end prints each operation, its time and the answer.
"""

import random
import sys
import time

from tests.support.people import MUTATIONS, Client, Person, Ticker
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import create_gateway
from webapp.protocol.facts import Policy
from webapp.storage.database import Database


def main() -> None:
    url, rounds, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    choose = random.Random(seed)  # noqa: S311 (a test's dice)
    config = GatewayConfig(policy=Policy(signer_quota=10**9))
    gateway = create_gateway(Database.open(url), config, now)
    client, alice = Client(gateway, Ticker()), Person("alice")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    answers = []
    for _ in range(rounds):
        op = choose.choice(["follow", "unfollow"])
        ts = now() + choose.randrange(-4, 5)
        reply = client.ask(MUTATIONS[op], input=alice.request(op, "shiyu", ts))
        status = (
            reply["errors"][0]["extensions"]["code"] if "errors" in reply else reply["data"][op]["status"]
        )
        answers.append(f"{op} {ts} {status}\n")
    sys.stdout.writelines(answers)


def now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    main()
