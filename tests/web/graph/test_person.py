"""A profile's page as the server writes it: readable without any script, true, and right at any depth."""

import html
import re
import socket

import pytest

from tests.support import faults
from tests.support.browsers import ORIGIN, Browser, problem
from tests.support.databases import add_profile
from tests.support.faults import FaultServer
from tests.support.people import Client, Person
from webapp.storage.database import Database

ROW = re.compile(r'<li class="line">(.*?)</li>', re.DOTALL)
HANDLE = re.compile(r"<b>@([\w-]+)</b>")
NEXT = re.compile(r'rel="next" href="([^"]+)"')
DIGEST = re.compile(r'href="/proofs/([0-9a-f]{64})"')


def follows(client: Client, who: Person, handle: str) -> None:
    client.register(who)
    assert client.act("follow", who, handle) == "SUCCESS"


def rows(page: str) -> list[str]:
    return ROW.findall(page)


def test_followers_are_read_without_a_script(
    visitor: Browser, people: Client, database: Database, alice: Person
) -> None:
    """Newest first, each with a name or an address, a day, and the proof of exactly that follow."""
    add_profile(database, "wonderland", alice.address, 200)
    bob = Person("bob")
    follows(people, alice, "link3")
    follows(people, bob, "link3")
    page = visitor.get("/@link3").text
    newest, before, *_ = rows(page)
    assert f'title="{bob.address}"' in newest
    assert HANDLE.findall(newest) == []
    assert HANDLE.findall(before) == ["wonderland"]
    assert 'href="/@wonderland"' in before
    asked = "query { profileByHandle(handle: %s) { followers { edges { node { proof { entryDigest } } } } } }"
    edges = people.data(asked % '"link3"')["profileByHandle"]["followers"]["edges"]
    assert [DIGEST.findall(row) for row in rows(page)] == [
        [edge["node"]["proof"]["entryDigest"]] for edge in edges
    ]
    assert "<title>@link3 · Countersign</title>" in page


def test_a_long_list_is_walked_to_its_end(visitor: Browser, people: Client) -> None:
    """Each follower once, in order, and each page says where in the list it lies."""
    followers = [Person(f"follower {number}") for number in range(45)]
    for follower in followers:
        follows(people, follower, "countersign")
    seen, told = list[str](), list[str]()
    path: str | None = "/@countersign"
    while path is not None:
        page = visitor.get(path).text
        seen += [found for row in rows(page) for found in re.findall(r'title="(0x\w+)"', row)[:1]]
        told += re.findall(r"[\d,]+ to [\d,]+ of [\d,]+", page)
        following = NEXT.search(page)
        path = following and following[1].replace("&amp;", "&")
    assert seen[:45] == [follower.address for follower in reversed(followers)]
    total = len(seen)
    assert len(set(seen)) == total
    assert told == [f"1 to 20 of {total}", f"21 to 40 of {total}", f"41 to {total} of {total}"]


def test_what_people_are_to_the_visitor_is_marked(
    visitor: Browser, people: Client, database: Database, alice: Person, bob: Person
) -> None:
    """ "Follows you", and "Mutual" where the visitor follows too; on their own page and in lists."""
    add_profile(database, "wonderland", alice.address, 200)
    add_profile(database, "builder", bob.address, 201)
    follows(people, bob, "wonderland")
    follows(people, bob, "shiyu")
    visitor.sign_in(alice.wallet)

    def marks(path: str) -> tuple[list[str], list[str]]:
        page = visitor.get(path).text
        head = page[page.index('class="person-head"') : page.index("</header>", page.index("person-head"))]
        row = next((row for row in rows(page) if "@builder" in row), "")
        found = re.compile(r'<span class="mark">([^<]+)<')
        return found.findall(head), found.findall(row)

    assert marks("/@builder")[0] == ["Follows you"]
    assert marks("/@shiyu") == ([], ["Follows you"])
    assert marks("/@wonderland") == (["Your own"], ["Follows you"])
    follows(people, alice, "builder")
    assert marks("/@builder")[0] == ["Mutual"]
    assert marks("/@shiyu") == ([], ["Mutual"])


def test_whom_somebody_follows_and_what_they_did(
    visitor: Browser, people: Client, database: Database, alice: Person
) -> None:
    """A handle that nobody has any more is told so; an owner's log has what was signed about the handle."""
    add_profile(database, "wonderland", alice.address, 200)
    follows(people, alice, "hal")
    assert people.act("follow", alice, "grace") == "SUCCESS"
    with database.write() as connection:
        connection.exec_driver_sql("DELETE FROM profiles WHERE handle = 'hal'")
    grace, hal = rows(visitor.get("/@wonderland/following").text)
    assert HANDLE.findall(grace) == ["grace"]
    assert "nobody has this handle any more" in hal
    claimed = rows(visitor.get("/@shiyu/log").text)
    told = [found for row in claimed for found in re.findall("<b>([^<]+) <a", row)]
    assert told == ["Changed the profile of", "Claimed"]


@pytest.mark.parametrize(
    "path", ["/@nobody-has-this", "/@Shiyu", "/@", "/@shiyu/likes", "/@a%00b", "/@%F0%9F%A6%8A"]
)
def test_who_is_not_there_is_told_so(path: str, visitor: Browser) -> None:
    reply = visitor.get(path)
    assert reply.status_code == 404
    assert "Request id" in reply.text


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        (
            "/@nobody",
            [
                ("/people?claim=nobody#claim", "Claim @nobody"),
                ("/people?search=nobody", "Search for @nobody"),
            ],
        ),
        ("/@Shiyu", [("/people?search=shiyu", "Search for @shiyu")]),
        ("/@no%20one", []),
    ],
)
def test_who_is_not_there_leads_on(path: str, ways: list[tuple[str, str]], visitor: Browser) -> None:
    """To the claim of the handle where nobody has it, and to the directory, with what was asked for."""
    text = visitor.get(path).text
    links = re.findall(r'<a class="btn[^"]*" href="([^"]+)">([^<]+)</a>', text)
    assert links == [*ways, ("/", "Go to the sandbox")]
    for to, _ in ways:
        assert 'value="' + to.partition("=")[2].partition("#")[0] + '"' in visitor.get(to).text


def test_followers_are_told_to_the_script_as_the_page_has_them(
    visitor: Browser, people: Client, database: Database, alice: Person
) -> None:
    """Newest first, found and continued by the same query; `me` is whoever is signed in."""
    add_profile(database, "wonderland", alice.address, 200)
    bob = Person("bob")
    follows(people, alice, "link3")
    follows(people, bob, "link3")
    told = visitor.get("/api/profiles/link3/followers").get_json()
    page = rows(visitor.get("/@link3").text)
    assert [DIGEST.findall(row) for row in page] == [[row["entryDigest"]] for row in told["rows"]]
    assert (told["total"], told["orMore"], told["after"]) == (2, False, None)
    newest, before = told["rows"]
    assert (newest["address"], newest["handle"], before["handle"]) == (bob.address, "", "wonderland")
    assert set(newest) == {
        "handle",
        "displayName",
        "avatar",
        "address",
        "isFollowedByMe",
        "followsMe",
        "signedAt",
        "entryDigest",
    }
    found = visitor.get(f"/api/profiles/link3/followers?search={alice.address}").get_json()
    assert found["rows"] == [before]
    assert visitor.get("/api/profiles/nobody/followers").get_json()["rows"] == []
    for path in ("No/followers", "link3/followers?after=x", "link3/followers?search=0x1"):
        assert problem(visitor.get(f"/api/profiles/{path}")) == (400, "invalid-request")


@pytest.mark.parametrize("cursor", ["x", "%00", "a" * 3000])
def test_a_cursor_of_another_list_is_refused_by_its_name(cursor: str, visitor: Browser) -> None:
    reply = visitor.get(f"/@cyberconnect?after={cursor}")
    assert reply.status_code == 400
    assert "after: expected a cursor that this list gave" in reply.text
    assert visitor.get("/@cyberconnect?from=x").status_code == 200


def test_an_empty_list_says_so_and_what_to_do(visitor: Browser, database: Database, alice: Person) -> None:
    add_profile(database, "wonderland", alice.address, 200)
    assert "Nobody follows @wonderland yet. Be the first." in visitor.get("/@wonderland").text
    assert "@wonderland follows nobody yet" in visitor.get("/@wonderland/following").text
    visitor.sign_in(alice.wallet)
    assert "Share this page" in visitor.get("/@wonderland").text


def test_a_gateway_without_extensions_still_has_a_page_for_everybody(
    remote: Browser, elsewhere: FaultServer, alice: Person
) -> None:
    """With the button and the count; what is lacking is named."""
    shown = {"handle": "shiyu", "avatar": "", "followerCount": 5, "owner": {"address": alice.address}}
    refused = faults.reply({"errors": [{"message": "Cannot query field"}]})
    known = faults.reply({"data": {"profileByHandle": shown}})

    def answer(connection: socket.socket) -> None:
        (known if b'"operationName":"Profile"' in elsewhere.requests[-1] else refused)(connection)

    elsewhere.fault = answer
    page = remote.get("/@shiyu").text
    assert "lacks that extension" in page
    assert '<b id="follower-count">5</b>' in page
    assert 'class="btn follow' in page


def test_lists_are_searched(visitor: Browser, people: Client, database: Database, alice: Person) -> None:
    """Followers by the whole of a handle or the beginning of an address, followings as a handle begins."""
    add_profile(database, "wonderland", alice.address, 200)
    bob = Person("bob")
    follows(people, alice, "link3")
    follows(people, bob, "link3")
    assert people.act("follow", alice, "shiyu") == "SUCCESS"
    assert [HANDLE.findall(row) for row in rows(visitor.get("/@link3?search=@Wonderland").text)] == [
        ["wonderland"]
    ]
    [found] = rows(visitor.get(f"/@link3?search={bob.address[:8]}").text)
    assert bob.address in found
    assert len(rows(visitor.get("/@wonderland/following?search=sh").text)) == 1
    assert "Nobody is found by “xyz”" in visitor.get("/@wonderland/following?search=xyz").text
    few = visitor.get("/@link3?search=0x1")
    assert few.status_code == 400
    assert "search: expected the beginning of a handle" in few.text


def test_two_lines_to_embed_the_button_are_on_every_profile(visitor: Browser) -> None:
    """As text, with this site's own address and the handle; a link where no script runs."""
    page = visitor.get("/@link3").text
    block = page.partition('aria-label="Lines to embed">')[2].partition("</pre>")[0]
    lines = html.unescape(block.replace("<span>", "").replace("</span>", ""))
    assert lines.splitlines() == [
        f'<script async src="{ORIGIN}/embed/follow-button.js"></script>',
        f'<follow-button handle="link3"><a href="{ORIGIN}/@link3">Follow @link3</a></follow-button>',
    ]
    assert "<follow-button" not in page
