"""People in two sources, with faults of which the truth is known: the data of the linkage benchmarks.

The faults are those of Vietnamese sources; they share no code with what repairs them in `dancu`.
Some kinds are held back: nothing in the linkage was made or tuned with them.
"""

import random
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.linkage_fonts import as_tcvn3, as_viscii, as_vni_font
from benchmarks.typos import with_slip

from dancu.synth.nation import blocks

Person = dict[str, str | None]
Fault = Callable[[random.Random, Person], None]

COLUMNS = (
    "id", "person", "fault", "source", "name", "born", "sex", "number", "cmnd9", "mother", "father",
    "birth_province", "birth_district", "birth_ward", "permanent_unit",
)  # fmt: skip
_TELEX = {"\u0300": "f", "\u0301": "s", "\u0303": "x", "\u0309": "r", "\u0323": "j"}
_VNI = {"\u0300": "2", "\u0301": "1", "\u0303": "4", "\u0309": "3", "\u0323": "5"}
_NAMES = ("name", "mother", "father")


def _each_name(change: Callable[[str], str]) -> Fault:
    def fault(_: random.Random, person: Person) -> None:
        for column in _NAMES:
            text = person[column]
            if text:
                person[column] = change(text)

    return fault


def _plain(text: str) -> str:
    marks = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in marks if not unicodedata.combining(c))


def _keys(text: str, tones: dict[str, str], circumflex: str | None, horn: str, breve: str, bar: str) -> str:
    """Write each word as the keys that were pressed, the tone at its end."""
    words = []
    for word in text.split():
        keys, tone = "", ""
        for c in unicodedata.normalize("NFD", word):
            if c in tones:
                tone = tones[c]
            elif c == "\u0302":
                keys += circumflex or keys[-1].lower()
            elif c == "\u0306":
                keys += breve
            elif c == "\u031b":
                keys += horn
            elif c in "đĐ":
                keys += ("D" if c == "Đ" else "d") + bar
            else:
                keys += c
        words.append(keys + tone)
    return " ".join(words)


def _telex(text: str) -> str:
    return _keys(text, _TELEX, None, "w", "w", "d")


def _vni(text: str) -> str:
    return _keys(text, _VNI, "6", "7", "8", "9")


def _moved_tone(text: str) -> str:
    """The other school of spelling: hoà for hòa, lí for lý."""
    for old, new in (
        ("òa", "oà"),
        ("óa", "oá"),
        ("ỏa", "oả"),
        ("úy", "uý"),
        ("ủy", "uỷ"),
        ("ùy", "uỳ"),
        ("Lý", "Lí"),
        ("Mỹ", "Mĩ"),
    ):
        text = text.replace(old, new)
    return text


def _abbreviation(_: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    if len(words) > 2:
        person["name"] = " ".join(
            [*(f"{word[:2] if word.startswith(('Ng', 'Tr', 'Ph')) else word[:1]}." for word in words[:-1]), words[-1]]
        )


def _middle_dropped(_: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    if len(words) > 2:
        person["name"] = f"{words[0]} {words[-1]}"


def _order(_: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    person["name"] = " ".join([words[-1], *words[:-1]])


def _number_typo(rng: random.Random, person: Person) -> None:
    number = person["number"]
    if number:
        at = rng.randrange(6, 12)
        digit = rng.choice([d for d in "0123456789" if d != number[at]])
        person["number"] = number[:at] + digit + number[at + 1 :]


def _no_numbers(_: random.Random, person: Person) -> None:
    person["number"] = person["cmnd9"] = None


def _born(change: Callable[[random.Random, int, int, int], tuple[int, int, int] | None]) -> Fault:
    def fault(rng: random.Random, person: Person) -> None:
        text = person["born"] or ""
        if len(text) == 10:
            found = change(rng, int(text[:4]), int(text[5:7]), int(text[8:]))
            if found:
                year, month, day = found
                person["born"] = f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}"

    return fault


def _lunar(rng: random.Random, year: int, month: int, day: int) -> tuple[int, int, int]:
    earlier = date.fromordinal(date(year, month, day).toordinal() - rng.randrange(19, 51))
    return earlier.year, earlier.month, earlier.day


def _digit(rng: random.Random, year: int, month: int, day: int) -> tuple[int, int, int] | None:
    for _ in range(20):
        text = f"{year:04}{month:02}{day:02}"
        at = rng.randrange(2, 8)
        text = text[:at] + rng.choice("0123456789") + text[at + 1 :]
        try:
            found = date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            continue
        if (found.year, found.month, found.day) != (year, month, day) and found.year < 2027:
            return found.year, found.month, found.day
    return None


def _slip(rng: random.Random, person: Person) -> None:
    person["name"] = with_slip(person["name"] or "", rng)


def _moved(rng: random.Random, person: Person) -> None:
    person["permanent_unit"] = f"{rng.randrange(3321):05}"


def _no_parents(_: random.Random, person: Person) -> None:
    person["mother"] = person["father"] = None


def _other_sex(_: random.Random, person: Person) -> None:
    person["sex"] = "2" if person["sex"] == "1" else "1"


def _parents_short(_: random.Random, person: Person) -> None:
    for column in ("mother", "father"):
        words = (person[column] or "").split()
        if len(words) > 2:
            person[column] = f"{words[0]} {words[-1]}"


def _both(*faults: Fault) -> Fault:
    def fault(rng: random.Random, person: Person) -> None:
        for one in faults:
            one(rng, person)

    return fault


def _no_change(_: random.Random, __: Person) -> None:
    pass


FAULTS: dict[str, Fault] = {
    "clean": _no_change,
    "no_diacritics": _each_name(_plain),
    "capitals": _each_name(str.upper),
    "tone_place": _each_name(_moved_tone),
    "order": _order,
    "abbreviation": _abbreviation,
    "middle_dropped": _middle_dropped,
    "telex": _each_name(_telex),
    "vni_keys": _each_name(_vni),
    "tcvn3": _each_name(lambda text: as_tcvn3(text).decode("latin-1")),
    "utf8_misread": _each_name(lambda text: text.encode().decode("latin-1")),
    "number_typo": _number_typo,
    "no_numbers": _no_numbers,
    "year_only": _born(lambda _, y, __, ___: (y, 0, 0)),
    "day_month": _born(lambda _, y, m, d: (y, d, m) if d <= 12 else None),
    "lunar": _born(_lunar),
    "moved": _moved,
    "vni_font": _each_name(as_vni_font),
    "viscii": _each_name(lambda text: as_viscii(text).decode("latin-1")),
    "tcvn3_cp1252": _each_name(lambda text: as_tcvn3(text).decode("cp1252", "replace")),
    "utf8_misread_twice": _each_name(lambda text: text.encode().decode("latin-1").encode().decode("latin-1")),
    "decomposed": _each_name(lambda text: unicodedata.normalize("NFD", text)),
    "telex_small": _each_name(lambda text: _telex(text).lower()),
    "slip_in_name": _slip,
    "digit_in_birth_date": _born(_digit),
    "next_year": _born(lambda _, y, m, d: (y + 1, m, min(d, 28))),
    "no_parents": _no_parents,
    "parents_short": _parents_short,
    "other_sex": _other_sex,
    "order_and_no_diacritics": _both(_each_name(_plain), _order),
    "telex_and_year_only": _both(_each_name(_telex), _born(lambda _, y, __, ___: (y, 0, 0))),
    "slip_and_day_month": _both(_slip, _born(lambda _, y, m, d: (y, d, m) if d <= 12 else None)),
}
"""Faults that the engine was made with."""

KEYSTROKES_AND_FONTS = (
    "telex", "vni_keys", "tcvn3", "utf8_misread", "vni_font", "viscii", "tcvn3_cp1252", "utf8_misread_twice",
    "telex_small", "telex_and_year_only",
)  # fmt: skip
"""Those of the faults that have a bar of their own."""


def _by_ear(rng: random.Random, person: Person) -> None:
    """Two words are written as they sound in another region."""
    words = (person["name"] or "").split()
    for _ in range(2):
        at = rng.randrange(len(words))
        for old, new in (
            ("Tr", "Ch"),
            ("Ch", "Tr"),
            ("S", "X"),
            ("X", "S"),
            ("Gi", "D"),
            ("D", "Gi"),
            ("L", "N"),
            ("N", "L"),
        ):
            if words[at].startswith(old):
                words[at] = new + words[at][len(old) :]
                break
    person["name"] = " ".join(words)


def _scanned(_: random.Random, person: Person) -> None:
    """A scan was read by a machine that takes one letter for another."""
    text = _plain(person["name"] or "")
    person["name"] = text.replace("l", "1").replace("o", "0").replace("m", "rn")


def _joined(_: random.Random, person: Person) -> None:
    person["name"] = (person["name"] or "").replace(" ", "")


def _with_title(rng: random.Random, person: Person) -> None:
    person["name"] = (
        f"{'Bà' if person['sex'] == '2' else 'Ông'} {person['name']} ({rng.choice(['Tý', 'Cò', 'Bé', 'Mít'])})"
    )


def _lost_zeros(_: random.Random, person: Person) -> None:
    person["number"] = (person["number"] or "").lstrip("0") or None


def _two_slips(rng: random.Random, person: Person) -> None:
    _slip(rng, person)
    _slip(rng, person)


def _fathers_name(_: random.Random, person: Person) -> None:
    """The child was told with the mother's surname."""
    words, mother = (person["name"] or "").split(), (person["mother"] or "").split()
    if len(words) > 1 and mother:
        person["name"] = " ".join([mother[0], *words[1:]])


def _grandmother(rng: random.Random, person: Person) -> None:
    """Another woman was told as the mother."""
    person["mother"] = rng.choice(["Nguyễn Thị Sáu", "Trần Thị Hoa", "Lê Thị Bảy", "Phạm Thị Tư"])


HELD_BACK_FIRST: dict[str, Fault] = {
    "tcvn3_name_only": lambda _, person: person.update(name=as_tcvn3(person["name"] or "").decode("latin-1")),
    "telex_after_capitals": _each_name(lambda text: _telex(text).upper()),
    "utf8_misread_cp1252": _each_name(lambda text: text.encode().decode("cp1252", "replace")),
    "by_ear": _by_ear,
    "scanned": _scanned,
    "joined": _joined,
    "with_title": _with_title,
    "lost_zeros": _lost_zeros,
    "two_slips": _two_slips,
    "surname_of_mother": _fathers_name,
    "another_mother": _grandmother,
    "age_told": _born(lambda _, y, __, ___: (y - 1, 0, 0)),
    "month_wrong": _born(lambda rng, y, m, d: (y, rng.choice([n for n in range(1, 13) if n != m]), min(d, 28))),
    "order_and_year_only": _both(_order, _born(lambda _, y, __, ___: (y, 0, 0))),
    "moved_and_no_numbers": _both(_moved, _no_numbers, _each_name(_plain)),
}
"""Faults that were held back until the engine was first measured with them; see the results of that day."""


def _question_marks(_: random.Random, person: Person) -> None:
    """A program wrote a question mark for each letter that it did not know."""
    for column in _NAMES:
        text = person[column]
        if text:
            person[column] = text.encode("latin-1", "replace").decode("latin-1")


def _letters_lost(_: random.Random, person: Person) -> None:
    """A program left out each letter that it did not know."""
    person["name"] = (person["name"] or "").encode("latin-1", "ignore").decode("latin-1")


def _words_exchanged(rng: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    if len(words) > 2:
        at = rng.randrange(1, len(words) - 1)
        words[at], words[at + 1] = words[at + 1], words[at]
    person["name"] = " ".join(words)


def _middle_added(_: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    if len(words) > 1:
        person["name"] = " ".join([words[0], "Thị" if person["sex"] == "2" else "Văn", *words[1:]])


def _parents_exchanged(_: random.Random, person: Person) -> None:
    person["mother"], person["father"] = person["father"], person["mother"]


def _initial_of_middle(_: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    person["name"] = " ".join([*(w if at in {0, len(words) - 1} else f"{w[0]}." for at, w in enumerate(words))])


def _last_letter_doubled(rng: random.Random, person: Person) -> None:
    words = (person["name"] or "").split()
    at = rng.randrange(len(words))
    words[at] += words[at][-1]
    person["name"] = " ".join(words)


def _tone_at_once(text: str) -> str:
    """Write Telex keys with the tone right after its vowel."""
    out = ""
    for c in unicodedata.normalize("NFD", text):
        if c in _TELEX:
            out += _TELEX[c]
        elif c == "\u0302":
            out += out[-1].lower()
        elif c in "\u0306\u031b":
            out += "w"
        else:
            out += {"đ": "dd", "Đ": "DD"}.get(c, c)
    return out


HELD_BACK: dict[str, Fault] = {
    "telex_tone_at_once": _each_name(_tone_at_once),
    "tcvn3_small": _each_name(lambda text: as_tcvn3(text.lower()).decode("latin-1")),
    "viscii_misread_twice": _each_name(lambda text: as_viscii(text).decode("latin-1").encode().decode("latin-1")),
    "question_marks": _question_marks,
    "letters_lost": _letters_lost,
    "words_exchanged": _words_exchanged,
    "middle_added": _middle_added,
    "parents_exchanged": _parents_exchanged,
    "initial_of_middle": _initial_of_middle,
    "last_letter_doubled": _last_letter_doubled,
    "day_lost": lambda _, person: person.update(born=(person["born"] or "")[:7] or None),
    "ten_years_off": _born(lambda rng, y, m, d: (y + rng.choice([-10, 10]), m, min(d, 28))),
}
"""Faults that were kept away from the making of the engine; reported apart."""

FONTS_HELD_BACK = ("telex_tone_at_once", "tcvn3_small", "viscii_misread_twice")
FONTS_HELD_BACK_FIRST = ("tcvn3_name_only", "telex_after_capitals", "utf8_misread_cp1252")


def people(
    count: int, seed: int, faults: dict[str, Fault], *, twice: float = 0.2, numbers: float = 0.5
) -> Iterator[list[dict[str, Any]]]:
    """Yield the records of a register of `count` people, and second records of some from another source, in blocks.

    Args:
        twice: share of people with a second record, each with one fault.
        numbers: share of second records that tell the personal number; fewer tell the old one.
    """
    rng = random.Random(seed)
    kinds = list(faults)
    named: set[tuple[str | None, ...]] = set()
    for block in blocks(count, seed):
        records: list[dict[str, Any]] = []
        named.clear()  # no family reaches into another block
        for row in block.table.to_pylist():
            person, key = _person(row), row["source_key"]
            child = (person["mother"], person["father"], person["name"])
            if person["mother"] and child in named:
                continue  # parents don't give one name to two children; the nation at times does
            named.add(child)
            records.append({**person, "id": f"{key}-R", "person": key, "fault": "", "source": "register"})
            if rng.random() < twice:
                second = dict(person)
                _leave_out(rng, second, numbers)
                kind = rng.choice(kinds)
                before = dict(second)
                faults[kind](rng, second)
                happened = kind if second != before or kind == "clean" else "clean"
                records.append({**second, "id": f"{key}-N", "person": key, "fault": happened, "source": "new"})
        yield records


def _person(row: dict[str, Any]) -> Person:
    places = [part.strip() for part in (row["birth_place_text"] or "").split(",")]
    ward, district, province = places if len(places) == 3 else (None, None, None)
    return {
        "name": " ".join(part for part in (row["surname"], row["middle"], row["given"]) if part),
        "born": row["born"],
        "sex": row["sex"],
        "number": row["personal_number"],
        "cmnd9": row["cmnd9"],
        "mother": row["mother_name"],
        "father": row["father_name"],
        "birth_province": province,
        "birth_district": district,
        "birth_ward": ward,
        "permanent_unit": row["permanent_unit"],
    }


def _leave_out(rng: random.Random, person: Person, numbers: float) -> None:
    """Another source tells less."""
    if rng.random() >= numbers:
        person["number"] = None
    if rng.random() >= 0.3:
        person["cmnd9"] = None
    for column in ("mother", "father"):
        if rng.random() < 0.3:
            person[column] = None
    detail = rng.random()
    if detail < 0.3:
        person["birth_ward"] = None
    if detail < 0.1:
        person["birth_district"] = None
    if rng.random() < 0.15:
        person["permanent_unit"] = f"{rng.randrange(3321):05}"


def write(blocks_of_records: Iterable[list[dict[str, Any]]], path: Path) -> None:
    """Write records as Parquet."""
    schema = pa.schema([(column, pa.string()) for column in COLUMNS])
    with pq.ParquetWriter(path, schema) as writer:
        for records in blocks_of_records:
            writer.write_table(pa.Table.from_pylist(records, schema))
