"""Other origins: pages of somebody else's, served on a loopback port of their own."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.server import Server

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


@dataclass
class Sites:
    """Ours, one that may frame its sandbox page, and one that may not. Both may embed its button."""

    server: Server
    docs: str
    stranger: str


def guide(server: Server) -> tuple[str, dict[str, str]]:
    """A page of documentation with buttons and sandbox, and the policy that it needs for them: no more."""
    page = (
        "<!doctype html><html lang=en><meta name=viewport content='width=device-width'>"
        f"<title>Guide</title><script async src='{server.url}/embed/follow-button.js'></script>"
        f"<main><h1>Guide</h1>"
        f"<follow-button handle=shiyu><a href='{server.url}/@shiyu'>@shiyu</a></follow-button>"
        "<follow-button handle=cyberconnect></follow-button>"
        "<follow-button id=again handle=shiyu></follow-button>"
        f"<iframe src='{server.url}/' title=Sandbox width=100% height=500></iframe></main>"
    )
    policy = f"default-src 'none'; script-src {server.url}; connect-src {server.url}; frame-src {server.url}"
    return page, {"Content-Security-Policy": policy}


@contextlib.contextmanager
def origin(files: Mapping[str, str], headers: Mapping[str, Mapping[str, str]] | None = None) -> Iterator[str]:
    """Serve these files (path to text; `.js` is a script, anything else a page), each with the headers of its
    path; gives the origin, no slash.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = files.get(self.path)
            body = (text or "").encode()
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Type", SCRIPT if self.path.endswith(".js") else HTML)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).get(self.path, {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: the browser's favicon requests tell nobody anything."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, name="another origin")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
