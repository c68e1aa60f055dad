import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rings import MemoryShelf, memory_ring

from dancu.infra.keys import OVERHEAD, FileCustody, KeyExposed, KeyMissing, Place, Purpose, Ring, SealBroken, verify
from dancu.infra.keys.custody import make_key

HERE = Place("dossiers.document", "content", "7:0", 1)
SECRET = "Lý do được bảo vệ".encode()


def test_a_value_moved_to_another_place_does_not_open() -> None:
    ring = memory_ring()
    sealed = ring.encrypt(Purpose.DOCUMENT, SECRET, HERE)
    for elsewhere in (
        Place("dossiers.proposal", "content", "7:0", 1),
        Place("dossiers.document", "name", "7:0", 1),
        Place("dossiers.document", "content", "8:0", 1),
        Place("dossiers.document", "content", "7:0", 2),
        Place("dossiers.documentc", "ontent", "7:0", 1),
    ):
        with pytest.raises(SealBroken):
            ring.decrypt(Purpose.DOCUMENT, sealed, elsewhere)
    with pytest.raises(SealBroken):
        ring.decrypt(Purpose.PROPOSED_ACT, sealed, HERE)
    assert ring.decrypt(Purpose.DOCUMENT, sealed, HERE) == SECRET


@given(st.data())
def test_no_bit_of_a_sealed_value_can_be_changed(data: st.DataObject) -> None:
    ring = memory_ring()
    sealed = bytearray(ring.encrypt(Purpose.DOCUMENT, SECRET, HERE))
    at = data.draw(st.integers(0, len(sealed) - 1))
    sealed[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises((SealBroken, KeyMissing)):
        ring.decrypt(Purpose.DOCUMENT, bytes(sealed), HERE)


@given(st.binary(max_size=80))
def test_what_was_never_sealed_is_not_taken_for_clear_text(anything: bytes) -> None:
    with pytest.raises((SealBroken, KeyMissing)):
        memory_ring().decrypt(Purpose.DOCUMENT, anything, HERE)


def test_the_same_value_never_looks_the_same_twice() -> None:
    ring = memory_ring()
    sealed = {ring.encrypt(Purpose.DOCUMENT, SECRET, HERE) for _ in range(50)}
    assert len(sealed) == 50
    assert {len(one) for one in sealed} == {len(SECRET) + OVERHEAD}
    assert not any(SECRET in one for one in sealed)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    custody = FileCustody(tmp_path / "keys")
    shelf = MemoryShelf()
    Ring(custody, shelf).encrypt(Purpose.DOCUMENT, SECRET, HERE)
    (tmp_path / "keys" / "kek-1.key").chmod(mode)
    with pytest.raises(KeyExposed):
        Ring(custody, shelf).encrypt(Purpose.DOCUMENT, SECRET, HERE)
    (tmp_path / "keys" / "kek-1.key").chmod(0o600)
    (tmp_path / "keys").chmod(0o755)
    with pytest.raises(KeyExposed):
        Ring(custody, shelf).encrypt(Purpose.DOCUMENT, SECRET, HERE)


def test_files_of_keys_are_private_from_the_first_moment(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        FileCustody(tmp_path / "keys").make(1)
    finally:
        os.umask(before)
    assert [file.name for file in (tmp_path / "keys").iterdir()] == ["kek-1.key"]
    assert stat.S_IMODE((tmp_path / "keys" / "kek-1.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_of_many_makers_one_wins(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "kek-1.key"

    def make(_: int) -> bytes:
        make_key(file)
        return file.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(make, range(32)))) == 1


def test_a_lost_key_is_said_and_no_other_one_is_made(tmp_path: Path) -> None:
    custody = FileCustody(tmp_path / "keys")
    shelf = MemoryShelf()
    sealed = Ring(custody, shelf).encrypt(Purpose.DOCUMENT, SECRET, HERE)
    (tmp_path / "keys" / "kek-1.key").unlink()
    ring = Ring(custody, shelf)
    for purpose in (Purpose.DOCUMENT, Purpose.PROPOSED_ACT):
        with pytest.raises(KeyMissing):
            ring.encrypt(purpose, SECRET, HERE)
    with pytest.raises(KeyMissing):
        ring.decrypt(Purpose.DOCUMENT, sealed, HERE)
    with pytest.raises(KeyMissing):
        ring.rotate(Purpose.DOCUMENT)
    assert list((tmp_path / "keys").iterdir()) == []
    assert len(shelf.keys) == 1


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 33, b"x" * 32])
def test_a_damaged_or_foreign_key_is_said(tmp_path: Path, content: bytes) -> None:
    custody = FileCustody(tmp_path / "keys")
    shelf = MemoryShelf()
    Ring(custody, shelf).make_missing()
    (tmp_path / "keys" / "kek-1.key").write_bytes(content)
    with pytest.raises(KeyMissing):
        Ring(custody, shelf).make_missing()
    assert len(Ring(custody, shelf).check()) == len(Purpose)


def test_both_versions_of_a_key_are_live_after_a_rotation(tmp_path: Path) -> None:
    custody, shelf = FileCustody(tmp_path / "keys"), MemoryShelf()
    ring, elsewhere = Ring(custody, shelf), Ring(custody, shelf)
    before = ring.encrypt(Purpose.DOCUMENT, SECRET, HERE)
    also_before = elsewhere.encrypt(Purpose.DOCUMENT, SECRET, HERE)
    ring.rotate(Purpose.DOCUMENT)
    after = ring.encrypt(Purpose.DOCUMENT, SECRET, HERE)
    assert before[1:5] == also_before[1:5] != after[1:5]
    for one in (ring, elsewhere):
        assert [one.decrypt(Purpose.DOCUMENT, sealed, HERE) for sealed in (before, after)] == [SECRET, SECRET]


def test_a_signature_holds_for_its_key_and_message_only(tmp_path: Path) -> None:
    custody = FileCustody(tmp_path / "keys")
    first = custody.signing_key("log")
    assert custody.signing_key("log") == first == "log-1"
    signature = custody.sign(first, b"checkpoint")
    assert verify(custody.public_key(first), signature, b"checkpoint")
    assert not verify(custody.public_key(first), signature, b"checkpoinT")
    second = custody.make_signing_key("log")
    assert (custody.signing_keys("log"), custody.signing_key("log")) == (["log-1", "log-2"], second)
    assert not verify(custody.public_key(second), signature, b"checkpoint")
    assert verify(custody.public_key("log-1"), custody.sign("log-1", b"again"), b"again")
    assert not verify(b"short", signature, b"checkpoint")


@pytest.mark.parametrize("key_id", ["log-9", "../kek-1", "log", "", "log-1/../../kek-1", "LOG-1"])
def test_a_signing_key_that_is_not_there_is_said(tmp_path: Path, key_id: str) -> None:
    custody = FileCustody(tmp_path / "keys")
    custody.make(1)
    with pytest.raises(KeyMissing):
        custody.sign(key_id, b"checkpoint")
