"""A wrong clock on the visitor's computer: the site still works, and no server can lead the page
far astray.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect

from tests.support.device import now_ms
from tests.support.e2e.arrangements import ONE_PROCESS, Arrangement
from tests.support.e2e.sandbox import SandboxPage
from tests.support.server import Server

pytestmark = pytest.mark.arrangements(ONE_PROCESS)

MINUTE_MS = 60_000
DECADE_MS = 315_360_000_000

WRONG_CLOCK = """(() => {
  const RealDate = Date;
  const now = () => RealDate.now() + OFFSET;
  globalThis.Date = class Date extends RealDate {
    constructor(...given) { given.length === 0 ? super(now()) : super(...given); }
    static now() { return now(); }
  };
})();"""


def set_clock(context: BrowserContext, offset_ms: int) -> None:
    context.add_init_script(WRONG_CLOCK.replace("OFFSET", str(offset_ms)))


@pytest.mark.parametrize("minutes", [10, -10], ids=["ten minutes fast", "ten minutes slow"])
def test_a_wrong_clock_still_follows(
    context: BrowserContext,
    page_of: Callable[[Server], SandboxPage],
    arrangement: Arrangement,
    minutes: int,
) -> None:
    """Each operation succeeds with at most one more try, made with the server's time, and the inspector shows
    both.
    """
    set_clock(context, minutes * MINUTE_MS)
    gateway = arrangement.gateway
    sandbox = page_of(arrangement.site).ready()
    posted = sandbox.posts("follow", "unfollow")
    before = sandbox.count()
    sandbox.follow()
    assert gateway.follows(sandbox.address(), "shiyu")

    first, second = (json.loads(request["message"])["ts"] for request in posted)
    assert abs(first - now_ms() - minutes * MINUTE_MS) < MINUTE_MS, (
        "the first try was honest about this clock"
    )
    assert abs(second - now_ms()) < MINUTE_MS
    expect(sandbox.inspector).to_contain_text("MESSAGE_EXPIRED")
    expect(sandbox.inspector).to_contain_text("SUCCESS")

    sandbox.unfollow()
    sandbox.expect_count(before)
    assert not gateway.follows(sandbox.address(), "shiyu")
    assert len(posted) <= 4


@pytest.mark.parametrize("lie", [DECADE_MS, -DECADE_MS], ids=["ten years ahead", "ten years ago"])
def test_t41_a_lying_server_gets_no_second_signature(sandbox: SandboxPage, lie: int) -> None:
    """A `tsInServer` beyond belief: no message is signed for that time, and the page says what happened."""
    sandbox.ready()
    posted: list[dict[str, Any]] = []

    def lie_about_time(route: Route) -> None:
        posted.append(json.loads(route.request.post_data or "{}"))
        reply = route.fetch(
            post_data=json.dumps({**posted[-1], "message": posted[-1]["message"].replace('"ts":1', '"ts":')})
        )
        body = reply.json()
        assert body["status"] == "MESSAGE_EXPIRED"
        route.fulfill(response=reply, json={**body, "tsInServer": now_ms() + lie})

    sandbox.page.route("**/api/follow", lie_about_time)
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_result("MESSAGE_EXPIRED")
    sandbox.expect_following(False)
    assert len(posted) == 1
    assert abs(json.loads(posted[0]["message"])["ts"] - now_ms()) < MINUTE_MS


def test_one_second_try_and_no_third(sandbox: SandboxPage) -> None:
    """A server that calls every message expired is tried twice, not for ever."""
    sandbox.ready()
    posted: list[str] = []

    def age(route: Route) -> None:
        body = json.loads(route.request.post_data or "{}")
        posted.append(body["message"])
        route.continue_(post_data=json.dumps({**body, "message": body["message"].replace('"ts":1', '"ts":')}))

    sandbox.page.route("**/api/follow", age)
    sandbox.click("Follow", sandbox.card())
    sandbox.expect_result("MESSAGE_EXPIRED")
    sandbox.expect_following(False)
    assert len(posted) == 2
