"""Signed notes: what the standards' own examples say, and nothing that was changed."""

from datetime import UTC, datetime

import pytest
from tests.store.audit_log import MemoryKey

from dancu.audit.notes import Checkpoint, Key, Kind, Note, cosigned, key_of, signed

# The example of golang.org/x/mod/sumdb/note, which C2SP signed-note names as its origin.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LOG, WITNESS = MemoryKey(b"l" * 32), MemoryKey(b"w" * 32)
TEXT = Checkpoint("dancu.example/log", 7, b"r" * 32)


def test_the_note_of_the_reference_implementation_is_read_and_holds() -> None:
    key = Key.read(PETER)
    assert key.text == PETER
    note = Note.read(NOTE)
    assert note.whole == NOTE
    assert key.signed(note) == note.signatures[0]
    assert key.signed(Note(note.text.replace("answer", "anchor"), note.signatures)) is None


def test_the_checkpoint_of_the_standard_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    found = Checkpoint.read(text)
    assert (found.origin, found.size, found.text) == ("example.com/behind-the-sofa", 20852163, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "a\n1\n",
        "a\n01\n" + "A" * 43 + "=\n",
        "a\n-1\n" + "A" * 43 + "=\n",
        "a\n1\nAAAA\n",
        "a\n1\n" + "A" * 43 + "=\n\n",
        "\n1\n" + "A" * 43 + "=\n",
        f"a\n{2**63}\n" + "A" * 43 + "=\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Checkpoint.read(text)


@pytest.mark.parametrize(
    "note",
    [
        "",
        "no signatures\n",
        "text\n\n",
        "text\n\n- name AAAAAAAA\n",
        "text\n\n\u2014 name\n",
        "text\n\n\u2014 name ####\n",
        "text\n\n\u2014 name AAAAAAAA",
        "text\n\n\u2014 a+b AAAAAAAA\n",
        "te\rxt\n\n\u2014 name AAAAAAAA\n",
        "text\n\n" + "\u2014 name AAAAAAAA\n" * 101,
    ],
)
def test_what_is_no_note_is_refused(note: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Note.read(note)


@pytest.mark.parametrize("text", ["", "a", "a+00000000+AAAA", PETER.replace("c74f", "c74e"), PETER[:-4]])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Key.read(text)


def test_a_log_signs_and_a_witness_cosigns_what_the_log_signed() -> None:
    note = signed(TEXT, LOG)
    note = note.with_lines([cosigned(note.text, "witness.example/w1", WITNESS, NOW)])
    log, witness = key_of(TEXT.origin, Kind.LOG, LOG), key_of("witness.example/w1", Kind.WITNESS, WITNESS)
    again = Note.read(note.whole)
    assert log.signed(again)
    made = witness.signed(again)
    assert made
    assert made.at == NOW
    assert key_of("witness.example/w1", Kind.LOG, WITNESS).signed(again) is None
    assert key_of("witness.example/w2", Kind.WITNESS, WITNESS).signed(again) is None
    assert key_of("witness.example/w1", Kind.WITNESS, LOG).signed(again) is None


def test_the_time_of_a_cosignature_is_signed_too() -> None:
    note = signed(TEXT, LOG)
    made = cosigned(note.text, "w", WITNESS, NOW)
    later = type(made)(made.name, made.key_id, (made.seconds + 1).to_bytes(8, "big") + made.value[8:])
    assert key_of("w", Kind.WITNESS, WITNESS).signed(note.with_lines([later])) is None
