"""The normal record: what every source becomes, whatever it looked like.

A file that already has these column names (CSV or Parquet, every value as text,
dates as ISO 8601, codes as digits) is read without any mapping.
"""

from dataclasses import dataclass

import pyarrow as pa


@dataclass(frozen=True)
class Field:
    """One column of the normal record.

    Args:
        name: the column's name, also the word a mapping uses.
        type: Arrow type; null always means that the source does not say.
        reads: the name of the normaliser that makes the value out of text (see `dancu.intake.values`).
        meaning: what the value says, for people who write mappings.
    """

    name: str
    type: pa.DataType
    reads: str
    meaning: str


def _whose(prefix: str, whose: str) -> list[Field]:
    return [
        Field(f"{prefix}_number", pa.string(), "personal_number", f"12-digit personal number of {whose}"),
        Field(f"{prefix}_cmnd9", pa.string(), "cmnd9", f"9-digit identity card number of {whose}"),
        Field(f"{prefix}_born", pa.int32(), "partial_date", f"birth date of {whose}, yyyymmdd, 0 = unknown part"),
    ]


def _abode(prefix: str, what: str) -> list[Field]:
    return [
        Field(f"{prefix}_unit", pa.string(), "unit", f"{what}: code of the commune, or of a higher unit"),
        Field(f"{prefix}_address", pa.string(), "text", f"{what}: the address as the source writes it"),
        Field(f"{prefix}_since", pa.date32(), "day", f"{what}: first day"),
    ]


ORDINALS: tuple[Field, ...] = (
    Field("record", pa.int32(), "", "Ordinal of the record in its file, from 1"),
    Field("first_line", pa.int32(), "", "First line (or sheet row) of the record in its file, from 1"),
    Field("last_line", pa.int32(), "", "Last line (or sheet row) of the record"),
)

FIELDS: tuple[Field, ...] = (
    Field("kind", pa.string(), "kind", "persons | births | marriages: what the record reports"),
    Field("source_key", pa.string(), "text", "The source's own id of the record or person"),
    Field("source_province", pa.string(), "unit", "Province (2 digits) that the source gives without saying of what"),
    Field("subject", pa.int8(), "small", "dancu.kernel.codes.SubjectType"),
    Field("personal_number", pa.string(), "personal_number", "12-digit personal number"),
    Field("cmnd9", pa.string(), "cmnd9", "9-digit identity card number"),
    Field("passport", pa.string(), "passport", "Passport number"),
    Field("surname", pa.string(), "name", "Family name (họ), NFC"),
    Field("middle", pa.string(), "name", "Middle names (chữ đệm), NFC"),
    Field("given", pa.string(), "name", "Given name (tên), NFC; the whole name where it has no parts"),
    Field("name_key", pa.string(), "", "dancu.kernel.text.fold of the full name; computed, never read"),
    Field("name_plain", pa.bool_(), "", "True when the file writes names without diacritics; computed"),
    Field("other_name", pa.string(), "name", "Other name in use"),
    Field("born", pa.int32(), "partial_date", "Birth date as PartialDate.number: yyyymmdd, 0 = unknown part"),
    Field("sex", pa.int8(), "sex", "dancu.kernel.codes.Sex"),
    Field("birth_place_unit", pa.string(), "unit", "Unit of birth"),
    Field("birth_place_text", pa.string(), "text", "Place of birth as the source writes it"),
    Field("birth_registration_unit", pa.string(), "unit", "Unit where the birth was registered"),
    Field("origin_unit", pa.string(), "unit", "Unit of the place of origin (quê quán)"),
    Field("origin_text", pa.string(), "text", "Place of origin as the source writes it"),
    Field("ethnicity", pa.int16(), "ethnicity", "scheme x 100 + code; scheme 1 = tctk-1979, 2 = gso-census"),
    Field("religion", pa.int16(), "religion", "Code of the religion, 0 = none"),
    Field("nationality", pa.string(), "nationality", "ISO 3166 alpha-3, XXA = stateless"),
    Field("blood", pa.int8(), "blood", "1 A, 2 B, 3 AB, 4 O"),
    Field("marital", pa.int8(), "marital", "dancu.kernel.codes.MaritalStatus"),
    Field("father_name", pa.string(), "name", "Full name of the father"),
    *_whose("father", "the father"),
    Field("mother_name", pa.string(), "name", "Full name of the mother"),
    *_whose("mother", "the mother"),
    *_abode("permanent", "Permanent residence"),
    *_abode("temporary", "Temporary residence"),
    Field("temporary_until", pa.date32(), "day", "Temporary residence: day on which it ends, exclusive"),
    *_abode("current", "Current abode"),
    Field("unit_day", pa.date32(), "day", "The day whose units the codes are of; null: those of today"),
    Field("household_no", pa.string(), "text", "Number of the household or residence file"),
    Field("relation", pa.int8(), "relation", "dancu.kernel.codes.Relation to the head of the household"),
    Field("head_name", pa.string(), "name", "Full name of the head of the household"),
    Field("head_number", pa.string(), "personal_number", "12-digit personal number of the head"),
    Field("phone", pa.string(), "phone", "Telephone number, digits with a leading + or 0"),
    Field("email", pa.string(), "email", "E-mail address, lower case"),
    Field("died_on", pa.int32(), "partial_date", "Day of death, yyyymmdd, 0 = unknown part"),
    Field("spouse_surname", pa.string(), "name", "Spouse: family name; in `marriages` the wife"),
    Field("spouse_middle", pa.string(), "name", "Spouse: middle names"),
    Field("spouse_given", pa.string(), "name", "Spouse: given name"),
    Field("spouse_name_key", pa.string(), "", "Spouse: folded full name; computed"),
    *_whose("spouse", "the spouse"),
    Field("married_on", pa.int32(), "partial_date", "Day of the marriage's registration, yyyymmdd, 0 = unknown part"),
    Field("registered_on", pa.date32(), "day", "Day on which the birth or death was registered"),
    Field("certificate_number", pa.string(), "text", "Civil-status number of the registration"),
    Field("certificate_book", pa.string(), "text", "Civil-status book of the registration"),
    Field("certificate_year", pa.int16(), "year", "Year of the civil-status book"),
    Field("notes", pa.string(), "", "Repairs that reading made, as ids separated by spaces; computed"),
)

COMPUTED = frozenset({"name_key", "name_plain", "spouse_name_key", "notes"})

NORMAL: pa.Schema = pa.schema([pa.field(f.name, f.type) for f in (*ORDINALS, *FIELDS)])
"""The schema of every chunk that `dancu.intake.read` yields; every column may be null but the ordinals and `kind`."""

BY_NAME: dict[str, Field] = {f.name: f for f in FIELDS}

KINDS = ("persons", "births", "marriages")
