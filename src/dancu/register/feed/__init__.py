"""The feed of the register: thin events, numbered without gaps, from which every derived part reads.

Promised: numbers are 1, 2, 3 ... and never change; of one person, what was recorded later has the higher number;
an event is in the feed within a second of its commit while `dancu work` runs.
Not promised: an order between acts that touch no person in common.
"""

from dancu.register.feed.read import (
    Blurred,
    Entry,
    Happened,
    Place,
    Reader,
    Standing,
    events_after,
    head,
    page,
    standing,
)
from dancu.register.feed.sequencer import Sequencer, keep_sequencing, sequencer_dsn
from dancu.register.feed.subscription import Pointer, Subscriber, advance, catch_up

__all__ = [
    "Blurred",
    "Entry",
    "Happened",
    "Place",
    "Pointer",
    "Reader",
    "Sequencer",
    "Standing",
    "Subscriber",
    "advance",
    "catch_up",
    "events_after",
    "head",
    "keep_sequencing",
    "page",
    "sequencer_dsn",
    "standing",
]
