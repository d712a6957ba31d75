"""Kinds about days and hours: leave, overtime, sick days, part of a month."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from hr_core.leave.rules import FirstYearRule, annual_leave_entitlement
from hr_core.payroll.rules import absence, overtime
from hr_core.payroll.rules.money import fen
from hr_core.vectors.books import Books, Kind
from hr_core.vectors.fields import ZERO, Amount, Day, Inputs, MissingField, Month, Year, money, plain
from hr_core.workdays.model import DayType, Half, Span, SpanReversed
from hr_core.workdays.rules import natural_days, working_days


class _AnnualLeaveInputs(Inputs):
    year: Year
    cumulative_service_start: Day
    hire_date: Day | None = None
    termination_date: Day | None = None
    first_year_rule: FirstYearRule = FirstYearRule.PRORATE_FROM_ELIGIBILITY
    sick_leave_months: Amount = ZERO
    paid_personal_leave_days: Amount = ZERO
    disqualified_by_prior_year: bool = False
    taken: Amount | None = None

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        hired = self.hire_date or self.cumulative_service_start
        if hired < self.cumulative_service_start:
            msg = "hire_date: before cumulative_service_start"
            raise ValueError(msg)
        if self.termination_date and self.termination_date < hired:
            msg = "termination_date: before hire_date"
            raise ValueError(msg)
        return self


def _annual_leave(row: _AnnualLeaveInputs, _: Books) -> dict[str, Any]:
    leave = annual_leave_entitlement(**{name: getattr(row, name) for name in type(row).model_fields if name != "taken"})
    outputs: dict[str, Any] = {
        "full_year_days": leave.full_year_days,
        "days": leave.days,
        "rule": leave.rule.value,
        "valid_from": leave.valid_from.isoformat() if leave.valid_from else None,
    }
    if row.taken is not None:
        unused = leave.unused(row.taken)
        outputs["unused_days"] = int(unused) if unused % 1 == 0 else plain(unused)
    return outputs


class _PayoutInputs(Inputs):
    monthly_wages_without_overtime: Annotated[tuple[Amount, ...], Field(min_length=1, max_length=12)]
    unused_days: Amount
    employee_declined_in_writing: bool = False


def _annual_leave_payout(row: _PayoutInputs, _: Books) -> dict[str, Any]:
    payout = absence.annual_leave_payout(
        row.monthly_wages_without_overtime, row.unused_days, declined=row.employee_declined_in_writing
    )
    return {
        "average_monthly_wage": money(payout.average_monthly_wage),
        "daily_wage": money(payout.daily_wage),
        "extra_pay_200_percent": money(payout.extra_pay),
    }


class _LeaveDurationInputs(Inputs):
    start: Day
    start_half: Half = Half.AM
    end: Day
    end_half: Half = Half.PM


def _leave_duration(row: _LeaveDurationInputs, books: Books) -> dict[str, Any]:
    try:
        span = Span(row.start, row.start_half, row.end, row.end_half)
    except SpanReversed:
        msg = "end: before start"
        raise ValueError(msg) from None
    return {"working_days": plain(working_days(books.calendar, span)), "natural_days": plain(natural_days(span))}


class _OvertimePayInputs(Inputs):
    monthly_base: Amount
    workday_hours: Amount = ZERO
    rest_day_hours: Amount = ZERO
    rest_day_hours_compensated: Amount = ZERO
    statutory_holiday_hours: Amount = ZERO

    @model_validator(mode="after")
    def _compensated_are_rest_day_hours(self) -> Self:
        if self.rest_day_hours_compensated > self.rest_day_hours:
            msg = "rest_day_hours_compensated: more than rest_day_hours"
            raise ValueError(msg)
        return self


def _overtime_pay(row: _OvertimePayInputs, _: Books) -> dict[str, Any]:
    hours = {
        DayType.WORKDAY: row.workday_hours,
        DayType.REST_DAY: row.rest_day_hours - row.rest_day_hours_compensated,
        DayType.STATUTORY_HOLIDAY: row.statutory_holiday_hours,
    }
    pay = {kind: overtime.overtime_pay(row.monthly_base, hours[kind], overtime.MULTIPLIERS[kind]) for kind in hours}
    outputs = {f"{kind.value}_pay": money(amount) for kind, amount in pay.items()}
    return {**outputs, "total": money(sum(pay.values(), ZERO))}


class _OvertimeEntry(Inputs):
    date: Day
    hours: Amount
    compensatory_rest: bool = False


class _OvertimeByDateInputs(Inputs):
    monthly_base: Amount
    entries: tuple[_OvertimeEntry, ...]


def _overtime_by_date(row: _OvertimeByDateInputs, books: Books) -> dict[str, Any]:
    entries: list[dict[str, Any]] = []
    total = ZERO
    for entry in row.entries:
        day_type = books.calendar.day_type(entry.date)
        multiplier = overtime.overtime_multiplier(day_type, compensatory_rest=entry.compensatory_rest)
        pay = overtime.overtime_pay(row.monthly_base, entry.hours, multiplier)
        total += pay
        entries.append(
            {
                "date": entry.date.isoformat(),
                "day_type": day_type.value,
                "multiplier": plain(multiplier),
                "pay": money(pay),
            }
        )
    return {"entries": entries, "total": money(total)}


class _ComprehensiveInputs(Inputs):
    monthly_base: Amount
    total_hours: Amount
    standard_hours_in_cycle: Amount
    statutory_holiday_hours: Amount = ZERO

    @model_validator(mode="after")
    def _holidays_are_included(self) -> Self:
        if self.statutory_holiday_hours > self.total_hours:
            msg = "statutory_holiday_hours: more than total_hours, which include them"
            raise ValueError(msg)
        return self


def _overtime_comprehensive(row: _ComprehensiveInputs, _: Books) -> dict[str, Any]:
    pay = overtime.comprehensive_overtime(
        row.monthly_base, row.total_hours, row.standard_hours_in_cycle, row.statutory_holiday_hours
    )
    return {
        "excess_hours": plain(pay.excess_hours),
        "excess_pay": money(pay.excess_pay),
        "statutory_holiday_pay": money(pay.statutory_holiday_pay),
        "total": money(pay.excess_pay + pay.statutory_holiday_pay),
    }


class _SickPayRule(StrEnum):
    SHANGHAI = "shanghai"
    RATIO = "ratio"


class _SickPayInputs(Inputs):
    rule: _SickPayRule
    monthly_base: Amount
    sick_paid_days: Amount
    local_minimum_wage: Amount
    seniority_years: Amount | None = None
    continuous_over_six_months: bool = False
    ratio: Annotated[Amount, Field(le=1)] | None = None


def _sick_pay(row: _SickPayInputs, _: Books) -> dict[str, Any]:
    ratio = _shanghai_ratio(row) if row.rule is _SickPayRule.SHANGHAI else row.ratio
    if ratio is None:
        raise MissingField("ratio: the rule 'ratio' needs one")
    pay = absence.sick_pay(row.monthly_base, ratio, row.sick_paid_days, row.local_minimum_wage)
    return {
        "ratio": plain(ratio),
        "floor_applied": pay.floor_applied,
        "sick_pay": money(pay.pay),
        "deduction": money(pay.deduction),
        "month_wage": money(pay.month_wage),
    }


def _shanghai_ratio(row: _SickPayInputs) -> Decimal:
    if row.seniority_years is None:
        raise MissingField("seniority_years: the rule 'shanghai' needs them")
    return absence.shanghai_sick_ratio(row.seniority_years, over_six_months=row.continuous_over_six_months)


class _ProrationInputs(Inputs):
    month: Month
    monthly_wage: Amount
    hire_date: Day | None = None
    exit_date: Day | None = None
    method: absence.Proration

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.hire_date and self.exit_date and self.exit_date < self.hire_date:
            msg = "exit_date: before hire_date"
            raise ValueError(msg)
        return self


def _proration(row: _ProrationInputs, books: Books) -> dict[str, Any]:
    last = (row.month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    part = absence.prorated_wage(
        books.calendar, row.month, last, row.monthly_wage, row.hire_date, row.exit_date, row.method
    )
    return {
        "paid_days_in_month": part.paid_days_in_month,
        "paid_days_employed": part.paid_days_employed,
        "wage": money(part.wage),
    }


class _PersonalLeaveInputs(Inputs):
    monthly_wage: Amount
    days: Amount | None = None
    hours: Amount | None = None


def _personal_leave_deduction(row: _PersonalLeaveInputs, _: Books) -> dict[str, Any]:
    if row.days is None and row.hours is None:
        raise MissingField("days: neither days nor hours are given")
    deduction = absence.personal_leave_deduction(row.monthly_wage, row.days or ZERO, row.hours or ZERO)
    return {"deduction": money(deduction), "wage": money(fen(row.monthly_wage) - deduction)}


KINDS: Mapping[str, Kind] = {
    "annual_leave_entitlement": Kind(_AnnualLeaveInputs, _annual_leave),
    "annual_leave_payout": Kind(_PayoutInputs, _annual_leave_payout),
    "leave_duration": Kind(_LeaveDurationInputs, _leave_duration),
    "overtime_pay": Kind(_OvertimePayInputs, _overtime_pay),
    "overtime_by_date": Kind(_OvertimeByDateInputs, _overtime_by_date),
    "overtime_comprehensive": Kind(_ComprehensiveInputs, _overtime_comprehensive),
    "sick_pay": Kind(_SickPayInputs, _sick_pay),
    "proration": Kind(_ProrationInputs, _proration),
    "personal_leave_deduction": Kind(_PersonalLeaveInputs, _personal_leave_deduction),
}
