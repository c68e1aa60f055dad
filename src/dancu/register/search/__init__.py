"""One box for everything that people know of a person: any number, name, date, place, in any order."""

from dancu.register.search.find import Found, search
from dancu.register.search.question import Question, parse
from dancu.register.search.rank import Hit, Reason, Why
from dancu.register.search.similar import similar

__all__ = ["Found", "Hit", "Question", "Reason", "Why", "parse", "search", "similar"]
