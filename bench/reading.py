"""Reads of the graph: whether somebody follows, how many do, and pages of who does."""

import http.client
import json
from collections.abc import Callable
from contextlib import closing
from typing import Any

from bench.data import Graph
from bench.load import Generator, Lane, Sample
from bench.names import EMPTY
from bench.people import HANDLES, filler
from bench.requests import DOCUMENTS, empty, graphql
from bench.servers import MeasuredServer

IS_FOLLOWED, COUNT = "isFollowedByMe", "followerCount"
FIRST, DEEP = "first page", "page at depth"
FIRST_PROOFS, DEEP_PROOFS = "first page with proofs", "page at depth with proofs"
READS = (EMPTY, IS_FOLLOWED, COUNT, FIRST, DEEP, FIRST_PROOFS, DEEP_PROOFS)
PAGE = 20
_DISTINCT = 256
"""How many requests of one kind there are; they come again and again."""


def reading(
    generator: Generator, server: MeasuredServer, graph: Graph | None, read: str, connections: int
) -> Callable[[float], Sample]:
    """Prepare requests of one kind; what is given sends them for so many seconds."""
    requests, needle = _requests(server, graph, read)
    each = max(1, len(requests) // connections)
    lanes = [
        Lane((requests[lane * each :] + requests)[: len(requests)], source=f"127.8.0.{1 + lane}")
        for lane in range(connections)
    ]
    return lambda seconds: generator.run(server, lanes, needle=needle, seconds=seconds, until="cycle").sample


def _requests(server: MeasuredServer, graph: Graph | None, read: str) -> tuple[list[bytes], str]:
    port = server.port
    if graph is None or read == EMPTY:
        return [empty(port=port)], "__typename"
    if read == IS_FOLLOWED:
        people = [filler(number * graph.people // _DISTINCT).address for number in range(_DISTINCT)]
        handles = [HANDLES[number % 2] for number in range(_DISTINCT)]  # by all, and by few
        return [
            graphql(IS_FOLLOWED, port=port, handle=handle, me=me)
            for handle, me in zip(handles, people, strict=True)
        ], '"isFollowedByMe"'
    if read == COUNT:
        return [graphql(COUNT, port=port, handle=handle) for handle in HANDLES], '"followerCount"'
    document = "proofs" if read in {FIRST_PROOFS, DEEP_PROOFS} else "followers"
    if read in {FIRST, FIRST_PROOFS}:
        pages = [graphql(document, port=port, handle=handle, first=PAGE) for handle in HANDLES]
        return pages, '"totalCount"'
    depths = [graph.people * part // 100 for part in range(50, 96, 5)]
    return [
        graphql(document, port=port, handle=HANDLES[0], first=PAGE, after=_cursor(server, depth))
        for depth in depths
    ], '"totalCount"'


def _cursor(server: MeasuredServer, depth: int) -> str:
    """Ask for the cursor of the follower of the first handle who has so many before."""
    asking = (
        DOCUMENTS["followers"]
        .replace("$after: String", "$offset: Int")
        .replace("after: $after", "offset: $offset")
    )
    variables = {"handle": HANDLES[0], "first": 1, "offset": depth - 1}
    data = _ask(server, asking, variables)
    cursor: str = data["profileByHandle"]["followers"]["pageInfo"]["endCursor"]
    return cursor


def _ask(server: MeasuredServer, query: str, variables: dict[str, object]) -> dict[str, Any]:
    asked = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    content = json.dumps({"query": query, "variables": variables})
    with closing(asked):
        asked.request("POST", "/graphql", content, {"content-type": "application/json"})
        data: dict[str, Any] = json.loads(asked.getresponse().read())["data"]
    return data
