"""Every kind of act that an officer records runs whole on a real register, from plain values."""

import json
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from tests.store.family import COMMUNE, NOW, common, couple, header, life_of, person

from dancu.infra.db import Database, Transaction
from dancu.kernel.codes import Authority, PermanentEnd, Relation, Sex, TieKind
from dancu.kernel.dates import PartialDate
from dancu.kernel.errors import Invalid
from dancu.kernel.ids import new_id
from dancu.kernel.time import today
from dancu.register import commands, surroundings
from dancu.register.catalogue import (
    CATALOGUE,
    CONSEQUENCES,
    ActUnknown,
    Call,
    Entry,
    acts_of,
    entry_of,
)
from dancu.register.four_eyes import FOUR_EYES
from dancu.register.kinds import EventKind
from dancu.register.payloads import Payload
from dancu.register.proposed import PROPOSABLE
from dancu.register.territory import locate

pytestmark = pytest.mark.anyio

Plain = dict[str, Any]
Example = Callable[[Transaction], Awaitable[Plain]]
HOME = {"unit": COMMUNE, "detail": "Thôn 1"}
OTHER_PLACE = {"unit": "06331", "detail": "Thôn 2"}


async def act(tx: Transaction, code: str, plain: Plain) -> commands.Recorded:
    """Carry out an act as it would come from a file."""
    entry = entry_of(code)
    values = entry.read(json.loads(json.dumps(plain)))
    return await entry.record(Call(tx, header(), NOW, locate), values)


async def head(tx: Transaction, sex: Sex = Sex.MALE, born: int = 19800101, *, home: int | None = None) -> int:
    """Establish somebody at the head of a household."""
    return await person(tx, sex, born, household=home or new_id())


async def family(tx: Transaction) -> tuple[int, int, str]:
    """Establish a head and one more member; return them and their residence file."""
    home = new_id()
    first = await head(tx, home=home)
    other = await person(tx, Sex.FEMALE, household=home, relation=Relation.SIBLING)
    return first, other, f"{COMMUNE}-{home % 10**9:09}"


async def birth(tx: Transaction) -> Plain:
    man, woman = await couple(tx)
    return {
        "name": "Lê Minh Khuê",
        "born": "2026-11-10",
        "sex": "female",
        "birth_place": HOME,
        "mother": {"person": woman},
        "father": {"person": man},
        "lives_with": "mother",
    }


async def short_life(tx: Transaction) -> Plain:
    return {**await birth(tx), "born": "2026-11-20", "died": "2026-11-21", "lived_24_hours": True}


async def collected(tx: Transaction) -> Plain:
    mother = await person(tx, Sex.FEMALE, 19500101)
    return {
        "name": {"surname": "Lò", "middle": "Thị", "given": "Mai"},
        "born": "1975",
        "sex": "2",
        "ethnicity": "103",
        "mother": {"person": mother},
        "father": {"name": "Lò Văn Pao"},
        "residence": HOME,
        "since": "2001-01-01",
    }


async def marriage(tx: Transaction) -> Plain:
    return {"person": await person(tx), "other": await person(tx, Sex.FEMALE), "on": "2026-11-23"}


async def marriage_end(tx: Transaction) -> Plain:
    man, woman = await couple(tx)
    return {"person": man, "spouse": woman, "on": "2026-10-01"}


async def adoption(tx: Transaction) -> Plain:
    man, woman = await couple(tx)
    return {"child": await person(tx, born=20200101), "adopters": [man, woman], "on": "2026-11-01", "name": "Lê Bé"}


async def adoption_end(tx: Transaction) -> Plain:
    told = await adoption(tx)
    await act(tx, "adopted", told)
    return {"child": told["child"], "on": "2026-11-20", "name_given_back": True}


async def recognition(tx: Transaction) -> Plain:
    child, father = await person(tx, born=20200101), await person(tx)
    return {"child": child, "father": {"person": father}, "on": "2026-11-01"}


async def parentage(tx: Transaction) -> Plain:
    told = await recognition(tx)
    await act(tx, "parent_recognised", told)
    return {"child": told["child"], "no_father": "yes", "on": "2026-11-20"}


async def guardianship(tx: Transaction) -> Plain:
    return {"person": await person(tx, born=20150101), "guardians": [await person(tx)], "on": "2026-11-01"}


async def guardianship_end(tx: Transaction) -> Plain:
    told = await guardianship(tx)
    await act(tx, "guardianship_established", told)
    return {"person": told["person"], "on": "2026-11-20", "why": "decided"}


async def representation(tx: Transaction) -> Plain:
    told = await guardianship(tx)
    return {"person": told["person"], "representatives": told["guardians"], "on": "2026-11-01", "detail": "tài sản"}


async def representation_end(tx: Transaction) -> Plain:
    told = await representation(tx)
    await act(tx, "representation_established", told)
    return {"person": told["person"], "representative": told["representatives"][0], "on": "2026-11-20"}


async def death(tx: Transaction) -> Plain:
    return {"person": await person(tx), "died": "2026-11-20", "reason": "bệnh"}


async def missing(tx: Transaction) -> Plain:
    return {"person": await person(tx), "last_news": "2023-05", "on": "2026-05-04"}


async def found(tx: Transaction) -> Plain:
    told = await missing(tx)
    await act(tx, "declared_missing", told)
    return {"person": told["person"], "on": "2026-11-01"}


async def declared_dead(tx: Transaction) -> Plain:
    return {
        "person": await person(tx),
        "died": "2026-05-04",
        "ground": "no_news_five_years",
        "since": "2020-01-01",
        "on": "2026-05-04",
    }


async def returned(tx: Transaction) -> Plain:
    told = await declared_dead(tx)
    await act(tx, "death_declared", told)
    return {"person": told["person"], "on": "2026-11-01"}


async def capacity(tx: Transaction) -> Plain:
    return {"person": await person(tx), "capacity": "difficult", "on": "2026-11-01"}


async def nationality(tx: Transaction) -> Plain:
    return {"person": await person(tx), "nationality": "DEU", "on": "2026-11-01"}


async def correction(tx: Transaction) -> Plain:
    return {"person": await person(tx), "born": "1980-01-02", "reason": "giấy khai sinh"}


async def change(tx: Transaction) -> Plain:
    told = {"name": "Lê Bình An", "on": "2026-11-01", "consents": True, "reason": "theo nguyện vọng"}
    return {"person": await person(tx), **told}


async def update(tx: Transaction) -> Plain:
    return {"person": await person(tx), "phone": "0900000001", "on": "2026-11-01"}


async def protection(tx: Transaction) -> Plain:
    return {"person": await person(tx), "ground": "witness", "reason": "quyết định 12/2026"}


async def protection_end(tx: Transaction) -> Plain:
    told = await protection(tx)
    await act(tx, "protected", told)
    return told


async def move(tx: Transaction) -> Plain:
    one, other, _ = await family(tx)
    movers = [{"person": one, "relation": "head"}, {"person": other, "relation": "sibling"}]
    return {"movers": movers, "place": OTHER_PLACE, "on": "2026-11-20"}


async def permanent_end(tx: Transaction) -> Plain:
    ground = PermanentEnd.SETTLED_ABROAD.name.lower()
    return {"persons": [await head(tx)], "ground": ground, "on": "2026-11-01"}


async def temporary(tx: Transaction) -> Plain:
    return {"persons": [await person(tx)], "place": OTHER_PLACE, "on": "2026-11-01", "until": "2027-11-01"}


async def temporary_extended(tx: Transaction) -> Plain:
    told = {**await temporary(tx), "on": "2026-10-01", "until": "2026-12-01"}
    await act(tx, "temporary_residence_registered", told)
    return {"persons": told["persons"], "until": "2028-11-01"}


async def temporary_end(tx: Transaction) -> Plain:
    told = await temporary(tx)
    await act(tx, "temporary_residence_registered", told)
    return {"persons": told["persons"], "ground": "lodging_ended", "on": "2026-11-20"}


async def abode(tx: Transaction) -> Plain:
    told = await permanent_end(tx)
    await act(tx, "permanent_residence_ended", {**told, "ground": "dwelling_gone"})
    return {"persons": told["persons"], "place": OTHER_PLACE, "on": "2026-11-10"}


async def absence(tx: Transaction) -> Plain:
    return {
        "persons": [await person(tx)],
        "case": "long_absence",
        "on": "2026-11-10",
        "destination": {"unit": "26740", "detail": ""},
    }


async def absence_end(tx: Transaction) -> Plain:
    told = await absence(tx)
    await act(tx, "absence_declared", told)
    return {"persons": told["persons"], "on": "2026-11-20"}


async def joined(tx: Transaction) -> Plain:
    _, _, file_no = await family(tx)
    joiner = {"person": await person(tx), "relation": "not_related"}
    return {"joiners": [joiner], "household": file_no, "on": "2026-11-01"}


async def split(tx: Transaction) -> Plain:
    _, other, _ = await family(tx)
    return {"leavers": [{"person": other, "relation": "head"}], "on": "2026-11-01", "head_consents": True}


async def merged(tx: Transaction) -> Plain:
    one, other, _ = await family(tx)
    _, _, file_no = await family(tx)
    members = [{"person": one, "relation": "other_relative"}, {"person": other, "relation": "other_relative"}]
    return {"members": members, "household": file_no, "on": "2026-11-01"}


async def new_head(tx: Transaction) -> Plain:
    one, other, _ = await family(tx)
    members = [{"person": one, "relation": "sibling"}, {"person": other, "relation": "head"}]
    return {"members": members, "on": "2026-11-01"}


async def number(tx: Transaction) -> Plain:
    return {"person": await person(tx), "registered_in": {"unit": "00097"}}


async def number_cancelled(tx: Transaction) -> Plain:
    return {"person": await person(tx), "reason": "cấp trùng"}


async def records(tx: Transaction) -> Plain:
    return {"survivor": await person(tx), "merged": await person(tx), "reason": "trùng hồ sơ"}


async def records_apart(tx: Transaction) -> Plain:
    told = await records(tx)
    await act(tx, "record_merged", told)
    return {"merged": told["merged"], "reason": "hai người khác nhau"}


async def annulment(tx: Transaction) -> Plain:
    told = await death(tx)
    await act(tx, "death_registered", told)
    return {"person": told["person"], "event": 2, "reason": "nhầm người"}


EXAMPLES: dict[str, Example] = {
    "birth_registered": birth,
    "child_lived_a_day": short_life,
    "person_established": collected,
    "marriage_registered": marriage,
    "divorced": marriage_end,
    "marriage_annulled": marriage_end,
    "adopted": adoption,
    "adoption_ended": adoption_end,
    "parent_recognised": recognition,
    "parentage_decided": parentage,
    "guardianship_established": guardianship,
    "guardianship_ended": guardianship_end,
    "representation_established": representation,
    "representation_ended": representation_end,
    "death_registered": death,
    "declared_missing": missing,
    "declared_missing_reversed": found,
    "death_declared": declared_dead,
    "declared_death_reversed": returned,
    "legal_capacity_changed": capacity,
    "nationality_changed": nationality,
    "particulars_corrected": correction,
    "particulars_changed": change,
    "particulars_updated": update,
    "protected": protection,
    "protection_ended": protection_end,
    "permanent_residence_registered": move,
    "permanent_residence_ended": permanent_end,
    "temporary_residence_registered": temporary,
    "temporary_residence_extended": temporary_extended,
    "temporary_residence_ended": temporary_end,
    "current_abode_declared": abode,
    "absence_declared": absence,
    "absence_ended": absence_end,
    "household_joined": joined,
    "household_split": split,
    "households_merged": merged,
    "household_head_changed": new_head,
    "personal_number_established": number,
    "personal_number_cancelled": number_cancelled,
    "record_merged": records,
    "record_unmerged": records_apart,
    "event_annulled": annulment,
}


def test_every_act_has_an_example() -> None:
    assert set(EXAMPLES) == set(CATALOGUE)


def test_every_kind_of_event_that_an_officer_causes_has_an_entry() -> None:
    assert {entry.kind for entry in CATALOGUE.values()} == set(EventKind) - CONSEQUENCES


def test_every_act_belongs_to_an_authority_today() -> None:
    assert [entry.code for entry in CATALOGUE.values() if not entry.authorities(today(NOW))] == []


def test_what_may_take_four_eyes_is_proposed_by_its_own_command() -> None:
    proposable = {entry.kind: entry.proposable.command for entry in CATALOGUE.values() if entry.proposable}
    assert proposable == {kind: command for command, (_, kind) in PROPOSABLE.items()}
    assert set(proposable) == set(FOUR_EYES)


def test_an_act_takes_four_eyes_by_what_it_tells() -> None:
    entry = entry_of("particulars_corrected")
    name = entry.read({"person": 1, "name": "Lê An", "reason": "x"})
    born = entry.read({"person": 1, "born": "1980", "reason": "x"})
    assert [entry.takes_four_eyes(told) for told in (name, born)] == [False, True]


def test_before_its_law_nobody_records_an_act() -> None:
    assert acts_of(Authority.COMMUNE_POLICE, date(2015, 1, 1)) == ()


def test_an_unknown_act_is_not_found() -> None:
    with pytest.raises(ActUnknown):
        entry_of("flown_to_the_moon")


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_nothing_told_names_every_field_that_is_needed(entry: Entry) -> None:
    needed = {f"/{one.name}" for one in entry.fields if one.needed and one.default is None}
    with pytest.raises(Invalid) as caught:
        entry.read({})
    assert {fault.pointer for fault in caught.value.faults} == needed


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
def test_nonsense_is_refused_field_by_field(entry: Entry) -> None:
    with pytest.raises(Invalid) as caught:
        entry.read({one.name: {"no": "sense"} for one in entry.fields} | {"unheard_of": 1})
    assert "/unheard_of" in {fault.pointer for fault in caught.value.faults}


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=lambda entry: entry.code)
async def test_an_act_runs_whole_from_plain_values(entry: Entry, database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        plain = await EXAMPLES[entry.code](tx)
        values = entry.read(json.loads(json.dumps(plain)))
        done = await entry.record(Call(tx, header(), NOW, locate), values)
        kinds = {event.kind for event in await surroundings.events_of(tx, done.person_id)}
    assert not done.repeated
    assert entry.kind in kinds
    assert entry.establishes or done.person_id in values.named


async def test_a_child_takes_group_and_origin_of_the_father(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        man, woman = await couple(tx)
        told = Payload(origin=("00097", "Phố cũ"), ethnicity=103, unit_day=today(NOW))
        await commands.correct_particulars(tx, person_id=man, told=told, **common())
        plain = {**await birth(tx), "father": {"person": man}, "mother": {"person": woman}}
        done = await act(tx, "birth_registered", plain)
        child = await life_of(tx, done.person_id)
    assert (child.ethnicity, child.origin) == (103, ("00097", "Phố cũ"))
    assert done.personal_number is not None


async def test_members_without_household_are_told_so(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        members = [{"person": await person(tx), "relation": "head"}]
        with pytest.raises(Invalid) as caught:
            await act(tx, "household_head_changed", {"members": members, "on": "2026-11-01"})
    assert [fault.pointer for fault in caught.value.faults] == ["/members"]


async def test_a_tie_ends_of_its_own_kind(database: Database) -> None:
    async with database.transaction(scope="nation") as tx:
        told = await guardianship(tx)
        await act(tx, "guardianship_established", told)
        await act(tx, "representation_established", {**await representation(tx), "person": told["person"]})
        await act(tx, "guardianship_ended", {"person": told["person"], "on": "2026-11-20", "why": "decided"})
        life = await life_of(tx, told["person"])
    assert (life.tied(TieKind.GUARDIAN), len(life.tied(TieKind.REPRESENTATIVE))) == ((), 1)
    assert PartialDate.parse("2026-11-20") in {tie.until for tie in life.ties}
