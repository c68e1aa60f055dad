"""Reference data with time: units, code tables, calendars."""
