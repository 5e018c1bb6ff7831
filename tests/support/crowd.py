"""People with handles who follow each other, written into a running server through its gateway."""

import time
from dataclasses import dataclass, field

import httpx

from tests.support import handles
from tests.support.people import MUTATIONS, Person
from tests.support.server import Server

NAMES = {
    "augusta": "Augusta L.",
    "hopper": "Hopper G.",
    "hamilton": "Hamilton M.",
    "hedy": "Hedy L.",
    "alan": "Alan T.",
    "barbara": "Barbara L.",
    "leslie": "Leslie L.",
    "radia": "Radia P.",
    "whitfield": "Whitfield D.",
    "shafi": "Shafi G.",
    "silvio": "Silvio M.",
    "adele": "Adele G.",
    "edsger": "Edsger D.",
    "donald": "Donald K.",
    "frances": "Frances A.",
    "jean": "Jean B.",
    "kathleen": "Kathleen A.",
    "mary": "Mary K.",
    "dorothy": "Dorothy V.",
    "annie": "Annie E.",
    "karen": "Karen S.",
    "lynn": "Lynn C.",
    "joan": "Joan C.",
    "sophie": "Sophie W.",
}

WORDS = {"augusta": "Analyst, metaphysician. Notes on engines that weave algebraic patterns."}


@dataclass
class Crowd:
    """Those of `NAMES`, registered, each with the handle; `augusta` has words of her own."""

    server: Server
    people: dict[str, Person] = field(default_factory=dict)

    def gather(self, number: int = len(NAMES)) -> "Crowd":
        """Have so many come."""
        for handle in list(NAMES)[:number]:
            person = self.people[handle] = Person(handle)
            self._send("registerSigningKey", person.registration())
            self.sign("claim", handle, handle)
            self.sign("profile", handle, handle, displayName=NAMES[handle], bio=WORDS.get(handle, ""))
        return self

    def sign(self, op: str, who: str, handle: str, **shown: str) -> None:
        """Have one of them do something that must succeed."""
        ts = time.time_ns() // 1_000_000
        if op in handles.OPS:
            self._send(handles.OPS[op], handles.request(self.people[who], op, handle, ts, **shown))
        else:
            self._send(op, self.people[who].request(op, handle, ts))

    def _send(self, mutation: str, sent: dict[str, str]) -> None:
        kind = "HandleRequest" if mutation in handles.OPS.values() else None
        text = (
            MUTATIONS[mutation]
            if kind is None
            else f"mutation m($input: {kind}!) {{ {mutation}(input: $input) {{ status }} }}"
        )
        content = {"query": text, "variables": {"input": sent}}
        reply = httpx.post(self.server.graphql_url, json=content, trust_env=False).json()
        assert reply["data"][mutation]["status"] == "SUCCESS", reply
