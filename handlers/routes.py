"""Every route of the robot, gathered once. A new capability adds its router here."""

from handlers import (
    access,
    audit,
    groups,
    help,
    leave,
    onboarding,
    payroll,
    payroll_sheet,
    payslip,
    payslip_answers,
    personnel,
    privacy,
    records,
    reports,
)
from handlers.router import Router


def all_routes() -> Router:
    """Give one router with every capability's routes, in the order they are tried."""
    return Router.joined(
        leave.router,
        onboarding.router,
        access.router,
        audit.router,
        payroll.router,
        payroll_sheet.router,
        payslip_answers.router,
        payslip.router,
        privacy.router,
        personnel.router,
        records.router,
        groups.router,
        reports.router,
        help.router,
    )
