"""A real browser, and a server of the pages that it can reach."""

import contextlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright
from starlette.types import ASGIApp

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def executable() -> str | None:
    """Find a Chromium, or install Debian's where that is allowed."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        # Another process of the tests may be installing it already: wait for it.
        command = ["apt-get", "install", "-y", "-q", "-o", "DPkg::Lock::Timeout=300", "chromium"]
        subprocess.run(command, check=False, capture_output=True)
    return shutil.which("chromium")


@contextlib.contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Start a browser with a profile of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@contextlib.contextmanager
def served(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port of this machine and yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", loop="asyncio"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def screenshots_folder() -> Path:
    """Where pictures go: `DANCU_SCREENSHOTS`, else a temporary folder."""
    folder = Path(os.environ.get("DANCU_SCREENSHOTS", "/tmp/dancu-screenshots"))  # noqa: S108 -- pictures of fakes
    folder.mkdir(parents=True, exist_ok=True)
    return folder
