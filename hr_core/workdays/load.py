"""Reads the years: those that ship with the product, and a company's own from a directory."""

from collections.abc import Iterable
from datetime import date, timedelta
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import chain
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from hr_core.workdays.model import DayType, WorkCalendar, WorkYear


class BadCalendar(Exception):
    """A year's file can't be used; says which file and which field, for the operator."""


class Holiday(BaseModel):
    """One festival of a notice: the days off, the festival's own dates among them, the weekends worked instead."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    off: tuple[date, date]
    statutory: tuple[date, ...] = Field(min_length=1)
    makeup_workdays: tuple[date, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        first, last = self.off
        if last < first:
            msg = f"off: {last} lies before {first}"
            raise ValueError(msg)
        for day in self.statutory:
            if not first <= day <= last:
                msg = f"statutory: {day} lies outside {first} to {last}"
                raise ValueError(msg)
        for day in self.makeup_workdays:
            if day.weekday() < 5:
                msg = f"makeup_workdays: {day} is no weekend"
                raise ValueError(msg)
        return self

    @property
    def days_off(self) -> tuple[date, ...]:
        """The days off, first to last."""
        first, last = self.off
        return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


class HolidayNotice(BaseModel):
    """One year's notice of public holidays, as it was published."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    year: Annotated[int, Field(ge=2000, le=2100)]
    source: Annotated[str, Field(min_length=1)]
    holidays: tuple[Holiday, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        off = [day for holiday in self.holidays for day in holiday.days_off]
        worked = [day for holiday in self.holidays for day in holiday.makeup_workdays]
        named = set(chain(off, worked))
        if len(named) != len(off) + len(worked):
            msg = "holidays: a day is named twice"
            raise ValueError(msg)
        outside = sorted(day for day in named if day.year != self.year)
        if outside:
            msg = f"holidays: {outside[0]} is not in {self.year}"
            raise ValueError(msg)
        return self

    def work_year(self) -> WorkYear:
        """Give every day of the year its type."""
        statutory = {day for holiday in self.holidays for day in holiday.statutory}
        off = {day for holiday in self.holidays for day in holiday.days_off}
        worked = {day for holiday in self.holidays for day in holiday.makeup_workdays}
        first = date(self.year, 1, 1)
        length = (date(self.year, 12, 31) - first).days + 1

        def day_type(day: date) -> DayType:
            if day in statutory:
                return DayType.STATUTORY_HOLIDAY
            if day in off or (day.weekday() >= 5 and day not in worked):
                return DayType.REST_DAY
            return DayType.WORKDAY

        return WorkYear(self.year, self.source, tuple(day_type(first + timedelta(days=n)) for n in range(length)))


def load_calendar(own_years: Path | None = None) -> WorkCalendar:
    """Read the shipped years and, over them, the `<year>.json` files of a company's own directory.

    Raises `BadCalendar` for the first file that can't be used.
    """
    shipped = resources.files("hr_core.workdays").joinpath("data").iterdir()
    own: Iterable[Traversable] = own_years.iterdir() if own_years is not None and own_years.is_dir() else ()
    files = chain(sorted(shipped, key=_name), sorted(own, key=_name))
    years = (read_notice(file).work_year() for file in files if file.name.endswith(".json"))
    return WorkCalendar({year.year: year for year in years}.values())


def read_notice(file: Traversable) -> HolidayNotice:
    """Read one year's file; its name must be the year's."""
    try:
        notice = HolidayNotice.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        parts = (file.name, where, first["msg"].removeprefix("Value error, "))
        raise BadCalendar(": ".join(part for part in parts if part)) from error
    if file.name != f"{notice.year}.json":
        raise BadCalendar(f"{file.name}: year: the file of {notice.year} must be named {notice.year}.json")
    return notice


def _name(file: Traversable) -> str:
    return file.name
