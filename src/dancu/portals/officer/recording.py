"""Recording births and moves for the desk: the form becomes an act of the register, in one transaction."""

from dataclasses import replace

from dancu.access.work import OpenWork
from dancu.audit.entry import SUMMARY_FIELDS, Operation
from dancu.kernel.codes import Authority
from dancu.kernel.errors import FieldFault, Invalid
from dancu.kernel.time import today
from dancu.portals.officer import alike, papers
from dancu.portals.officer.acts import (
    Parents,
    birth_summary,
    birth_verdicts,
    declared_birth,
    declared_move,
    move_summary,
    move_verdicts,
    warned,
)
from dancu.portals.officer.data import Acting, House, account_of
from dancu.portals.officer.desk import At, BirthForm, MoveForm, ParentNamed
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import Alike, Checked, Outcome, Summary, Verdict
from dancu.register import commands, surroundings
from dancu.register.act import ActHeader, Registration
from dancu.register.model import Life
from dancu.register.territory import locate

BIRTH_GROUND = "Luật Hộ tịch 60/2014/QH13, Điều 13-16"
MOVE_GROUND = "Luật Cư trú 68/2020/QH14, Điều 22"


class Recording:
    """Checks, reviews and records."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def check_birth(self, at: At, form: BirthForm) -> Checked:
        """Hold what is filled in so far against the law, and look whether the child is registered already."""
        parents, alike = await self._parents_and_alike(at, form)
        return Checked(birth_verdicts(form, parents, today(at.now)), alike)

    async def review_birth(self, at: At, form: BirthForm) -> Summary:
        """Say back a complete form, with who may be the same child."""
        parents, alike = await self._parents_and_alike(at, form)
        day = today(at.now)
        declared = declared_birth(form, parents, office=_office(at), today=day)
        return replace(birth_summary(form, declared, parents, day), alike=alike)

    async def record_birth(self, at: At, form: BirthForm) -> Outcome:
        """Register the birth; the child belongs to the dossier from now on.

        Raises:
            PerhapsRegistered: a child that fits is registered, and it is not confirmed that another one is meant.
        """
        async with self._house.acting(at, act="birth_registered") as acting:
            work = acting.work
            _check_authority(work, Authority.CIVIL_REGISTRAR)
            parents = await self._read_parents(work, form)
            declared = declared_birth(form, parents, office=_office(at), today=today(at.now))
            header = await _header(at, acting, Authority.CIVIL_REGISTRAR, form, BIRTH_GROUND)
            done = await commands.record_birth(work.tx, header=header, birth=declared, now=at.now, locate=locate)
            if not done.repeated:
                await self._check_alike(at, work, form, parents, but=done.person_id)
            requester = next((one.name for one in (form.mother, form.father) if one), "")
            about = [one.person_id for one in (parents.mother, parents.father) if one]
            await acting.finish(done, requester=requester, subjects=about, established=(done.person_id,))
            number = done.personal_number or await self._number(work, done.person_id)
        return Outcome(
            self._house.refs.ref(done.person_id),
            declared.name.full,
            number,
            warned(done.warnings),
            done.number_block_nearly_full,
            done.repeated,
        )

    async def _number(self, work: OpenWork, person_id: int) -> str:
        """The number that the first sending of the same request established."""
        work.tx.set_local(opened=",".join(map(str, {*work.grant.scope.opened, person_id})))
        return (await surroundings.life_of(work.tx, person_id)).personal_number or ""

    async def _check_alike(self, at: At, work: OpenWork, form: BirthForm, parents: Parents, *, but: int) -> None:
        """Look once more, now that the parents are locked: what another officer recorded meanwhile is seen."""
        found = await alike.look(work, self._house.refs, form, parents, now=at.now, but=but)
        if found.seen != form.another_child and found.seen:
            raise alike.PerhapsRegistered("A child that fits is registered already")

    async def _parents_and_alike(self, at: At, form: BirthForm) -> tuple[Parents, Alike]:
        if form.name is None and not any(one and one.ref for one in (form.mother, form.father)):
            return Parents(), Alike()
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            parents = await self._read_parents(work, form)
            read = tuple(one.person_id for one in (parents.mother, parents.father) if one)
            await work.log(persons=read, result_count=len(read))
            found = await alike.look(work, self._house.refs, form, parents, now=at.now)
        return parents, found

    async def _read_parents(self, work: OpenWork, form: BirthForm) -> Parents:
        return Parents(await self._parent(work, form.mother), await self._parent(work, form.father))

    async def _parent(self, work: OpenWork, named: ParentNamed | None) -> Life | None:
        return await surroundings.life_of(work.tx, self._house.refs.id(named.ref)) if named and named.ref else None

    async def check_move(self, at: At, form: MoveForm) -> tuple[Verdict, ...]:
        """Hold what is filled in so far against the law."""
        return move_verdicts(form, await self._movers(at, form), today(at.now)) if form.person else ()

    async def review_move(self, at: At, form: MoveForm) -> Summary:
        """Say back a complete form."""
        lives = await self._movers(at, form)
        return move_summary(form, declared_move(form, lives, household_id=None), lives, today(at.now))

    async def _movers(self, at: At, form: MoveForm) -> dict[str, Life]:
        async with self._house.opened(at, Operation.READ, fields=SUMMARY_FIELDS) as work:
            lives = await self._read_movers(work, form)
            await work.log(persons=tuple(one.person_id for one in lives.values()), result_count=len(lives))
        return lives

    async def _read_movers(self, work: OpenWork, form: MoveForm) -> dict[str, Life]:
        refs = dict.fromkeys((form.person, *form.others))
        return {ref: await surroundings.life_of(work.tx, self._house.refs.id(ref)) for ref in refs}

    async def record_move(self, at: At, form: MoveForm) -> Outcome:
        """Register permanent residence at the destination."""
        async with self._house.acting(at, act="permanent_residence_registered") as acting:
            work = acting.work
            _check_authority(work, Authority.COMMUNE_POLICE)
            lives = await self._read_movers(work, form)
            household_id = await _household(work, form.file_no)
            declared = declared_move(form, lives, household_id=household_id)
            header = await _header(at, acting, Authority.COMMUNE_POLICE, form, MOVE_GROUND)
            done = await commands.record_move(work.tx, header=header, move=declared, now=at.now, locate=locate)
            mover = lives[form.person]
            name = mover.name.full if mover.name else ""
            await acting.finish(done, requester=name, subjects=[one for one, _ in declared.movers])
        return Outcome(
            form.person,
            name,
            warnings=warned(done.warnings),
            repeated=done.repeated,
        )


def _office(at: At) -> str:
    return at.officer.office_unit


def _check_authority(work: OpenWork, authority: Authority) -> None:
    if work.grant.assignment.authority is not authority:
        raise NotYourAct("This act belongs to another authority")


async def _household(work: OpenWork, file_no: str) -> int | None:
    if not file_no:
        return None
    found = await surroundings.household_by_file_no(work.tx, file_no)
    if found is None:
        raise Invalid((FieldFault("/file_no", "There is no household with this file number"),))
    return found.household_id


async def _header(at: At, acting: Acting, authority: Authority, form: BirthForm | MoveForm, ground: str) -> ActHeader:
    registration = (
        Registration(book=form.book, number=form.book_number, signer=form.signer)
        if isinstance(form, BirthForm)
        else None
    )
    return ActHeader(
        authority=authority,
        office=acting.work.grant.assignment.office.unit_code,
        request_id=form.request_id,
        legal_ground=ground,
        officer_id=account_of(at).officer_id,
        dossier_id=acting.dossier_id,
        registration=registration,
        evidence=await papers.chosen(acting.work.tx, acting.work.grant.dossier_id, form.papers) or None,
    )
