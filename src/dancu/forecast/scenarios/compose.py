"""Several scenarios as one, the same whatever their order."""

from collections.abc import Sequence
from itertools import combinations

from dancu.forecast.scenarios.model import Change, Scenario
from dancu.kernel.errors import Conflict, FieldFault, Invalid


def compose(name: str, scenarios: Sequence[Scenario], *, title: str = "") -> Scenario:
    """Return a scenario with the changes of all given ones.

    The order of the scenarios changes nothing of the result: changes are kept in an order of their own.

    Raises:
        Conflict: two changes take the same rate to values; names both, and what they share.
        Invalid: the name cannot be one.
    """
    each = [(one.source_of(at), change) for one in scenarios for at, change in enumerate(one.changes)]
    each.sort(key=_place)
    for (theirs, first), (ours, second) in combinations(each, 2):
        if shared := _shared(first, second):
            raise Conflict(f"{theirs} and {ours} both set {first.kind} {shared}: {first.value:g} and {second.value:g}")
    return Scenario(name, tuple(change for _, change in each), title, tuple(source for source, _ in each))


def check(scenario: Scenario) -> None:
    """Raise where changes of a scenario are in conflict with each other.

    Raises:
        Conflict: names both.
    """
    compose(scenario.name, [scenario])


def check_units(scenario: Scenario, units: Sequence[str]) -> None:
    """Raise where a scenario names a unit that is not there.

    Raises:
        Invalid: names the field.
    """
    faults = [
        FieldFault(f"/change/{at}/{name}", f"there is no unit {unit!r}")
        for at, change in enumerate(scenario.changes)
        for name in ("units", "origins")
        for unit in getattr(change, name)
        if unit not in units
    ]
    if faults:
        raise Invalid(tuple(faults))


def _place(item: tuple[str, Change]) -> tuple[str, ...]:
    source, change = item
    return (str(change.kind), change.manner, f"{change.first_year:06d}", repr(change), source)


def _shared(first: Change, second: Change) -> str:
    """Return in words what two changes both set, and nothing where they are not in conflict."""
    if first.kind is not second.kind or first.manner != "to" or second.manner != "to":
        return ""
    begins = max(first.first_year, second.first_year)
    ends = min(first.last_year or 9999, second.last_year or 9999)
    if begins > ends or not set(first.sexes) & set(second.sexes):
        return ""
    if first.units and second.units:
        both = sorted(set(first.units) & set(second.units))
        if not both:
            return ""
        where = f"of {both[0]}"
    else:
        where = f"of {(first.units or second.units or ('all units',))[0]}"
    return f"{where} in {begins}"
