"""The process's log, for people or as JSON for programs; a line and an id for each request of the gateway."""

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from webapp.web.request_log import REQUEST_LINE, request_facts

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_OURS = ("method", "path", "status", "ms", "request_id", "network")

_logger = logging.getLogger("webapp.gateway.requests")


class JsonLines(logging.Formatter):
    """One JSON object a line: time (RFC 3339, UTC), level, logger, message, and a request's facts."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one record."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line: dict[str, object] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name in _OURS if (value := getattr(record, name, None)) is not None}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure_logs(level: str, form: str) -> None:
    """Send the log to standard error.

    Libraries are heard from warnings on, whatever the level: below, they tell headers, with keys and cookies.

    Args:
        level: The least level that is written of what Countersign tells itself.
        form: `text` or `json`.
    """
    handler = logging.StreamHandler(sys.stderr)
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s")
    handler.setFormatter(JsonLines() if form == "json" else text)
    logging.basicConfig(level=max(logging.WARNING, getattr(logging, level.upper())), handlers=[handler])
    logging.getLogger("webapp").setLevel(level.upper())


def logged(inner: "WSGIApplication", token: Callable[[int], str]) -> "WSGIApplication":
    """Give every request an id, in its reply and in the log, and a line that names nobody.

    Args:
        inner: The application.
        token: Makes unguessable URL-safe text out of so many random bytes.
    """

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request_id, began = token(9), time.perf_counter()

        def started(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:  # noqa: ANN401 (as PEP 3333 has it)
            facts = request_facts(
                method=environ["REQUEST_METHOD"],
                path=environ.get("PATH_INFO", ""),
                status=int(status[:3]),
                began=began,
                request_id=request_id,
                client=environ.get("REMOTE_ADDR"),
            )
            _logger.info(REQUEST_LINE, facts, extra=facts)
            return start_response(status, [*headers, ("x-request-id", request_id)], *rest)

        return inner(environ, started)

    return application
