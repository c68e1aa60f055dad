"""The desk put together from its parts."""

from dancu.portals.officer.data import Door, House
from dancu.portals.officer.people import People
from dancu.portals.officer.recording import Recording


class OfficersDesk(Door, People, Recording):
    """Fulfils `dancu.portals.officer.desk.Desk` with the slices."""

    def __init__(self, house: House) -> None:
        self._house = house
