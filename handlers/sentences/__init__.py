"""Reading what people write about leave: dates, halves, lengths, the type and the reason. Pure; `today` is passed in.

No reading is better than a wrong one: what could mean two things stays None and is asked for.
"""

from handlers.sentences.dates import DateReading, read_dates
from handlers.sentences.leave import OTHER_NAMES, TYPE_WORDS, LeaveSentence, read_leave_sentence

__all__ = ["OTHER_NAMES", "TYPE_WORDS", "DateReading", "LeaveSentence", "read_dates", "read_leave_sentence"]
