"""One box for everything that people know of a person: any number, name, date, place, in any order."""

from dancu.register.search.find import Found, Hit, Reason, Why, search
from dancu.register.search.question import Question, parse

__all__ = ["Found", "Hit", "Question", "Reason", "Why", "parse", "search"]
