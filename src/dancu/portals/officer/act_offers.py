"""Which acts an officer is offered, and of whom."""

from collections.abc import Sequence
from datetime import date

from dancu.dossiers.matters import MATTERS, matters_for
from dancu.dossiers.model import Dossier
from dancu.kernel.time import today
from dancu.portals.officer.desk import At
from dancu.portals.officer.session import NotYourAct
from dancu.portals.officer.views import ActGroup, ActLink, Officer, Option
from dancu.portals.shared.pages import Said
from dancu.register.catalogue import THEMES, Entry, acts_of, entry_of
from dancu.register.life import Life


def allowed(officer: Officer, code: str, at: At) -> Entry:
    """Return the entry of an act that the officer may record today.

    Raises:
        ActUnknown: there is no such act.
        NotYourAct: it belongs to another authority.
    """
    entry = entry_of(code)
    if officer.authority not in entry.authorities(today(at.now)):
        raise NotYourAct("This act belongs to another authority")
    return entry


def matters_of_act(entry: Entry, officer: Officer) -> tuple[Option, ...]:
    """List the procedures in which a dossier for an act may be opened, the usual one first."""
    found = matters_for(entry.act, officer.authority)
    return tuple(Option(one.code, Said(one.title_vi, one.title_en)) for one in found)


def acts_for(officer: Officer, life: Life, day: date, ref: str) -> tuple[ActGroup, ...]:
    """List what an officer may record of a person on a day, by theme."""
    mine = [one for one in acts_of(officer.authority, day) if one.of_a_person and one.possible(life, day)]
    return grouped(mine, f"?person={ref}")


def acts_on(at: At, dossier: Dossier, ref: str) -> tuple[ActLink, ...]:
    """List the acts to which a dossier may lead.

    Args:
        ref: the person whom it names; '' where it names several.
    """
    matter = MATTERS.get(dossier.matter)
    mine = acts_of(at.officer.authority, today(at.now)) if matter else ()
    about = f"&person={ref}" if ref else ""
    return tuple(
        _link(one, f"?dossier={dossier.dossier_id}{about if one.of_a_person else ''}")
        for one in mine
        if matter and one.act in matter.acts
    )


def grouped(mine: Sequence[Entry], query: str = "") -> tuple[ActGroup, ...]:
    """Put acts into their themes, with the addresses of their forms."""
    codes = {one.code for one in mine}
    groups = ((title, [_link(one, query) for one in entries if one.code in codes]) for title, entries in THEMES)
    return tuple(ActGroup(title, tuple(links)) for title, links in groups if links)


def _link(entry: Entry, query: str) -> ActLink:
    address = entry.address or f"/acts/{entry.code}/new"
    return ActLink(entry.code, entry.title, address + query, entry.ground)
