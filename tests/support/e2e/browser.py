"""Where a Chromium is, and how it is started so that it speaks to nobody but us.

`python -m tests.support.e2e.browser` says which one the tests will use. Where the machine has none, root on
Debian gets Debian's package; anybody else gets what Playwright downloads into its own cache
(`PLAYWRIGHT_BROWSERS_PATH` moves it).

The headless shell is Chromium without a window's furniture: in it the tests take two thirds of the time.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

SYSTEM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium-headless-shell", "chromium")
QUIET = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
)


def chromium_path() -> str | None:
    """`CHROMIUM_PATH`, else the system's Chromium or Chrome; None leaves it to Playwright's own download.

    Raises:
        FileNotFoundError: `CHROMIUM_PATH` names nothing that exists.
    """
    named = os.environ.get("CHROMIUM_PATH", "")
    if named:
        if not Path(named).exists():
            raise FileNotFoundError(f"CHROMIUM_PATH: expected a browser, found nothing at {named!r}")
        return named
    return next(filter(None, map(shutil.which, SYSTEM_NAMES)), None)


def launch_options() -> dict[str, Any]:
    """Arguments for Playwright's `launch`. Chromium's sandbox goes only for root, who cannot have it."""
    options: dict[str, Any] = {"args": [*(("--no-sandbox",) if _is_root() else ()), *QUIET]}
    path = chromium_path()
    if path is not None:
        options["executable_path"] = path
    return options


def ensure() -> str:
    """The path of the Chromium that the tests will use; installed first if this machine has none."""
    found = chromium_path() or _installed_by_apt()
    if found is not None:
        return found
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if not Path(own).exists():
        libraries = ("--with-deps",) if _is_root() and sys.platform == "linux" else ()
        subprocess.run([sys.executable, "-m", "playwright", "install", *libraries, "chromium"], check=True)
    return own


def _installed_by_apt() -> str | None:
    """Debian's own package, where we may install it. (Ubuntu has the second name alone, for a stub.)"""
    if not _is_root() or shutil.which("apt-get") is None:
        return None
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet=2"], env=environment, check=False)
    for package in PACKAGES:
        command = ["apt-get", "install", "--yes", "--quiet=2", "--no-install-recommends", package]
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        if (found := chromium_path()) is not None:
            return found
    return None


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    print(f"Browser: {ensure()}")  # noqa: T201 (a command's answer)
