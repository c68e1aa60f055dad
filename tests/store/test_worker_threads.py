"""Every loop of the worker runs at once, however few processors the machine has."""

import asyncio
import os
import signal
import threading
from pathlib import Path

import pytest

from dancu.cli import worker
from dancu.infra.settings import Settings

LOOPS = 40
"""More than asyncio's own threads, of which there are at most 32, and six on two processors."""


def test_no_loop_waits_for_another_to_end(database_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(LOOPS, timeout=30)
    met = list[int]()

    def loop(_dsn: str, stop: threading.Event) -> None:
        try:
            met.append(together.wait())
        except threading.BrokenBarrierError:
            pass
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            stop.wait(30)

    monkeypatch.setattr(worker, "loops_of", lambda _home: (loop,) * LOOPS)
    monkeypatch.setattr(worker, "DUTIES", ())
    asyncio.run(worker.run(database_dsn, Settings(home=tmp_path)))
    assert sorted(met) == list(range(LOOPS))
