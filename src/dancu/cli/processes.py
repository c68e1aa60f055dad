"""`dancu up`: the database, the web, the worker and the witness of one installation, started and stopped together."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FrameType

from dancu.audit.witnesses import PROVES, read_witnesses
from dancu.cli.installation import Installation, bring_up_to_date
from dancu.cli.output import say
from dancu.cli.witness import bring_witness
from dancu.kernel.errors import Conflict, NotFound, Unavailable

_STOP_LIMIT_S = 30.0
_PAUSE_S = 10.0
_WITNESS = "witness"
_PARENT = "DANCU_UP"


class AlreadyUp(Conflict):
    """The installation is up already."""


class NotUp(NotFound):
    """The installation isn't up."""


class ProcessEnded(Unavailable):
    """A process of the installation ended by itself."""


def up(here: Installation, announce: Sequence[str] = ()) -> None:
    """Start everything, say where it is, and stay until told to stop.

    Raises:
        AlreadyUp: another process runs this installation.
        ProcessEnded: the web or the worker ended by itself.
    """
    if (running := _pid(here)) is not None:
        raise AlreadyUp(f"This installation is up already (process {running}). Stop it with: dancu down")
    stop = _stop_on_signals()
    with here.kept_database(say) as (dsn, keep):
        bring_up_to_date(dsn, say, here)
        _ready_file(here).unlink(missing_ok=True)
        beside = [_WITNESS] if bring_witness(here.home, dsn, say) else []
        children = {name: _spawn(here, name) for name in ("serve", "work", *beside)}
        _pid_file(here).write_text(str(os.getpid()), encoding="ascii")
        try:
            _wait_until_ready(here, children["serve"], stop)
            proves = [PROVES[read_witnesses(here.home).standing][1]]
            for line in (*_addresses(here), *announce, *proves, "Stop with Ctrl-C."):
                say(line)
            _watch(here, children, stop, keep)
        finally:
            _pid_file(here).unlink(missing_ok=True)
            _stop(children.values())


def down(here: Installation) -> None:
    """Stop an installation that runs elsewhere, and wait until it has stopped.

    Raises:
        NotUp: nothing runs.
        Unavailable: it did not stop in time.
    """
    pid = _pid(here)
    if pid is None:
        raise NotUp("This installation isn't up")
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 4 * _STOP_LIMIT_S
    while _alive(pid):
        if time.monotonic() > deadline:
            raise Unavailable(f"Process {pid} has not stopped yet")
        time.sleep(0.1)


def _addresses(here: Installation) -> list[str]:
    return [f"Dancu is up: http://localhost:{here.settings.port}"]


def _spawn(here: Installation, name: str) -> subprocess.Popen[bytes]:
    """Start a part of the installation; what it says goes to a file of its own, its failures to the terminal too."""
    words = (name, "serve") if name == _WITNESS else (name,)
    # A session of its own, so that Ctrl-C reaches this process first and things stop in order.
    with _log_file(here, name).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "dancu", *words],
            start_new_session=True,
            stdout=log,
            stderr=log,
            env={**os.environ, _PARENT: str(os.getpid())},
        )


def end_with_parent() -> None:
    """End this process when `dancu up`, which started it, is gone: a killed one must leave nobody behind."""
    parent = os.environ.get(_PARENT)
    if parent is None:
        return

    def watch() -> None:
        while os.getppid() == int(parent):
            time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _log_file(here: Installation, name: str) -> Path:
    folder = here.home / "log"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def _last_words(here: Installation, name: str) -> str:
    lines = _log_file(here, name).read_text(encoding="utf-8", errors="replace").splitlines()
    return lines[-1] if lines else ""


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def ask(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    return stop


def _wait_until_ready(here: Installation, web: subprocess.Popen[bytes], stop: threading.Event) -> None:
    ready = _ready_file(here)
    while not ready.exists() and not stop.is_set():
        if web.poll() is not None:
            raise ProcessEnded(f"The web server did not start: {_last_words(here, 'serve')}")
        time.sleep(0.05)


def _ready_file(here: Installation) -> Path:
    return here.home / "run" / "web.ready"


def _watch(
    here: Installation,
    children: dict[str, subprocess.Popen[bytes]],
    stop: threading.Event,
    keep: Callable[[], None],
) -> None:
    again = 0.0
    while not stop.wait(0.5):
        keep()
        for name, child in list(children.items()):
            if child.poll() is None:
                continue
            if name != _WITNESS:
                raise ProcessEnded(
                    f"'dancu {name}' ended by itself with code {child.returncode}: {_last_words(here, name)}"
                )
            if time.monotonic() > again:  # the register goes on without its witness, and the log waits for it
                say(f"The witness ended by itself: {_last_words(here, name)}. Starting it again")
                children[name], again = _spawn(here, name), time.monotonic() + _PAUSE_S


def _stop(children: Iterable[subprocess.Popen[bytes]]) -> None:
    living = [child for child in children if child.poll() is None]
    for child in living:
        child.terminate()
    deadline = time.monotonic() + _STOP_LIMIT_S
    for child in living:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()


def _pid_file(here: Installation) -> Path:
    folder = here.home / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "up.pid"


def _pid(here: Installation) -> int | None:
    try:
        pid = int(_pid_file(here).read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
    return pid if _alive(pid) else None


def _alive(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return b"dancu" in command
