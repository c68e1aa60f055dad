"""The time of the state: days begin at midnight in Hà Nội."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

STATE_TIME = ZoneInfo("Asia/Ho_Chi_Minh")


def today(now: datetime) -> date:
    """Return the day that the law counts at a moment."""
    return now.astimezone(STATE_TIME).date()
