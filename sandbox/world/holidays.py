"""China's public holidays: 国务院办公厅关于2026年部分节假日安排的通知（国办发明电〔2025〕7号）."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Holiday:
    """Days off from one to the other, and workdays that make up for them."""

    name: str
    first: date
    last: date
    makeup: tuple[date, ...] = ()


HOLIDAYS = (
    Holiday("元旦", date(2026, 1, 1), date(2026, 1, 3), (date(2026, 1, 4),)),
    Holiday("春节", date(2026, 2, 15), date(2026, 2, 23), (date(2026, 2, 14), date(2026, 2, 28))),
    Holiday("清明节", date(2026, 4, 4), date(2026, 4, 6)),
    Holiday("劳动节", date(2026, 5, 1), date(2026, 5, 5), (date(2026, 5, 9),)),
    Holiday("端午节", date(2026, 6, 19), date(2026, 6, 21)),
    Holiday("中秋节", date(2026, 9, 25), date(2026, 9, 27)),
    Holiday("国庆节", date(2026, 10, 1), date(2026, 10, 7), (date(2026, 9, 20), date(2026, 10, 10))),
)
"""Other years have weekends only."""

OFF = {
    one.first + timedelta(days=days): one for one in HOLIDAYS for days in range((one.last - one.first).days + 1)
}  # fmt: skip
MAKEUP = {day: one for one in HOLIDAYS for day in one.makeup}
