"""What a browser calls itself becomes a few words that its owner knows it by."""

import pytest

from webapp.web.sessions.browser_names import LONGEST, UNKNOWN, browser_name

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox on Linux"),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/130.0 Safari/537.36 Edg/130.0",
            "Edge on Windows",
        ),
        (
            f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/130.0 Safari/537.36",
            "Chrome on ChromeOS",
        ),
        (
            f"Mozilla/5.0 (Linux; Android 14) {WEBKIT} SamsungBrowser/26.0 Chrome/122 Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15",
            "Safari on macOS",
        ),
        (
            "Mozilla/5.0 (iPhone; like Mac OS X) AppleWebKit/605.1.15 CriOS/130 Safari/604.1",
            "Chrome on iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 Version/18 Safari/605", f"{UNKNOWN} on Linux"),
        ("Mozilla/5.0 (Linux; Android 14)", f"{UNKNOWN} on Android"),
        ("Firefox/128.0", "Firefox"),
        ("Werkzeug/3.1", UNKNOWN),
        ("", UNKNOWN),
        ("\x00<b>" + "x" * 9_000, UNKNOWN),
    ],
)
def test_a_browser_is_called_what_its_owner_knows_it_by(user_agent: str, name: str) -> None:
    """And nothing else of the header is kept, however long it is."""
    assert browser_name(user_agent) == name
    assert len(name) <= LONGEST
