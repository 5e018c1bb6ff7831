"""Follows of many people that share a thread, through the whole site: each of them stays who they are."""

import asyncio
from functools import partial

from flask import Flask
from sqlalchemy import select

from tests.support.browsers import Browser
from tests.support.people import Person, Ticker
from webapp.gateway.tables import operations
from webapp.server.threads.interleaving import Interleaving
from webapp.storage.database import Database

PEOPLE = 12


def test_many_follow_at_once_on_one_thread_each_as_themselves(
    site: Flask, clock: Ticker, database: Database
) -> None:
    """All but the first wait for the writer together; whoever's session another had would be refused."""
    visitors = [(Browser(site), Person(f"person {number}")) for number in range(PEOPLE)]
    for visitor, person in visitors:
        visitor.sign_in(person.wallet)
        assert visitor.post("/api/signing-keys", person.registration()).get_json()["status"] == "SUCCESS"
    interleaving, under_way, most = Interleaving("test"), 0, 0

    def follow(visitor: Browser, person: Person, handle: str) -> str:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        reply = visitor.post("/api/follow", person.request("follow", handle, clock()))
        under_way -= 1
        status: str = reply.get_json().get("status", reply.text)
        return status

    async def story() -> list[str]:
        handles = ("shiyu", "ryan")
        return await asyncio.gather(
            *(
                interleaving.run(partial(follow, visitor, person, handle))
                for handle in handles
                for visitor, person in visitors
            )
        )

    assert asyncio.run(story()) == ["SUCCESS"] * (2 * PEOPLE)
    interleaving.close()
    assert most > PEOPLE, "they waited together"
    with database.read() as connection:
        logged = connection.execute(select(operations.c.address, operations.c.handle)).all()
    for _, person in visitors:
        assert {handle for address, handle in logged if address == person.address} == {"shiyu", "ryan"}
