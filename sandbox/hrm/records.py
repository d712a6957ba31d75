"""A person's roster record, put together from the contacts and what the roster itself holds."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sandbox.call import Call
from sandbox.hrm.fields import FIELDS, GROUPS, SENSITIVE, RosterField
from sandbox.world import CHINA, User
from sandbox.world.hrm import LEAVING, Newcomer, Sections

Row = tuple[RosterField, list[dict[str, str]]]
"""A field and, per row of its group, value and label; an empty dict where nothing was filled in."""


def known(call: Call, userid: str) -> bool:
    """Whether there is a record: of somebody who works here, worked here, or is about to."""
    hrm = call.world.hrm
    return userid in call.world.directory.users or userid in hrm.newcomers or hrm.leaver(userid) is not None


def record(call: Call, userid: str, codes: Sequence[str], *, rank_ids: bool = False) -> list[Row]:
    """Give the fields the app may see, all of them unless some are named; unknown names are passed over."""
    wanted = [FIELDS[code] for code in codes if code in FIELDS] if codes else list(FIELDS.values())
    seen = [field for field in wanted if SENSITIVE.get(field.group, "") in {"", *call.world.app.scopes}]
    sections = _sections(call, userid)
    return [(field, _values(call, field, sections, rank_ids=rank_ids)) for field in seen]


def _sections(call: Call, userid: str) -> Sections:
    newcomer = call.world.hrm.newcomers.get(userid)
    if newcomer is not None:
        return {**newcomer.sections, "sys00": [_announced(newcomer)]}
    leaver = call.world.hrm.leaver(userid)
    user = leaver.user if leaver is not None and leaver.user is not None else call.world.directory.users[userid]
    employee = call.world.hrm.employee(userid)
    work = dict(employee.sections.get("sys01", [{}])[0])
    work["sys01-employeeStatus"] = LEAVING if leaver is not None else employee.status
    return {**employee.sections, "sys00": [_contact(call, user)], "sys01": [work]}


def _contact(call: Call, user: User) -> dict[str, str]:
    names = {one: department.name for one, department in call.world.directory.departments.items()}
    main = user.dept_ids[0] if user.dept_ids else 0
    return {
        "sys00-name": user.name,
        "sys00-email": user.email,
        "sys00-deptIds": "|".join(str(one) for one in user.dept_ids),
        "sys00-mainDeptId": str(main),
        "sys00-dept": "|".join(names.get(one, "") for one in user.dept_ids),
        "sys00-mainDept": names.get(main, ""),
        "sys00-position": user.title,
        "sys00-mobile": user.mobile,
        "sys00-jobNumber": user.job_number,
        "sys00-workPlace": user.work_place,
        "sys00-remark": user.remark,
        "sys00-confirmJoinTime": user.hired.isoformat() if user.hired else "",
    }


def _announced(newcomer: Newcomer) -> dict[str, str]:
    entry = datetime.fromtimestamp(newcomer.entry_at / 1000, CHINA) if newcomer.entry_at is not None else None
    given = newcomer.sections.get("sys00", [{}])[0]
    return {
        **given,
        "sys00-name": newcomer.name,
        "sys00-mobile": newcomer.mobile,
        "sys00-confirmJoinTime": f"{entry:%Y-%m-%d}" if entry else "",
        "sys00-position": newcomer.info.get("position", ""),
        "sys00-workPlace": newcomer.info.get("workPlace", ""),
        "sys00-jobNumber": newcomer.info.get("jobNumber", ""),
        "sys00-deptIds": newcomer.info.get("depts", ""),
        "sys00-mainDeptId": newcomer.info.get("mainDeptId", ""),
        "sys00-mainDept": newcomer.info.get("mainDeptName", ""),
    }


def _values(call: Call, field: RosterField, sections: Sections, *, rank_ids: bool) -> list[dict[str, str]]:
    rows = sections.get(field.group) or [{}]
    return [_value(call, field, row.get(field.code, ""), rank_ids=rank_ids) for row in rows]


def _value(call: Call, field: RosterField, value: str, *, rank_ids: bool) -> dict[str, str]:
    if not value:
        return {}
    if field.code == "sys01-positionLevel" and rank_ids:
        rank = next((one for one in call.world.hrm.ranks if one.name == value), None)
        return {"value": rank.id if rank else value, "label": value}
    return {"value": value, "label": field.options.get(value, value)}


def acceptable(field: RosterField, value: str) -> bool:
    """Whether a field takes this value: a choice's key, a day, any text; never a file."""
    if field.type == "DDSelectField":
        return value in field.options
    if field.type.startswith("DDDate"):
        try:
            return bool(datetime.strptime(value, "%Y-%m-%d"))  # noqa: DTZ007 - a day has no zone
        except ValueError:
            return False
    return field.type == "TextField"


def read_groups(groups: Sequence[Any], names: tuple[str, str, str, str, str]) -> Iterator[tuple[str, int | None, Any]]:
    """Give group, row and fields of an update; `names` are the keys of its family. None: a new row."""
    group_key, index_key, list_key, code_key, value_key = names
    for group in groups:
        for section in group["sections"] or ():
            pairs = [(one[code_key], one[value_key] or "") for one in section[list_key] or ()]
            yield group[group_key], section[index_key], pairs


def put(sections: Sections, group: str, index: int | None, pairs: Sequence[tuple[str, str]]) -> bool:
    """Write a row. Without an index it is a new one: what it doesn't name is emptied in a group without details."""
    rows = sections.setdefault(group, [])
    values = dict(pairs)
    if index is not None and index < len(rows):
        rows[index].update(values)
    elif index is None or index == len(rows):
        if GROUPS[group].details or not rows:
            rows.append(values)
        else:
            rows[0] = values
    else:
        return False
    return True
