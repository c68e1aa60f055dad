"""The desk put together from its parts."""

from dancu.portals.officer.act_house import Acts
from dancu.portals.officer.adjudication_house import Adjudication
from dancu.portals.officer.audit_house import Auditing
from dancu.portals.officer.case_house import Cases
from dancu.portals.officer.data import Door, House
from dancu.portals.officer.intake_house import Intake
from dancu.portals.officer.masked_house import Masked
from dancu.portals.officer.people import People
from dancu.portals.officer.proposal_house import Proposals
from dancu.portals.officer.quality_house import Quality
from dancu.portals.officer.question_house import Questions
from dancu.portals.officer.recording import Recording
from dancu.portals.officer.stay_house import Stays
from dancu.reference.suggest import suggest_index
from dancu.register.search.question import place_named


class OfficersDesk(
    Door, People, Cases, Recording, Acts, Proposals, Auditing, Masked, Questions, Stays, Adjudication, Intake, Quality
):
    """Fulfils `dancu.portals.officer.desk.Desk` with the slices."""

    def __init__(self, house: House) -> None:
        self._house = house


def warm_up() -> None:
    """Build the indexes of places that the first question would otherwise wait for."""
    suggest_index()
    place_named("hà nội")
