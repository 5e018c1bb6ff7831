"""A gateway that writes for as long as its process lives: `python -m tests.support.acknowledge URL`.

Prints each message whose SUCCESS it has, one a line, right after the answer: what it prints was acknowledged.
"""

import json
import sys
import time

from tests.support.people import MUTATIONS, Person
from webapp.gateway.config import GatewayConfig
from webapp.gateway.http.service import GatewayRequest, create_gateway
from webapp.protocol.facts import Policy
from webapp.storage.database import Database


def main() -> None:
    database = Database.open(sys.argv[1])
    config = GatewayConfig(policy=Policy(signer_quota=10**9))
    gateway = create_gateway(database, config, lambda: time.time_ns() // 1_000_000)
    alice = Person("alice")
    number = 0
    while True:
        for op in ("follow", "unfollow"):
            ts = max(time.time_ns() // 1_000_000, number + 1)
            number = ts
            request = alice.request(op, "shiyu", ts)
            content = json.dumps({"query": MUTATIONS[op], "variables": {"input": request}}).encode()
            response = gateway.handle(GatewayRequest("POST", {"content-type": "application/json"}, content))
            status = json.loads(response.body).get("data", {}).get(op, {}).get("status")
            if status == "SUCCESS":
                sys.stdout.write(request["message"] + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
