"""A browser that opens `/graphql` gets GraphiQL, from our own files, under a policy that it never strains."""

from playwright.sync_api import Page, expect

from tests.support.server import Server


def test_graphiql_asks_this_gateway_and_shows_its_documentation(page: Page, server: Server) -> None:
    """The first query runs as it stands; nothing is loaded from elsewhere; `no_faults` watches the policy."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(server.graphql_url)
    expect(page.get_by_role("region", name="Query Editor")).to_contain_text("profileByHandle")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text('"handle": "shiyu"')
    page.get_by_role("button", name="Show Documentation Explorer").click()
    expect(page.get_by_role("link", name="Query").first).to_be_visible()
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


def test_a_client_that_asks_for_json_still_gets_json(page: Page, server: Server) -> None:
    """The page is for people alone: a query in the address is answered, whatever is accepted."""
    reply = page.request.get(f"{server.graphql_url}?query=%7B__typename%7D", headers={"accept": "text/html"})
    assert reply.json() == {"data": {"__typename": "Query"}}


def test_an_example_opens_in_a_tab_of_its_own_and_earns_its_status(page: Page, server: Server) -> None:
    """Filled with what the gateway says now; nothing is sent before "Execute query"."""
    page.goto(server.graphql_url)
    examples = page.get_by_role("region", name="Examples")
    examples.get_by_role("button", name="INVALID_SIGNATURE").click()
    expect(page.get_by_role("tab", name="MadeUp")).to_be_visible()
    expect(page.get_by_role("region", name="Variables")).to_contain_text("signingKey")
    expect(page.locator(".result-window")).not_to_contain_text("status")
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text('"status": "INVALID_SIGNATURE"')
