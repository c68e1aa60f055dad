"""Starting, watching and stopping the embedded server."""

import atexit
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from dancu.infra.postgres import binaries as programs
from dancu.infra.postgres import cluster, lock, log, place, processes
from dancu.infra.postgres.account import Account, spawn
from dancu.infra.postgres.account import choose as choose_account
from dancu.infra.postgres.binaries import Binaries
from dancu.infra.postgres.configuration import Profile
from dancu.infra.postgres.errors import NotStarted, StartFailed, StopFailed
from dancu.infra.postgres.place import Place
from dancu.infra.postgres.shelf import runnable_by

Progress = Callable[[str], None]

_START_LIMIT_S = 600.0
_STOP_LIMIT_S = 300.0
_ORPHANS_LIMIT_S = 60.0
_POLL_S = 0.05
_LOOK_AT_LOG_S = 60.0
_TELL_S = 2.0


class EmbeddedServer:
    """The PostgreSQL server of one installation.

    One process at a time looks after it (a lock says so); others connect by `dsn`.
    A server that outlives its process, after kill -9, is taken over by the next `start()`
    when its settings and programs are still the ones wanted, and restarted when not.

    Args:
        home: of the installation; the data lie below it unless the server's account can't get there.
        profile: `standard`; `test` loses data at a power cut; `load` for the first national load.
        source: the only source of programs to use (`embedded`, `celerp`, `system`).
        folder: of programs, before every source.
        account: that runs the server when this process is root.
        progress: told, in English, what is waited for.
    """

    def __init__(
        self,
        home: Path,
        profile: Profile = "standard",
        *,
        source: str | None = None,
        folder: Path | None = None,
        account: str | None = None,
        progress: Progress = lambda _: None,
    ) -> None:
        self._home = home
        self._profile = profile
        self._source = source
        self._folder = folder
        self._account = account
        self._progress = progress
        self._lock: lock.Lock | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()

    @property
    def place(self) -> Place:
        """Where this server's files lie.

        Raises:
            NotStarted: it was never started.
        """
        found = place.known(self._home)
        if found is None:
            raise NotStarted(f"There is no database in {self._home} yet: run dancu up")
        return found

    @property
    def dsn(self) -> str:
        """The address of the database `postgres` for the superuser; other databases: `dsn_of`.

        Raises:
            NotStarted: it was never started.
        """
        return self.dsn_of("postgres")

    def dsn_of(self, database: str) -> str:
        """Return the address of a database."""
        sockets = quote(str(self.place.sockets), safe="")
        return f"postgresql://{cluster.SUPERUSER}@/{quote(database, safe='')}?host={sockets}&port=5432"

    @property
    def is_running(self) -> bool:
        """Whether a server process serves the data, whoever started it."""
        found = place.known(self._home)
        return found is not None and processes.postmaster(found.data) is not None

    @property
    def is_ready(self) -> bool:
        """Whether the server takes connections; one that recovers from a crash runs and is not ready."""
        found = place.known(self._home)
        return found is not None and processes.postmaster(found.data) is not None and processes.is_ready(found.data)

    @property
    def holder(self) -> int | None:
        """The number of the process that looks after the server, or None."""
        found = place.known(self._home)
        return lock.holder(found.base / "lock") if found else None

    def start(self) -> None:
        """Start the server, making the data at the first time, and wait until it takes connections.

        Recovery after a crash may take minutes; `progress` is told.

        Raises:
            AlreadyRunning: another process looks after it.
            NoBinaries, NoAccount, NoPlace, ForeignData: this installation can't run it; the message says why.
            StartFailed: it ended, or was not ready after ten minutes.
        """
        if self._lock is not None:
            if self.is_running:
                return
            self.stop()  # it ended by itself; what it left is cleared below
        chosen = place.known(self._home)
        account = choose_account(self._account, chosen.data.stat().st_uid if chosen else None)
        chosen = place.choose(self._home, account, throwaway=self._profile == "test")
        taken = lock.Lock(chosen.locks)
        taken.take()
        try:
            self._start(chosen, account)
        except BaseException:
            self._kill_child()
            taken.release()
            raise
        self._lock = taken
        self._stopping.clear()
        threading.Thread(target=self._keep_log_small, args=(chosen.log,), daemon=True).start()

    def stop(self) -> None:
        """Stop the server if it was started here: open transactions roll back, data are written.

        Raises:
            StopFailed: it did not end, not even when told to drop everything.
        """
        if self._lock is None:
            return
        self._stopping.set()
        self._halt(self.place)
        self._lock.release()
        self._lock = None

    def stop_outlived(self) -> bool:
        """Stop a server whose keeper is gone, without starting it first, and return whether there was one.

        Raises:
            AlreadyRunning: its keeper lives; that process is the one to stop.
        """
        found = place.known(self._home)
        if found is None:
            return False
        with lock.Lock(found.locks):
            return self._halt(found)

    def remove(self) -> None:
        """Stop the server and delete its data for good.

        Raises:
            AlreadyRunning: another process looks after it.
        """
        self.stop()
        found = place.known(self._home)
        if found is None:
            return
        with lock.Lock(found.locks):
            self._halt(found)
            for folder in {found.sockets, found.base, found.home / "postgres"}:
                shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self, chosen: Place, account: Account) -> None:
        found = programs.find(self._source, self._folder, major=cluster.version(chosen))
        found = runnable_by(account, found)
        cluster.check_version(chosen, found)
        place.prepare(chosen, account)
        if not chosen.data.is_dir():
            self._progress("Making the database")
            cluster.create(chosen, found, account, durable=self._profile != "test")
            if self._profile == "test" and chosen.base.parent != chosen.home:
                atexit.register(_discard, chosen)
        changed = cluster.configure(chosen, found, self._profile)
        if self._took_over(chosen, found, changed=changed):
            self._wait(chosen)
        else:
            self._launch_patiently(chosen, found, account)

    def _launch_patiently(self, chosen: Place, found: Binaries, account: Account) -> None:
        """Launch, and wait for orphans of a killed server that the kernel does not let us see, as in a container."""
        deadline = time.monotonic() + _ORPHANS_LIMIT_S
        while True:
            self._launch(chosen, found, account)
            try:
                return self._wait(chosen)
            except StartFailed as failure:
                if "still in use" not in str(failure) or time.monotonic() > deadline:
                    raise
            self._progress("Waiting for what is left of the server that was killed")
            time.sleep(1)

    def _halt(self, found: Place) -> bool:
        pid = processes.postmaster(found.data)
        if pid is not None:
            self._progress("Stopping the database")
            _stop(pid, self._reaped)
        self._reaped()
        place.tidy(found)
        return pid is not None

    def _took_over(self, chosen: Place, found: Binaries, *, changed: bool) -> bool:
        pid = processes.postmaster(chosen.data)
        if pid is None:
            return False
        if not changed and processes.program(pid) == found.tool("postgres"):
            self._progress("Taking over the server that still runs")
            return True
        self._progress("Restarting the server that still runs")
        _stop(pid, self._reaped)
        return False

    def _launch(self, chosen: Place, found: Binaries, account: Account) -> None:
        _clear_stale_pid(chosen)
        log.rotate(chosen.log)
        output = log.open_log(chosen.log)
        try:
            place.give_like_home(chosen.home, chosen.log)
            words: list[str | Path] = [found.tool("postgres"), *cluster.arguments(chosen)]
            self._child = spawn(account, words, output=output, session=True)
        except OSError as error:
            raise StartFailed(f"{found.tool('postgres')} can't be started: {error.strerror}") from error
        finally:
            os.close(output)

    def _wait(self, chosen: Place) -> None:
        began = time.monotonic()
        told = began
        while not (processes.is_ready(chosen.data) and _answers(self.dsn)):
            now = time.monotonic()
            if self._child is not None and self._child.poll() is not None:
                raise StartFailed(f"The database server ended at its start: {log.last_lines(chosen.log)}")
            if self._child is None and processes.postmaster(chosen.data) is None:
                raise StartFailed(f"The database server ended: {log.last_lines(chosen.log)}")
            if now - began > _START_LIMIT_S:
                raise StartFailed(f"The database is not ready after {_START_LIMIT_S:.0f} s: see {chosen.log}")
            if now - told > _TELL_S:
                told = now
                self._progress(f"Waiting {now - began:.0f} s for the database; after a crash it recovers first")
            time.sleep(_POLL_S)

    def _keep_log_small(self, path: Path) -> None:
        while not self._stopping.wait(_LOOK_AT_LOG_S):
            log.rotate(path)

    def _kill_child(self) -> None:
        if self._child is not None and self._child.poll() is None:
            self._child.send_signal(signal.SIGQUIT)
            try:
                self._child.wait(timeout=30)
            except subprocess.TimeoutExpired:
                self._child.kill()
        self._child = None

    def _reaped(self) -> None:
        """Take note of a child's end, which otherwise stays a zombie and looks alive."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None


def _clear_stale_pid(chosen: Place) -> None:
    """Clear what a killed server left behind; the lock is ours, so nobody else starts one meanwhile."""
    processes.end_orphans(chosen.data)
    if processes.postmaster(chosen.data) is None:
        (chosen.data / "postmaster.pid").unlink(missing_ok=True)


def _stop(pid: int, reap: Callable[[], None]) -> None:
    for number, limit_s in ((signal.SIGINT, _STOP_LIMIT_S), (signal.SIGQUIT, 30.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        if processes.wait_for_end(pid, limit_s):
            reap()
            return
    raise StopFailed(f"The database server, process {pid}, does not stop")


def _discard(chosen: Place) -> None:
    """Delete test data that lie outside of their home, where no test tool cleans up."""
    if pid := processes.postmaster(chosen.data):
        os.kill(pid, signal.SIGQUIT)
        processes.wait_for_end(pid, 10)
    shutil.rmtree(chosen.base, ignore_errors=True)


def _answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True
