"""Other origins: pages of somebody else's, served on a loopback port of their own."""

import contextlib
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript; charset=utf-8"


@contextlib.contextmanager
def origin(files: Mapping[str, str]) -> Iterator[str]:
    """Serve these files (path to text; `.js` is a script, anything else a page); gives the origin,
    no slash.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            text = files.get(self.path)
            body = (text or "").encode()
            self.send_response(404 if text is None else 200)
            self.send_header("Content-Type", SCRIPT if self.path.endswith(".js") else HTML)
            self.send_header("Content-Length", str(len(body)))
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
