"""考勤's old calls (A/0173 ff, A/1544 f)."""

from collections.abc import Mapping
from typing import Any

from tests.sandbox.clients.old.call import DAY, Old, many
from tests.sandbox.times import ms

_OP = {"op_user_id": "li"}
_GROUP, _SHIFT = 685935001, 677995001
_ONE = {**_OP, "group_id": _GROUP}
_NOT_IN_CHARGE = ("who is in charge of nothing", {"op_user_id": "lin"}, 400020)
_MONDAY, _SUNDAY = ms("2026-11-23"), ms("2026-11-29")
_USERS = {**_OP, "userids": "lin,wang", "from_date_time": _MONDAY, "to_date_time": _SUNDAY}
_NINE_DAYS = ("a span of nine days", {"to_date_time": _MONDAY + 9 * DAY}, 41041)
_SPAN = {"from_date": "2026-11-01 00:00:00", "to_date": "2026-11-30 00:00:00"}
_UNKNOWN = ("nobody", {"userid": "nobody"})
_BACKWARDS = ("an end before the beginning", {"to_date": "2026-10-01 00:00:00"})
_DURATION = {
    "userid": "lin", "biz_type": 3, "from_time": "2026-11-24", "to_time": "2026-11-24", "duration_unit": "day",
    "calculate_model": 1,
}  # fmt: skip
_FINISH = {
    **_DURATION,
    "tag_name": "请假",
    "sub_type": "年假",
    "approve_id": "a1",
    "jump_url": "https://qinghe.example/1",
}
_SCHEDULE = {"shift_id": _SHIFT, "work_date": ms("2026-11-30"), "userid": "lin", "is_rest": False}
_SWITCH = {
    "userid": "chen", "switch_date": "2026-11-25", "reback_date": "2026-11-26", "apply_userid": "chen",
    "target_userid": "qinfeng", "approve_id": "s1", "apply_shift_id": _SHIFT, "target_shift_id": _SHIFT,
    "reback_apply_shift_id": _SHIFT, "reback_target_shift_id": _SHIFT,
}  # fmt: skip
_QUOTA = {
    "userid": "lin", "start_time": ms("2026-01-01"), "end_time": ms("2026-12-31"), "leave_code": "$leave",
    "quota_num_per_day": 500, "quota_cycle": "2026", "reason": "x",
}  # fmt: skip


def _quotas(**change: Any) -> Mapping[str, Any]:
    return {"leave_quotas": [{**_QUOTA, **change}]}


_OF_DURATION = (
    ("another kind", {"biz_type": 9}), ("a unit in another case", {"duration_unit": "DAY"}),
    ("an unknown model", {"calculate_model": 7}), ("an end before the beginning", {"to_time": "2026-11-23"}),
    ("32 days", {"to_time": "2026-12-28"}), _UNKNOWN,
)  # fmt: skip
_OF_QUOTAS = (
    ("nobody named", _quotas(userid=None)), ("no leave code", _quotas(leave_code=None)),
    ("days in words", _quotas(quota_num_per_day="five")), ("who may not", {"op_userid": "lin"}, 400020),
)  # fmt: skip
_MEMBERS_ODD = {"group_id": "行政考勤", "cursor": "first"}

CALLS: Mapping[str, Old] = {
    "results": Old(
        "A/0195", "/attendance/list",
        {
            "workDateFrom": "2026-11-23 00:00:00", "workDateTo": "2026-11-24 00:00:00", "userIdList": ["lin"],
            "offset": 0, "limit": 50,
        },
        "workDateFrom workDateTo userIdList offset limit",
        {"userIdList": {"x": 1}, "workDateFrom": 20261123, "limit": "many"}, {"userIdList": ["lin"] * 51, "limit": 51},
        also=[
            ("a day without its time", {"workDateFrom": "2026-11-23"}),
            ("an end before the beginning", {"workDateTo": "2026-11-01 00:00:00"}),
            ("a span of nine days", {"workDateTo": "2026-12-02 00:00:00"}, 41041),
        ],
    ),
    "punches": Old(
        "A/0196", "/attendance/listRecord",
        {"userIds": ["lin"], "checkDateFrom": "2026-11-23 00:00:00", "checkDateTo": "2026-11-24 00:00:00"},
        "userIds checkDateFrom checkDateTo", {"userIds": {"x": 1}, "checkDateTo": 1}, {"userIds": ["lin"] * 51},
        also=[("a span of nine days", {"checkDateTo": "2026-12-02 00:00:00"}, 41041)],
    ),
    "upload a punch": Old(
        "A/0197", "/topapi/attendance/record/upload",
        {"userid": "lin", "device_name": "门禁", "device_id": "d1", "user_check_time": ms("2026-11-24 08:50:00")},
        "userid device_name device_id user_check_time", {"user_check_time": "2026-11-24", "device_id": ["d1"]},
        also=[_UNKNOWN],
    ),
    "a day's data": Old(
        "A/0216", "/topapi/attendance/getupdatedata", {"userid": "lin", "work_date": "2026-11-23 00:00:00"},
        "userid work_date", {"work_date": 1, "userid": ["lin"]}, also=[("no day", {"work_date": "Monday"})],
    ),
    "groups": Old(
        "A/0179", "/topapi/attendance/getsimplegroups", {"offset": 0, "size": 10}, odd={"offset": "x", "size": "x"},
        over={"size": 11}, also=[("a negative offset", {"offset": -1})],
    ),
    "somebody's group": Old(
        "A/0180", "/topapi/attendance/getusergroup", {"userid": "lin"}, "userid", {"userid": ["lin"]}, also=[_UNKNOWN],
    ),
    "group by id": Old(
        "A/0174", "/topapi/attendance/group/query", _ONE, "op_user_id group_id", {"group_id": "行政考勤"},
        also=[_NOT_IN_CHARGE, ("an unknown one", {"group_id": 1})],
    ),
    "group by name": Old(
        "A/0173", "/topapi/attendance/group/search", {**_OP, "group_name": "行政"}, "op_user_id group_name",
        {"group_name": ["行政"]}, also=[_NOT_IN_CHARGE],
    ),
    "group's id": Old(
        "A/0176", "/topapi/attendance/groups/keytoid", {**_OP, "group_key": "$group_key"}, "op_user_id group_key",
        {"group_key": {"x": 1}}, also=[("an unknown key", {"group_key": "x"})],
    ),
    "group's key": Old(
        "A/0177", "/topapi/attendance/groups/idtokey", _ONE, "group_id", {"group_id": "行政考勤"},
        also=[("an unknown one", {"group_id": 1})],
    ),
    "shifts": Old(
        "A/0203", "/topapi/attendance/shift/list", {**_OP, "cursor": 0}, "op_user_id", {"cursor": "first"},
        also=[_NOT_IN_CHARGE],
    ),
    "shift": Old(
        "A/0204", "/topapi/attendance/shift/query", {**_OP, "shift_id": _SHIFT}, "op_user_id shift_id",
        {"shift_id": "白班"}, also=[_NOT_IN_CHARGE, ("an unknown one", {"shift_id": 1})],
    ),
    "change who is in a group": Old(
        "A/0182", "/topapi/attendance/group/member/update",
        {**_ONE, "schedule_flag": 0, "update_param": {"add_users": ["lin"]}},
        "op_user_id group_id schedule_flag update_param",
        {"update_param": "lin", "schedule_flag": "x", "group_id": "行政考勤"},
        {"update_param": {"add_users": [f"u{number}" for number in range(21)]}},
        also=[_NOT_IN_CHARGE, ("an unknown group", {"group_id": 1})],
    ),
    "add people to a group": Old(
        "A/0181", "/topapi/attendance/group/users/add",
        {"op_userid": "li", "group_key": "$group_key", "user_id_list": ["lin"]}, "group_key user_id_list",
        {"user_id_list": {"x": 1}}, {"user_id_list": ["lin"] * 101}, also=[("an unknown key", {"group_key": "x"})],
    ),
    "take people from a group": Old(
        "A/0185", "/topapi/attendance/group/users/remove",
        {"op_userid": "li", "group_key": "$group_key", "user_id_list": ["lin"]}, "group_key user_id_list",
        {"user_id_list": {"x": 1}}, {"user_id_list": ["lin"] * 101}, also=[("an unknown key", {"group_key": "x"})],
    ),
    "a group's members": Old(
        "A/0183", "/topapi/attendance/group/member/list", {**_ONE, "cursor": 0}, "op_user_id group_id", _MEMBERS_ODD,
        also=[_NOT_IN_CHARGE],
    ),
    "a group's people": Old(
        "A/0184", "/topapi/attendance/group/memberusers/list", {**_ONE, "cursor": 0}, "op_user_id group_id",
        _MEMBERS_ODD, also=[_NOT_IN_CHARGE],
    ),
    "members among": Old(
        "A/0187", "/topapi/attendance/group/member/listbyids", {**_ONE, "member_ids": "lin,wang", "member_type": 0},
        "op_user_id group_id member_ids member_type", {"member_ids": {"x": 1}, "member_type": "user"},
        {"member_ids": many(21)}, also=[("another type", {"member_type": 5})],
    ),
    "plans of a day": Old(
        "A/0205", "/topapi/attendance/schedule/listbyday", {**_OP, "user_id": "lin", "date_time": _MONDAY},
        "op_user_id user_id date_time", {"date_time": "Monday", "user_id": ["lin"]},
        also=[_NOT_IN_CHARGE],
    ),
    "plans of people": Old(
        "A/0206", "/topapi/attendance/schedule/listbyusers", _USERS, "op_user_id userids from_date_time to_date_time",
        {"userids": {"x": 1}, "to_date_time": "x"}, {"userids": many(51)}, also=[_NOT_IN_CHARGE, _NINE_DAYS],
    ),
    "shifts of days": Old(
        "A/0210", "/topapi/attendance/schedule/shift/listbydays", _USERS,
        "op_user_id userids from_date_time to_date_time", {"userids": {"x": 1}, "from_date_time": "x"},
        {"userids": many(21)}, also=[_NOT_IN_CHARGE, _NINE_DAYS],
    ),
    "everybody's plans": Old(
        "A/0209", "/topapi/attendance/listschedule", {"workDate": "2026-11-24 00:00:00", "offset": 0, "size": 200},
        "workDate", {"workDate": 1, "offset": "x"}, {"size": 201},
    ),
    "results of plans": Old(
        "A/0208", "/topapi/attendance/schedule/result/listbyids", {**_OP, "schedule_ids": "1,2"},
        "op_user_id schedule_ids", {"schedule_ids": {"x": 1}}, {"schedule_ids": many(101, "1")}, also=[_NOT_IN_CHARGE],
    ),
    "write plans": Old(
        "A/0207", "/topapi/attendance/group/schedule/async",
        {**_OP, "group_id": 685935003, "schedules": [{**_SCHEDULE, "userid": "$turner"}]},
        "op_user_id group_id schedules", {"schedules": "none", "group_id": "轮班"},
        also=[
            _NOT_IN_CHARGE,
            ("201 plans", {"schedules": [_SCHEDULE] * 201}),
            ("a plan without its day", {"schedules": [{**_SCHEDULE, "work_date": None}]}),
            ("a plan without its person", {"schedules": [{**_SCHEDULE, "userid": None}]}),
            ("a plan with an unknown shift", {"schedules": [{**_SCHEDULE, "userid": "$turner", "shift_id": 5}]}),
        ],
    ),
    "switch plans": Old(
        "A/0229", "/topapi/attendance/approve/schedule/switch", _SWITCH, " ".join(_SWITCH),
        {"switch_date": 1, "apply_shift_id": "白班"},
        also=[("nobody to switch with", {"target_userid": "nobody"}), ("no day", {"switch_date": "tomorrow"})],
    ),
    "columns' values": Old(
        "A/0219", "/topapi/attendance/getcolumnval", {"userid": "lin", "column_id_list": "$column", **_SPAN},
        "userid column_id_list from_date to_date", {"column_id_list": {"x": 1}, "from_date": 1},
        {"column_id_list": many(21, "1")},
        also=[_BACKWARDS, ("a span of 40 days", {"from_date": "2026-10-20 00:00:00"})],
    ),
    "leave by name": Old(
        "A/0217", "/topapi/attendance/getleavetimebynames", {"userid": "lin", "leave_names": "年假,病假", **_SPAN},
        "userid leave_names from_date to_date", {"leave_names": {"x": 1}, "to_date": 1}, {"leave_names": many(21)},
        also=[_BACKWARDS],
    ),
    "who is on leave": Old(
        "A/0231", "/topapi/attendance/getleavestatus",
        {"userid_list": "lin", "start_time": _MONDAY, "end_time": _SUNDAY, "offset": 0, "size": 20},
        "userid_list start_time end_time offset size", {"userid_list": {"x": 1}, "start_time": "Monday"},
        {"userid_list": many(101), "size": 21},
        also=[
            ("a span of 181 days", {"end_time": _MONDAY + 181 * DAY}),
            ("an end before the beginning", {"end_time": _MONDAY - DAY}),
        ],
    ),
    "leave in minutes": Old(
        "A/0230", "/topapi/attendance/getleaveapproveduration", {"userid": "lin", **_SPAN}, "userid from_date to_date",
        {"from_date": 1}, also=[_BACKWARDS],
    ),
    "old duration": Old(
        "A/1544", "/topapi/attendance/approve/duration/calculate", _DURATION, " ".join(_DURATION),
        {"biz_type": "leave", "from_time": 1}, also=_OF_DURATION,
    ),
    "old finish": Old(
        "A/1545", "/topapi/attendance/approve/finish", _FINISH, " ".join(one for one in _FINISH if one != "sub_type"),
        {"biz_type": "leave", "tag_name": 1},
        {"tag_name": "长" * 21, "sub_type": "长" * 21, "approve_id": "a" * 101, "jump_url": "u" * 201},
        also=_OF_DURATION,
    ),
    "cancel leave": Old(
        "A/0227", "/topapi/attendance/approve/cancel", {"userid": "lin", "approve_id": "$approved"},
        "userid approve_id", {"approve_id": ["a1"]}, also=[_UNKNOWN, ("an unknown approval", {"approve_id": "x"})],
    ),
    "correct a punch": Old(
        "A/0228", "/topapi/attendance/approve/check",
        {
            "userid": "lin", "work_date": "2026-11-23", "punch_id": "$plan",
            "punch_check_time": "2026-11-23 09:00:00", "user_check_time": "2026-11-23 08:55:00", "approve_id": "c1",
            "jump_url": "https://qinghe.example/1", "tag_name": "补卡",
        },
        "userid work_date punch_id punch_check_time user_check_time approve_id jump_url tag_name",
        {"punch_id": "x", "work_date": 1, "user_check_time": "nine"},
        also=[_UNKNOWN, ("an unknown plan", {"punch_id": 1})],
    ),
    "leave types": Old(
        "A/0238", "/topapi/attendance/vacation/type/list", {"op_userid": "admin", "vacation_source": "all"},
        "op_userid", {"vacation_source": {"x": 1}},
        also=[
            ("who may not", {"op_userid": "lin"}, 400020), ("nobody", {"op_userid": "nobody"}),
            ("a source in capitals", {"vacation_source": "ALL"}),
        ],
    ),
    "delete a leave type": Old(
        "A/0235", "/topapi/attendance/vacation/type/delete", {"op_userid": "admin", "leave_code": "$leave"},
        "op_userid leave_code", {"leave_code": ["x"]},
        also=[("an unknown one", {"leave_code": "x"}), ("who may not", {"op_userid": "lin"}, 400020)],
    ),
    "balances": Old(
        "A/0239", "/topapi/attendance/vacation/quota/list",
        {"op_userid": "admin", "leave_code": "$leave", "userids": "lin", "offset": 0, "size": 50},
        "op_userid leave_code userids offset size", {"userids": {"x": 1}, "offset": "x"}, {"size": 51},
        also=[
            ("an unknown leave", {"leave_code": "x"}),
            ("who may not", {"op_userid": "lin"}, 400020),
        ],
    ),
    "first balances": Old(
        "A/0236", "/topapi/attendance/vacation/quota/init", {"op_userid": "admin", "leave_quotas": [_QUOTA]},
        "op_userid leave_quotas", {"leave_quotas": "none"},
        also=[
            *_OF_QUOTAS, ("no beginning", _quotas(start_time=None)), ("no end", _quotas(end_time=None)),
            ("a cycle of five digits", _quotas(quota_cycle="20266")),
        ],
    ),
    "new balances": Old(
        "A/0237", "/topapi/attendance/vacation/quota/update", {"op_userid": "admin", "leave_quotas": [_QUOTA]},
        "op_userid leave_quotas", {"leave_quotas": "none"}, also=_OF_QUOTAS,
    ),
    "whether there are reports": Old("A/0215", "/topapi/attendance/isopensmartreport"),
    "columns": Old("A/0218", "/topapi/attendance/getattcolumns"),
}  # fmt: skip
