"""Lines are gathered, and what gathers them survives whatever takes them."""

import io
import logging
import threading

import pytest

from webapp.server.process.logs import GatheredLines


class Stream(io.StringIO):
    """Notes when something was written, and can be made to fail or to take its time."""

    def __init__(self) -> None:
        super().__init__()
        self.written, self.may_write, self.fails = threading.Event(), threading.Event(), 0
        self.may_write.set()

    def write(self, text: str) -> int:
        self.written.set()
        self.may_write.wait()
        if self.fails:
            self.fails -= 1
            raise BrokenPipeError
        return super().write(text)


def record(text: str, level: int = logging.INFO) -> logging.LogRecord:
    return logging.LogRecord("webapp", level, __file__, 1, text, None, None)


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_lines_are_written_in_their_order_and_an_error_at_once(stream: Stream) -> None:
    handler = GatheredLines(stream)
    handler.handle(record("one"))
    handler.handle(record("two", logging.ERROR))
    assert stream.getvalue() == "one\ntwo\n"


def test_whoever_hands_in_a_line_waits_for_no_write(stream: Stream) -> None:
    handler = GatheredLines(stream)
    stream.may_write.clear()
    handler.handle(record("one"))
    assert stream.written.wait(20)
    handed_in = threading.Thread(target=handler.handle, args=[record("two")], daemon=True)
    handed_in.start()
    handed_in.join(20)
    assert not handed_in.is_alive()
    stream.may_write.set()
    handler.write_out()
    assert stream.getvalue() == "one\ntwo\n"


def test_a_line_that_cannot_be_written_is_the_only_one_lost(stream: Stream) -> None:
    handler = GatheredLines(stream)
    stream.fails = 1
    handler.handle(record("lost", logging.ERROR))
    stream.written.clear()
    handler.handle(record("kept"))
    assert stream.written.wait(20), "the thread that writes goes on"
    handler.write_out()
    assert stream.getvalue() == "kept\n"
