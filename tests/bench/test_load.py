"""The load generator, compiled and in Python: what it sends, what it counts, what it does not let pass."""

import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bench.load import FailedRequestError, Generator, Lane, find_compiler
from bench.requests import post


class EchoServer(ThreadingHTTPServer):
    """Answers with what was sent, and counts by whom."""

    log = ""
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Echo)
        self.port: int = self.server_address[1]
        self.asked: Counter[tuple[str, str]] = Counter()
        self.lock = threading.Lock()

    def processor_s(self) -> float:
        return 0.0


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: EchoServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.asked[self.client_address[0], body.decode()] += 1
        self.send_response(503 if b"busy" in body else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[EchoServer]:
    with EchoServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(params=["compiled", "in Python"])
def generator(request: pytest.FixtureRequest, tmp_path: Path) -> Generator:
    compiler = find_compiler() if request.param == "compiled" else None
    if request.param == "compiled" and compiler is None:
        pytest.skip("there is no C compiler")
    return Generator(tmp_path, compiler=compiler)


def lanes(server: EchoServer, *counts: int) -> list[Lane]:
    return [
        Lane(
            [post("/", f"good {lane} {number}", port=server.port) for number in range(count)],
            source=f"127.3.0.{1 + lane}",
        )
        for lane, count in enumerate(counts)
    ]


def test_every_request_is_sent_once_in_order_from_its_own_address(
    server: EchoServer, generator: Generator
) -> None:
    run = generator.run(server, lanes(server, 3, 40), needle="good", until="all")
    assert server.asked == Counter(
        {
            (f"127.3.0.{1 + lane}", f'"good {lane} {number}"'): 1
            for lane, count in enumerate((3, 40))
            for number in range(count)
        }
    )
    for lane, count in enumerate((3, 40)):
        of_lane = [reply for reply in run.replies if reply.lane == lane]
        assert [reply.request for reply in of_lane] == list(range(count))
        assert [reply.content.rpartition(b"\r\n")[2].decode() for reply in of_lane] == [
            f'"good {lane} {number}"' for number in range(count)
        ]
    assert run.sample.rate > 0
    assert 0 < run.sample.p50_ms <= run.sample.p99_ms


def test_all_stop_with_the_first_that_has_nothing_left_and_what_was_sent_is_counted(
    server: EchoServer, generator: Generator
) -> None:
    run = generator.run(server, lanes(server, 5, 10_000), needle="good", until="first")
    assert [reply.request for reply in run.replies if reply.lane == 0] == [0, 1, 2, 3, 4]
    assert server.asked.total() == len(run.replies) < 10_000


def test_requests_can_come_again_until_the_time_is_over(server: EchoServer, generator: Generator) -> None:
    run = generator.run(server, lanes(server, 1), needle="good", seconds=0.2, until="cycle")
    assert server.asked.total() == len(run.replies) > 1


@pytest.mark.parametrize("answer", ["busy", "something else", 'good "errors"'])
def test_a_reply_that_is_not_the_expected_one_ends_the_run_and_is_shown(
    server: EchoServer, generator: Generator, answer: str
) -> None:
    wrong = Lane([post("/", {answer: 1, "errors": 1} if "errors" in answer else answer, port=server.port)])
    with pytest.raises(FailedRequestError, match=answer.partition(" ")[0]):
        generator.run(server, [wrong], needle="good", until="all")
