"""The process's log, for people or as JSON for programs."""

import atexit
import json
import logging
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from multiprocessing.util import Finalize
from typing import TextIO

from webapp.server.threads.gathering import Gathering

_OURS = ("method", "path", "status", "ms", "request_id", "network")


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


class TextLines(logging.Formatter):
    """A line for people: when, how grave, who says it, and what."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._second, self._told = -1, ""

    def formatTime(self, record: logging.LogRecord, _form: str | None = None) -> str:  # noqa: N802 (logging's name)
        """Write the time, of which all lines of a second share all but the milliseconds."""
        second, told = int(record.created), self._told
        if second != self._second:
            told = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(second))
            self._second, self._told = second, told
        return f"{told},{int(record.msecs):03d}"


class GatheredLines(logging.StreamHandler["TextIO"]):
    """Writes lines from a thread of its own, those of a moment together; from an error on, at once.

    A write lets go of the interpreter, and among busy threads an event loop waits for it longer than a write
    takes. A process that is killed takes its last moment's lines along.
    """

    def __init__(self, stream: "TextIO") -> None:
        super().__init__(stream)
        self._lines: deque[str] = deque()
        self._gathering = Gathering("log", self.write_out)
        # Not the handler's own lock, which everybody has to have who hands in a line.
        self._writing = threading.Lock()
        # One is called at the end of a process of `multiprocessing`, the other at that of any other.
        Finalize(None, self.write_out, exitpriority=0)
        atexit.register(self.write_out)

    def emit(self, record: logging.LogRecord) -> None:
        """Take a line."""
        try:
            self._lines.append(self.format(record) + self.terminator)
        except Exception:  # noqa: BLE001 (as every handler does)
            self.handleError(record)
            return
        if record.levelno >= logging.ERROR:
            self.write_out()
        else:
            self._gathering.came()

    def write_out(self) -> None:
        """Write what was taken so far; what cannot be written is lost, and nobody can be told."""
        with self._writing:
            lines = [self._lines.popleft() for _ in range(len(self._lines))]
            with suppress(OSError, ValueError):  # a full disk, a reader that has gone, a closed stream
                self.stream.write("".join(lines))
                self.stream.flush()


def configure_logs(level: str, form: str) -> None:
    """Send the log to standard error.

    Libraries are heard from warnings on, whatever the level: below, they tell headers, with keys and cookies.

    Args:
        level: The least level that is written of what Countersign tells itself.
        form: `text` or `json`.
    """
    handler = GatheredLines(sys.stderr)
    handler.setFormatter(JsonLines() if form == "json" else TextLines())
    # What no line of ours says need not be found out for each (logging HOWTO, "Optimization").
    logging._srcfile = None  # noqa: SLF001
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.basicConfig(level=max(logging.WARNING, getattr(logging, level.upper())), handlers=[handler])
    logging.getLogger("webapp").setLevel(level.upper())
