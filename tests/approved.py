"""The approved table in plain words, for a whole company: an expectation that owes nothing to the code under test.

Who stands above whom is read from the company's own list (managers and heads as DingTalk tells them).
"""

from sandbox.world import Company

OWN = {"leave.apply", "leave.view", "leave.withdraw", "employee.view", "identity.view", "payslip.view",
       "access.explain", "command.confirm", "card.use", "data.export", "data.correct",
       "onboarding.view", "onboarding.task", "personnel.fill"}  # fmt: skip
ABOVE = {"leave.view", "leave.decide", "absence.view", "employee.view", "onboarding.view"}
AS_HEAD = {"absence.view", "employee.view", "onboarding.decide", "onboarding.view"}
AS_GENERAL_MANAGER = {"leave.view", "leave.decide", "absence.view", "employee.view", "payroll.release", "role.confirm",
                      "onboarding.decide", "onboarding.view"}  # fmt: skip
AS = {
    "hr": {"leave.view", "leave.decide", "absence.view", "employee.view", "employee.export", "identity.view",
           "access.explain", "role.confirm", "group.bind", "data.correct_decide", "data.erase",
           "payslip.progress", "personnel.progress",
           "onboarding.hire", "onboarding.decide", "onboarding.view", "onboarding.task"},
    "payroll": {"employee.view", "identity.view", "payroll.sheet_read", "payroll.prepare", "payroll.release",
                "role.confirm", "payslip.progress"},
    "auditor": {"audit.read", "access.explain", "role.confirm"},
    "operator": set(),
}  # fmt: skip


class Approved:
    """What everybody of a company may do to everybody; `roles` are the granted ones, each for the whole company."""

    def __init__(self, company: Company, roles: dict[str, str]) -> None:
        self.roles = roles
        self.manager = {user.userid: user.manager for user in company.users}
        self.department = {user.userid: user.dept_ids[0] for user in company.users}
        self.parent = {one.dept_id: one.parent_id for one in company.departments}
        self.head = {one.dept_id: one.managers[0] for one in company.departments if one.managers}
        self.everybody = sorted(self.manager)
        self.bosses = {userid: self._bosses(userid) for userid in self.everybody}
        self._headed_by = {
            userid: {self.head.get(one) for one in self._parents(self.department[userid])} for userid in self.everybody
        }

    def may(self, actor: str, on: str) -> set[str]:
        """Everything that one person may do to another."""
        may = set(AS[self.roles[actor]]) if actor in self.roles else set()
        if actor == on:
            may |= OWN
        if actor in self.bosses[on]:
            may |= ABOVE
        if actor in self._headed_by[on]:
            may |= AS_HEAD
        if actor == "gao":
            may |= AS_GENERAL_MANAGER
        return may

    def boss(self, userid: str) -> str | None:
        """Who is named as manager, else the nearest head who is somebody else."""
        if self.manager[userid]:
            return self.manager[userid]
        above = self._parents(self.department[userid])
        return next((self.head[one] for one in above if self.head.get(one, userid) != userid), None)

    def _parents(self, department: int | None) -> list[int]:
        """A department and those above it."""
        found = []
        while department is not None:
            found.append(department)
            department = self.parent[department]
        return found

    def _bosses(self, userid: str) -> set[str]:
        """Everybody above somebody."""
        found: set[str] = set()
        above = self.boss(userid)
        while above is not None and above not in found:
            found.add(above)
            above = self.boss(above)
        return found
