"""Where a link in a file of `docs/` leads once the site serves that file."""

from dataclasses import dataclass
from posixpath import dirname, join, normpath

INDEX = "index.md"
HERE = "http://127.0.0.1:8000/"
"""How the files name the reader's own server."""
ENDPOINT = f"{HERE}graphql"
"""How they name its GraphQL endpoint."""

_ELSEWHERE = ("https://", "http://", "mailto:")


@dataclass(frozen=True, slots=True)
class Links:
    """Leads from one file."""

    file: str  # relative to `docs/`
    known: frozenset[str]  # all files that the site serves, relative to `docs/`; a folder ends with a slash

    def lead(self, href: str) -> str | None:
        """Give the address of a link; None where it leads into the source, which the site does not serve."""
        if href.startswith(HERE):
            return "/" + href.removeprefix(HERE)
        if href.startswith(_ELSEWHERE):
            return href
        path, mark, fragment = href.partition("#")
        if not path:
            return href
        target = self.target(path)
        if target not in self.known:
            return None
        return page_path(target) + mark + fragment

    def target(self, path: str) -> str:
        """Name what a relative path leads to: relative to `docs/`, and from there outwards with `..`."""
        found = normpath(join(dirname(self.file), path))
        return f"{found}/" if path.endswith("/") else found

    def in_source(self, href: str) -> str:
        """Name the file of the source that a link leads to, relative to the project."""
        return normpath(join("docs", self.target(href.partition("#")[0])))


def page_path(file: str) -> str:
    """Give the path under which the site serves a file of `docs/`."""
    name = file.removesuffix(INDEX).removesuffix(".md").rstrip("/")
    return f"/docs/{name}" if name else "/docs"
