"""A witness signs what follows from what it signed before, and nothing else, whenever it is killed."""

import itertools
import os
import signal
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.store.audit_log import MemoryKey

from dancu.audit.notes import Checkpoint, Kind, Note, Signature, key_of, signed
from dancu.audit.tree import EMPTY_ROOT, consistency, leaf_hash, node_in, root_of
from dancu.audit.witness import Answer, Memory, Witness, WitnessInUse
from dancu.audit.witness.memory import LogKnown, digest_of
from dancu.audit.witnesses import (
    Standing,
    WitnessAt,
    WitnessDisagrees,
    WitnessesUnreadable,
    WitnessSilent,
    read_witnesses,
)
from dancu.kernel.errors import Malformed

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LOG, OTHER = MemoryKey(b"l" * 32), MemoryKey(b"o" * 32)
ORIGIN = "dancu-log/test"
KEY = key_of(ORIGIN, Kind.LOG, LOG)
LEAVES = [leaf_hash(b"%d" % i) for i in range(200)]  # they fit one tile, see `proof`
FORGED = [leaf_hash(b"forged"), *LEAVES[1:]]


def head(size: int, leaves: list[bytes] = LEAVES, *, by: MemoryKey = LOG, origin: str = ORIGIN) -> Note:
    return signed(Checkpoint(origin, size, root_of(leaves[:size]) if size else EMPTY_ROOT), by)


def proof(old: int, new: int, leaves: list[bytes] = LEAVES) -> list[bytes]:
    return consistency(old, new, node_in(lambda _: leaves))


def request(old: int, growth: list[bytes], note: Note) -> bytes:
    return "\n".join([f"old {old}", *(b64encode(one).decode() for one in growth), "", note.whole]).encode()


def grown(old: int, new: int, leaves: list[bytes] = LEAVES) -> bytes:
    return request(old, proof(old, new, leaves) if old <= new else [], head(new, leaves))


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    memory = Memory(tmp_path / "witness")
    memory.trust(KEY.text)
    return memory


@pytest.fixture
def witness(memory: Memory) -> Iterator[Witness]:
    with Witness(memory, lambda: NOW) as witness:
        yield witness


def test_a_log_that_grows_is_signed_at_every_step(witness: Witness, memory: Memory) -> None:
    for old, new in itertools.pairwise([0, 1, 7, 7, 64, 65, 200]):
        answer = witness.add(grown(old, new))
        assert answer.status == 200, answer
        note = memory.last(ORIGIN)
        assert note
        assert memory.key.signed(note)
        assert answer.body == note.signatures[-1].line
        assert note.text == head(new).text
    assert memory.evidence() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"\xff", 400),
        (b"old 1\n", 400),
        (b"old -1\n\n" + head(9).whole.encode(), 400),
        (b"old 01\n\n" + head(9).whole.encode(), 400),
        (b"old 7\nAAAA\n\n" + head(9).whole.encode(), 400),
        (request(7, [b"h" * 32] * 64, head(9)), 400),
        (request(9, [], head(8)), 400),
        (request(7, proof(7, 9), head(9, by=OTHER)), 403),
        (request(7, proof(7, 9), head(9, origin="dancu-log/unknown")), 404),
        (request(7, [], head(9)), 422),
        (request(7, proof(6, 9), head(9)), 422),
        (request(7, proof(7, 9, FORGED), head(9, FORGED)), 422),
        (request(7, [b"h" * 32], head(7)), 422),
        (request(7, [], head(7, FORGED)), 409),
        (request(0, [], head(9)), 409),
        (request(6, proof(6, 9), head(9)), 409),
        (request(8, proof(8, 9), head(9)), 409),
        (request(3, proof(3, 5), head(5)), 409),
    ],
)
def test_everything_else_is_refused_and_changes_nothing(
    witness: Witness, memory: Memory, body: bytes, status: int
) -> None:
    assert witness.add(grown(0, 7)).status == 200
    answer = witness.add(body)
    assert answer.status == status
    if status == 409:
        assert (answer.body, answer.content_type) == ("7\n", "text/x.tlog.size")
    last = memory.last(ORIGIN)
    assert last
    assert last.text == head(7).text
    assert witness.add(grown(7, 9)).status == 200


def test_a_head_of_nothing_is_signed_and_must_be_of_nothing(witness: Witness) -> None:
    assert witness.add(request(0, [], signed(Checkpoint(ORIGIN, 0, LEAVES[0]), LOG))).status == 409
    assert witness.add(grown(0, 0)).status == 200


def test_a_history_that_was_rewritten_stays_as_evidence(witness: Witness, memory: Memory) -> None:
    witness.add(grown(0, 7))
    witness.add(request(7, [], head(7, FORGED)))
    witness.add(request(7, proof(7, 9, FORGED), head(9, FORGED)))
    kept = [file.read_text(encoding="utf-8") for file in memory.evidence()]
    assert len(kept) == 2
    assert all(head(7).text in text for text in kept)
    assert any(head(7, FORGED).whole in text for text in kept)


def test_a_witness_keeps_to_the_key_by_which_it_knows_a_log(memory: Memory) -> None:
    memory.trust(f" {KEY.text}\n")
    with pytest.raises(LogKnown):
        memory.trust(key_of(ORIGIN, Kind.LOG, OTHER).text)
    with pytest.raises(Malformed):
        memory.trust("nothing")
    with pytest.raises(Malformed):
        memory.trust(memory.key.text)
    assert memory.logs() == {ORIGIN: KEY}


def test_one_folder_has_one_witness(memory: Memory, witness: Witness) -> None:
    with pytest.raises(WitnessInUse), Witness(memory, lambda: NOW):
        pass


def test_two_heads_at_once_are_judged_one_after_another(witness: Witness, memory: Memory) -> None:
    witness.add(grown(0, 7))
    answers: list[Answer] = []
    barrier = threading.Barrier(8)

    def add(size: int) -> None:
        barrier.wait()
        answers.append(witness.add(grown(7, size)))

    threads = [threading.Thread(target=add, args=(size,)) for size in range(10, 18)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status for answer in answers) == [200] + [409] * 7


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", range(12))
def test_a_witness_killed_at_any_step_never_signs_two_histories(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Every call that changes the disk is a moment to die at; then the log goes on, and a forger tries."""
    with Witness(memory, lambda: NOW) as witness:
        assert witness.add(grown(0, 7)).status == 200
    calls = itertools.count()

    def dying(call: Callable[..., object]) -> Callable[..., object]:
        def either(*arguments: object, **named: object) -> object:
            if next(calls) == step:
                raise Killed
            return call(*arguments, **named)

        return either

    with monkeypatch.context() as patch:
        for module, name in ((os, "open"), (os, "fsync"), (os, "fdopen"), (Path, "replace"), (Path, "unlink")):
            patch.setattr(module, name, dying(getattr(module, name)))
        answer = None
        try:
            with Witness(memory, lambda: NOW) as witness:
                answer = witness.add(grown(7, 9))
        except Killed:
            pass
    last = memory.last(ORIGIN)
    assert last
    assert last.text in {head(7).text, head(9).text}
    if answer:
        assert last.text == head(9).text
    with Witness(memory, lambda: NOW) as witness:
        size = Checkpoint.read(last.text).size
        assert witness.add(grown(size, 20, FORGED)).status == 422
        assert witness.add(grown(size, 20)).status == 200


def serving(home: Path, at: WitnessAt) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-m", "dancu", "witness", "serve", "--home", str(home)])
    deadline = time.monotonic() + 30
    while True:
        try:
            at.last(ORIGIN)
        except WitnessSilent:
            assert child.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return child


def test_a_killed_witness_remembers_what_it_had_signed(memory: Memory) -> None:
    at = WitnessAt(memory.key, f"unix:{memory.home / 'witness.sock'}")
    size, deadline = 0, time.monotonic() + 20
    for kill in range(3):
        child = serving(memory.home, at)
        killer = threading.Timer(0.05 + 0.03 * kill, child.send_signal, [signal.SIGKILL])
        killer.start()
        try:
            while size < 190 and time.monotonic() < deadline:
                answer = at.add(size, proof(size, size + 1), head(size + 1))
                size = answer if isinstance(answer, int) else size + 1
        except WitnessSilent:
            pass
        child.wait()
        seen = memory.last(ORIGIN)
        if seen:
            assert size <= Checkpoint.read(seen.text).size <= size + 1
    child = serving(memory.home, at)
    seen = memory.last(ORIGIN)
    assert seen
    size = Checkpoint.read(seen.text).size
    with pytest.raises(WitnessDisagrees):
        at.add(size, [], head(size, FORGED))
    with pytest.raises(WitnessDisagrees):
        at.add(size, proof(size, size + 5, FORGED), head(size + 5, FORGED))
    assert at.add(0, [], head(size + 5)) == size
    assert isinstance(at.add(size, proof(size, size + 5), head(size + 5)), Signature)
    last = at.last(ORIGIN)
    assert last
    assert last.text == head(size + 5).text
    assert at.last("dancu-log/unknown") is None
    child.terminate()
    child.wait(20)


def test_a_witness_that_is_not_there_is_told(tmp_path: Path, memory: Memory) -> None:
    with pytest.raises(WitnessSilent):
        WitnessAt(memory.key, f"unix:{tmp_path / 'none.sock'}").last(ORIGIN)
    with pytest.raises(WitnessSilent):
        WitnessAt(memory.key, "http://127.0.0.1:9/w").add(0, [], head(1))


def test_the_list_of_witnesses_is_read(tmp_path: Path, memory: Memory) -> None:
    assert read_witnesses(tmp_path / "elsewhere").standing is Standing.NONE
    memory.publish_key()
    assert [one.key for one in read_witnesses(tmp_path).all] == [memory.key]
    assert read_witnesses(tmp_path).standing is Standing.BESIDE
    entry = f'[[witness]]\nkey = "{memory.key.text}"\naddress = "https://witness.example/dancu"\n'
    (tmp_path / "witnesses.toml").write_text(entry, encoding="utf-8")
    assert read_witnesses(tmp_path).all == (WitnessAt(memory.key, "https://witness.example/dancu"),)
    assert read_witnesses(tmp_path).standing is Standing.ELSEWHERE


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text + "[[witness",
        lambda text: text.replace("https:", "ftp:"),
        lambda text: text.replace("key =", "keys ="),
        lambda text: text + text,
        lambda text: "need = 2\n" + text,
        lambda text: "need = 0\n" + text,
        lambda text: text.replace("+", "", 1),
        lambda text: text[:0],
    ],
)
def test_a_list_of_witnesses_that_says_too_little_is_refused(
    tmp_path: Path, memory: Memory, change: Callable[[str], str]
) -> None:
    entry = f'[[witness]]\nkey = "{memory.key.text}"\naddress = "https://witness.example/dancu"\n'
    (tmp_path / "witnesses.toml").write_text(change(entry), encoding="utf-8")
    with pytest.raises(WitnessesUnreadable):
        read_witnesses(tmp_path)


def test_logs_are_named_by_a_digest_that_fits_a_file_name() -> None:
    assert len(digest_of("a/b c\u2014")) == 64
