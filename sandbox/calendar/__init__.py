"""Calendars (A/0250 to A/0260). Everybody is named by unionid; the only calendar is `primary`."""

from sandbox.calendar.attendees import OPERATIONS as ATTENDEES
from sandbox.calendar.events import OPERATIONS as EVENTS
from sandbox.calendar.lists import OPERATIONS as LISTS

OPERATIONS = (*EVENTS, *LISTS, *ATTENDEES)

__all__ = ["OPERATIONS"]
