"""TypeScript for the browser: bundled with the project's own esbuild, once a run and file."""

import functools
import subprocess
from pathlib import Path

from tests.support.places import ROOT, node

HERE = ROOT / "tests" / "e2e"


def script(name: str) -> str:
    """A script for `page.evaluate`, from `tests/e2e/scripts`."""
    return (HERE / "scripts" / f"{name}.js").read_text(encoding="utf-8")


@functools.cache
def bundle(entry: str, *, name: str) -> str:
    """One classic script of `entry` (a path in `tests/e2e`) and all it imports; exports are on `name`."""
    return _bundled(ROOT, str(HERE / entry), "--format=iife", f"--global-name={name}")


@functools.cache
def module(source: str, folder: str) -> str:
    """One module of a text and all it imports, as if it were a file in `folder` (a path in `tests/e2e`)."""
    return _bundled(HERE / folder, "--format=esm", stdin=source)


def _bundled(folder: Path, *options: str, stdin: str | None = None) -> str:
    esbuild = ROOT / "node_modules" / "esbuild" / "bin" / "esbuild"
    done = subprocess.run(
        [node(), str(esbuild), *options, "--bundle", "--target=es2022", "--log-level=error"],
        cwd=folder,
        input=stdin,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
