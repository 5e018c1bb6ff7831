"""Light or dark: what the visitor chose, as a cookie that the page's own button writes."""

from collections.abc import Mapping

THEMES = ("light", "dark")


def chosen_theme(cookies: Mapping[str, str]) -> str | None:
    """The theme that these cookies ask for; None follows the system, and so does what is no theme."""
    theme = cookies.get("theme")
    return theme if theme in THEMES else None
