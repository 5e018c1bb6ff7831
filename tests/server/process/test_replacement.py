"""A process whose disk failed ends itself: once, and not before its supervisor would start another."""

import subprocess
import sys

SCRIPT = """
import signal, threading, time
from webapp.server.process.stopping import Replacement
ended = []
signal.signal(signal.SIGTERM, lambda *_: ended.append(time.monotonic()))
began = time.monotonic()
replacement = Replacement(youngest_s=0.3)
for _ in range(100):
    replacement()
while not ended:
    threading.Event().wait(0.01)
threading.Event().wait(0.3)
print(len(ended), ended[0] - began >= 0.3)
"""


def test_it_ends_once_however_often_it_is_asked_and_not_too_young() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout == "1 True\n"
