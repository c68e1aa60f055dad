"""Facts of a ledger that nobody searches by, and that are sealed: religion, blood, telephone, e-mail.

They leave the payload before it is hashed, and come back as one sealed text in it: the chain runs over what is stored,
and is proved without keys. A life carries the sealed texts; only who shows or compares the facts opens them.

Law: Nghị định 356/2025/NĐ-CP, Điều 4 (religion is sensitive). See docs/decisions/0009-what-is-sealed.md.
"""

from base64 import b64decode, b64encode

import msgspec

from dancu.infra.keys import KeyRing, Place, Purpose, SealBroken
from dancu.register.life import Life
from dancu.register.payloads import Payload


class _Facts(msgspec.Struct, frozen=True, omit_defaults=True):
    """The facts as they are sealed; the names are those of the payload."""

    religion: int | None = msgspec.field(default=None, name="r")
    blood: int | None = msgspec.field(default=None, name="bl")
    phone: str | None = msgspec.field(default=None, name="ph")
    email: str | None = msgspec.field(default=None, name="em")


_DECODER = msgspec.json.Decoder(_Facts)
_encode = msgspec.json.Encoder(order="sorted").encode


def sealed(payload: Payload, ring: KeyRing, *, person_id: int, seq: int) -> Payload:
    """Return the payload of an event as it is stored: its sensitive facts in one sealed text.

    Raises:
        KeyMissing: it has some, and the key isn't there.
    """
    facts = (payload.religion, payload.blood, payload.phone, payload.email)
    text = seal(ring, *facts, person_id=person_id, seq=seq)
    if text is None:
        return payload
    return msgspec.structs.replace(payload, religion=None, blood=None, phone=None, email=None, sealed=text)


def seal(
    ring: KeyRing,
    religion: int | None,
    blood: int | None,
    phone: str | None,
    email: str | None,
    *,
    person_id: int,
    seq: int,
) -> str | None:
    """Return the sealed text of an event's facts; None where there are none."""
    if religion is None and blood is None and phone is None and email is None:
        return None
    facts = _encode(_Facts(religion, blood, phone, email))
    return b64encode(ring.encrypt(Purpose.SENSITIVE_FACT, facts, _place(person_id, seq))).decode("ascii")


def opened(life: Life, ring: KeyRing) -> Life:
    """Return a life with its sensitive facts; of each, what was told last.

    Raises:
        KeyMissing: there are some, and their key isn't there.
        SealBroken: one was changed, or moved from another event.
    """
    found = {"religion": life.religion, "blood": life.blood, "phone": life.phone, "email": life.email}
    for one in life.sealed:
        facts = _open(ring, one.text, person_id=one.person_id, seq=one.seq)
        found |= {name: value for name in found if (value := getattr(facts, name)) is not None}
    return msgspec.structs.replace(life, sealed=(), **found) if life.sealed else life


def opened_payload(payload: Payload, ring: KeyRing, *, person_id: int, seq: int) -> Payload:
    """Return the payload of a stored event with its sensitive facts.

    Raises:
        KeyMissing: it has some, and their key isn't there.
        SealBroken: it was changed, or moved from another event.
    """
    if payload.sealed is None:
        return payload
    facts = _open(ring, payload.sealed, person_id=person_id, seq=seq)
    return msgspec.structs.replace(payload, sealed=None, **msgspec.structs.asdict(facts))


def _open(ring: KeyRing, text: str, *, person_id: int, seq: int) -> _Facts:
    try:
        value = b64decode(text, validate=True)
    except ValueError as error:
        raise SealBroken("A sealed fact was changed") from error
    return _DECODER.decode(ring.decrypt(Purpose.SENSITIVE_FACT, value, _place(person_id, seq)))


def _place(person_id: int, seq: int) -> Place:
    return Place("register.event", "payload", f"{person_id}:{seq}")
