"""Who acts, and how far they reach."""

from dataclasses import dataclass

from dancu.access.roles import AccountClass, Reach, Role
from dancu.kernel.codes import Authority


@dataclass(frozen=True)
class Office:
    """An office of one authority in one unit; `unit_code` '' is the Center."""

    office_id: int
    authority: int
    unit_code: str
    name: str


@dataclass(frozen=True)
class Assignment:
    """A role at an office, in force today."""

    office: Office
    role: Role
    deputy_of: int | None = None

    @property
    def authority(self) -> Authority | None:
        """Whose acts it may record: both the role and the office must be of that authority."""
        return self.role.authority if self.role.records and self.role.authority == self.office.authority else None


@dataclass(frozen=True)
class Officer:
    """A signed-in officer with what he or she is today.

    Args:
        assignments: in force today, the own office first, then those as a deputy.
    """

    officer_id: int
    name: str
    full_name: str
    account_class: AccountClass
    assignments: tuple[Assignment, ...]
    must_change_password: bool = False

    @property
    def main(self) -> Assignment | None:
        """The assignment that the officer works under unless another is chosen."""
        return self.assignments[0] if self.assignments else None

    def at(self, office_id: int | None) -> Assignment | None:
        """The assignment at an office, the own one before one as a deputy; the main one where there is none there."""
        return next((one for one in self.assignments if one.office.office_id == office_id), self.main)

    @property
    def offices(self) -> str:
        """The setting `offices` under which row-level security shows dossiers: those of all own offices.

        Auditors and those who keep accounts or load data have an office, too, but no dossiers: their roles are of no
        authority.
        """
        return ",".join(str(one.office.office_id) for one in self.assignments if one.role.authority is not None)


@dataclass(frozen=True)
class Scope:
    """How far row-level security lets a transaction see.

    Args:
        reach: `nation`, `province:NN`, `commune:NNNNN` or `none`.
        opened: person ids that a dossier opens.
        unmasked: ids of masked persons that were opened with a reason.
    """

    reach: str = "none"
    opened: frozenset[int] = frozenset()
    unmasked: frozenset[int] = frozenset()

    def settings(self) -> dict[str, str]:
        """Return the settings of `Database.transaction`."""
        settings = {"scope": self.reach, "opened": ",".join(map(str, sorted(self.opened)))}
        return settings | {"unmasked": ",".join(map(str, sorted(self.unmasked)))} if self.unmasked else settings


def reach_at(office: Office) -> str:
    """Return the reach of an office by its unit."""
    match len(office.unit_code):
        case 0:
            return "nation"
        case 2:
            return f"province:{office.unit_code}"
        case 5:
            return f"commune:{office.unit_code}"
        case _:
            return "none"


def reach_of(assignment: Assignment) -> str:
    """Return the reach of an assignment; an office whose unit does not fit its role reaches nothing."""
    unit = assignment.office.unit_code
    match assignment.role.reach:
        case Reach.NATION if not unit:
            return "nation"
        case Reach.PROVINCE if len(unit) == 2:
            return f"province:{unit}"
        case Reach.COMMUNE if len(unit) == 5:
            return f"commune:{unit}"
        case _:
            return "none"
