"""Payslips to ask for: released to the cast, sealed as the import seals them."""

from datetime import date
from decimal import Decimal

from hr_core.payslip.model import Component, Kind, Line
from hr_core.payslip.store import PayslipRow, sealed_lines
from tests.conversations.office import Office

OCTOBER, SEPTEMBER = date(2026, 10, 1), date(2026, 9, 1)
BASE = Component("base", "基本工资", Kind.EARNING)
MEAL = Component("meal", "餐补", Kind.EARNING)
SICK = Component("sick", "病假扣款", Kind.DEDUCTION)
TAX = Component("tax", "个人所得税", Kind.DEDUCTION)
PENSION = Component("pension_employer", "养老保险（单位）", Kind.EMPLOYER)

Amounts = dict[Component, str]
LIN: dict[date, Amounts] = {
    SEPTEMBER: {BASE: "18765.43", MEAL: "411.00", TAX: "365.29", PENSION: "3002.47"},
    OCTOBER: {BASE: "18765.43", MEAL: "387.00", SICK: "431.28", TAX: "343.08", PENSION: "3002.47"},
}
"""433.07 less in October: 24.00 of meals and 431.28 for sick leave, and 22.21 less of tax."""
FIGURES = ("18765.43", "18,765.43", "431.28", "343.08", "365.29", "18378.07", "18,378.07", "18811.14", "18,811.14",
           "433.07")  # fmt: skip
"""What must stand nowhere but before Lin's eyes."""


async def release(office: Office, userid: str = "lin", months: dict[date, Amounts] | None = None) -> dict[date, int]:
    """Release payslips; gives their numbers by month."""
    employee = await office.employee(userid)
    place = office.robot.workplace
    numbers = {}
    async with office.robot.database.transaction() as session:
        for month, amounts in (LIN if months is None else months).items():
            row = PayslipRow(employee_id=employee, month=month, released_at=place.clock.now())
            session.add(row)
            await session.flush()
            lines = [Line(component, Decimal(amount)) for component, amount in amounts.items()]
            numbers[month] = row.id or 0
            row.lines_sealed = sealed_lines(place.vault, row.id or 0, lines)
            session.add(row)
    return numbers
