"""What never ends in the worker outlives its own mistakes."""

import threading

from dancu.cli.worker import again_and_again


def test_a_loop_that_breaks_begins_again_until_it_is_told_to_stop() -> None:
    told = threading.Event()
    begun = list[str]()

    def loop(dsn: str, stop: threading.Event) -> None:
        begun.append(dsn)
        if len(begun) < 3:
            raise ZeroDivisionError
        stop.set()

    again_and_again(loop, "there", told, rest_s=0)
    assert begun == ["there"] * 3


def test_a_loop_that_breaks_while_it_is_told_to_stop_ends() -> None:
    told = threading.Event()

    def loop(_dsn: str, stop: threading.Event) -> None:
        stop.set()
        raise ZeroDivisionError

    again_and_again(loop, "there", told)
