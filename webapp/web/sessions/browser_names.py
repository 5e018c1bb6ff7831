"""What a browser is called in the list of sessions: as much of `User-Agent` as its owner knows it by."""

LONGEST = 64
UNKNOWN = "A browser"

# The first that is found decides: most browsers name those that they are made from, or were taken for, too.
_BROWSERS = (
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_APPLE = frozenset({"iPhone", "iPad", "macOS"})
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Name a browser and its system, such as "Firefox on Linux".

    Args:
        user_agent: The header, whatever was sent (RFC 9110, section 10.1.5). It proves nothing.

    Returns:
        Words from the tables above and nothing else of the header, at most `LONGEST` characters.
    """
    browser = _first(_BROWSERS, user_agent)
    system = _first(_SYSTEMS, user_agent)
    if browser == "Safari" and system not in _APPLE:  # elsewhere it says which engine, and not which browser
        browser = None
    if browser is None and system is None:
        return UNKNOWN
    return f"{browser or UNKNOWN} on {system}" if system else str(browser)


def _first(table: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for sign, name in table if sign in text), None)
