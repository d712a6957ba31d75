"""The HR core's parts of a person's export."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_
from sqlmodel import col, select

from hr_core.approval.store import ApprovalStepRow
from hr_core.audit.store import AuditRow
from hr_core.leave.store import LeaveLedgerRow, LeaveRequestRow
from hr_core.onboarding.store import HireRow, HireStore, HireTaskRow
from hr_core.payslip.drafts import PayslipDraftRow
from hr_core.payslip.store import PayslipBatchRow, PayslipDisputeRow, PayslipStore
from hr_core.people.store import DepartmentVersionRow, EmployeeRow, MembershipRow, ReportingLineRow
from hr_core.permission.alarm import RefusalRow
from hr_core.permission.confirmation import CommandRow
from hr_core.permission.store import RoleGrantRow
from hr_core.privacy.export import Asker, exports
from hr_core.privacy.store import PrivacyStore

Rows = Sequence[Mapping[str, Any]]


@exports("档案", "employee")
async def person(asker: Asker) -> Rows:
    """Who we think they are."""
    row = await asker.session.get(EmployeeRow, asker.employee_id)
    if row is None:
        return []
    return [
        {
            "userid": row.key,
            "姓名": row.name,
            "工号": row.employee_number,
            "公司主体": row.legal_entity,
            "地区": row.region,
            "入职日期": row.hired_on,
            "离职日期": row.left_on,
        }
    ]


@exports("部门与职位", "membership", "department_version")
async def places(asker: Asker) -> Rows:
    """Where they work and worked."""
    query = (
        select(MembershipRow, DepartmentVersionRow.name)
        .join(DepartmentVersionRow, col(DepartmentVersionRow.department_id) == col(MembershipRow.department_id))
        .where(MembershipRow.employee_id == asker.employee_id, col(DepartmentVersionRow.valid_to).is_(None))
        .order_by(col(MembershipRow.id))
    )
    return [
        {"部门": name, "职位": row.position, "负责人": row.is_head, "从": row.valid_from, "到": row.valid_to}
        for row, name in await asker.session.exec(query)
    ]


@exports("工资条", "payslip", "payslip_dispute")
async def payslips(asker: Asker) -> Rows:
    """Which months, and what was objected and answered. Figures stay where no file keeps them: the chat shows them."""
    store = PayslipStore(asker.session, asker.vault)
    rows: list[Mapping[str, Any]] = [
        {"月份": row.month, "发放": row.released_at, "确认": row.confirmed_at, "金额": "请在私聊里发“工资条”查看"}
        for row in await store.rows_of(asker.employee_id)
    ]
    asked = select(PayslipDisputeRow).where(PayslipDisputeRow.employee_id == asker.employee_id)
    for row in await asker.session.exec(asked.order_by(col(PayslipDisputeRow.id))):
        told = {"异议": store.words(row), "项目": row.line, "答复": store.answer(row), "时间": row.asked_at}
        rows.append(told)
    return rows


@exports("编制与发放的工资表", "payslip_batch", "payslip_draft")
async def sheets(asker: Asker) -> Rows:
    """The months' sheets that they prepared or released."""
    own = or_(
        col(PayslipBatchRow.prepared_by) == asker.employee_id, col(PayslipBatchRow.released_by) == asker.employee_id
    )
    rows = await asker.session.exec(select(PayslipBatchRow).where(own).order_by(col(PayslipBatchRow.id)))
    told: list[Mapping[str, Any]] = [
        {"月份": row.month, "版本": row.version, "状态": row.status, "编制": row.prepared_at} for row in rows
    ]
    draft = await asker.session.get(PayslipDraftRow, asker.employee_id)
    return told + ([{"上传编号": draft.number, "状态": draft.status, "时间": draft.at}] if draft else [])


@exports("直属主管", "reporting_line")
async def managers(asker: Asker) -> Rows:
    """Whom they report and reported to."""
    query = (
        select(ReportingLineRow, EmployeeRow.name)
        .join(EmployeeRow, col(EmployeeRow.id) == col(ReportingLineRow.manager_id))
        .where(ReportingLineRow.employee_id == asker.employee_id)
        .order_by(col(ReportingLineRow.id))
    )
    return [{"主管": name, "从": row.valid_from, "到": row.valid_to} for row, name in await asker.session.exec(query)]


@exports("请假申请", "leave_request", "approval_step")
async def requests(asker: Asker) -> Rows:
    """What they asked for, why, and what was said to it."""
    query = select(LeaveRequestRow).where(LeaveRequestRow.employee_id == asker.employee_id)
    found = []
    for row in (await asker.session.exec(query.order_by(col(LeaveRequestRow.id)))).all():
        steps = select(ApprovalStepRow).where(ApprovalStepRow.kind == "leave", ApprovalStepRow.request_id == row.id)
        said = [
            asker.vault.open(step.comment_sealed, "approval_step", "comment", step.id)
            for step in (await asker.session.exec(steps.order_by(col(ApprovalStepRow.position)))).all()
            if step.comment_sealed
        ]
        reason = asker.vault.open(row.reason_sealed, "leave", "reason", row.id) if row.reason_sealed else None
        found.append(
            {
                "编号": row.id, "假种": row.leave_type, "从": row.start, "从(半天)": row.start_half, "到": row.end,
                "到(半天)": row.end_half, "天数": row.days, "状态": row.status, "原因": reason,
                "审批意见": said or None, "提交时间": row.submitted_at, "结束时间": row.closed_at,
            }
        )  # fmt: skip
    return found


@exports("假期流水", "leave_ledger")
async def ledger(asker: Asker) -> Rows:
    """Every movement of their leave."""
    query = select(LeaveLedgerRow).where(LeaveLedgerRow.employee_id == asker.employee_id)
    return [
        {"时间": row.at, "年度": row.year, "假种": row.leave_type, "类别": row.kind, "天数": row.days}
        for row in await asker.session.exec(query.order_by(col(LeaveLedgerRow.id)))
    ]


@exports("入职办理", "hire", "hire_step", "hire_task", "employee_number")
async def hiring(asker: Asker) -> Rows:
    """How they were hired, and what they had to do in their first weeks."""
    store = HireStore(asker.session)
    hires = await store.of_employee(asker.employee_id)
    tasks = select(HireTaskRow).where(HireTaskRow.owner_id == asker.employee_id).order_by(col(HireTaskRow.id))
    numbers = await store.numbers_of([row.id or 0 for row in hires])
    rows: list[Mapping[str, Any]] = [
        {
            "入职编号": row.id, "姓名": row.name, "手机号": _mobile(asker, row), "工号": numbers.get(row.id or 0),
            "职位": row.position, "入职日期": row.first_day, "用工": row.employment, "合同": row.contract,
            "合同月数": row.contract_months, "试用期月数": row.probation_months, "状态": row.status,
        }
        for row in hires
    ]  # fmt: skip
    rows += [
        {"入职任务": row.title, "到期": row.due, "完成时间": row.done_at} for row in await asker.session.exec(tasks)
    ]
    return rows


def _mobile(asker: Asker, row: HireRow) -> str | None:
    return asker.vault.open(row.mobile_sealed, "hire", "mobile", row.id) if row.mobile_sealed else None


@exports("角色", "role_grant")
async def roles(asker: Asker) -> Rows:
    """What they were allowed beside their place in the company."""
    query = select(RoleGrantRow).where(RoleGrantRow.employee_id == asker.employee_id)
    return [
        {"角色": row.role, "授予时间": row.granted_at, "收回时间": row.revoked_at}
        for row in await asker.session.exec(query.order_by(col(RoleGrantRow.id)))
    ]


@exports("告知与授权", "consent")
async def consents(asker: Asker) -> Rows:
    """What they were told and agreed to."""
    return [
        {"时间": row.at, "事项": row.purpose, "版本": row.version, "结果": row.answer}
        for row in await PrivacyStore(asker.session).consents(asker.employee_id)
    ]


@exports("更正申请", "correction")
async def corrections(asker: Asker) -> Rows:
    """What they asked to be put right."""
    return [
        {
            "编号": row.id,
            "内容": asker.vault.open(row.text_sealed, "correction", "text", row.id) if row.text_sealed else None,
            "答复": asker.vault.open(row.answer_sealed, "correction", "answer", row.id) if row.answer_sealed else None,
            "状态": row.status,
            "时间": row.asked_at,
        }
        for row in await PrivacyStore(asker.session).corrections(asker.employee_id)
    ]


@exports("服务器上的查阅", "command")
async def commands(asker: Asker) -> Rows:
    """Commands on the server that asked to read as them, or of them."""
    own = or_(col(CommandRow.employee_id) == asker.employee_id, col(CommandRow.on_employee) == asker.employee_id)
    return [
        {"时间": row.asked_at, "做了什么": row.action, "登录名": row.login, "状态": row.status}
        for row in await asker.session.exec(select(CommandRow).where(own).order_by(col(CommandRow.id)))
    ]


@exports("最近被拒绝", "refusal")
async def refusals(asker: Asker) -> Rows:
    """When they were last refused something."""
    row = await asker.session.get(RefusalRow, asker.key)
    return [{"时间": row.at, "提醒管理员": row.told_at}] if row is not None else []


@exports("操作与查阅记录", "audit")
async def trail(asker: Asker) -> Rows:
    """What they did, and what was done or seen on them; who looked at their data is theirs to know."""
    query = select(AuditRow).where(or_(col(AuditRow.actor) == asker.key, col(AuditRow.on) == asker.key))
    return [
        {"时间": row.at, "谁": row.actor, "做了什么": row.action, "对谁": row.on, "结果": row.outcome}
        for row in await asker.session.exec(query.order_by(col(AuditRow.id)))
    ]
