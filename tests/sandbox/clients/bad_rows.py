"""Bad calls of 智能人事, 考勤, approvals, to-dos and calendars, and what the pages say of each.

The good call is the client's own: its method, path and places, with a row's fields. As in `bad_calls`, all codes that
fit are listed where the page leaves it open, and none where it names none. `404:` is a status that isn't 400.
"""

from collections.abc import Mapping
from typing import Any

from tests.sandbox.clients.bad_calls import DROP

_WRONG = "invalidParameter"
_BUSINESS = "401:businessError"
_LOST = "404:itemNotFound"
_DURATION = (
    ("another kind of approval", {"bizType": 9}, "illegalApproveType"),
    ("a unit in another case", {"durationUnit": "Day"}, "illegalDurationUnit"),
    ("an unknown model", {"calculateModel": 7}, "illegalCalculateType"),
    ("an end before the beginning", {"toTime": "2026-11-23"}, "beginDateCannotAfterEndDate"),
    ("half days without a half", {"durationUnit": "halfDay"}, "illegalDateTypeForHalfDay", "invalidRequestParams"),
    ("no beginning", {"fromTime": DROP}, "invalidRequestParams"),
)
_TODO, _UPDATE, _STATUS = (f"todo.task{one}.paramError" for one in ("Create", "Update", "ExecutorStatusUpdate"))
_SMALL = {"componentType": "textfield", "props": {"label": "x"}}

BAD_ROWS: Mapping[str, tuple[tuple[Any, ...], ...]] = {
    "hrm.roster": (
        ("nobody asked for", {"userIdList": DROP}, _WRONG),
        ("101 people", {"userIdList": ["lin"] * 101}, _WRONG),
        ("people as one text", {"userIdList": "lin,wang"}, _WRONG),
        ("another app's agent", {"appAgentId": 1}, _WRONG),
    ),
    "hrm.add_pre_entry": (
        ("no name", {"name": DROP}, _WRONG),
        ("no mobile", {"mobile": DROP}, _WRONG),
        ("a day as a text", {"preEntryTime": "2026-12-01"}, _WRONG),
    ),
    "hrm.dismissed": (
        ("51 a page", {"maxResults": 51}, _WRONG),
        ("none a page", {"maxResults": 0}, _WRONG),
        ("a negative token", {"nextToken": -1}, _WRONG),
    ),
    "hrm.dismissal_infos": (
        ("nobody asked for", {"userIdList": DROP}, _WRONG),
        ("an empty list", {"userIdList": "[]"}, _WRONG),
        ("51 people", {"userIdList": '["x"' + ',"x"' * 50 + "]"}, _WRONG),
    ),
    "hrm.start_leaving": (
        ("no last day", {"lastWorkDate": DROP}, _WRONG),
        ("nobody named", {"userId": DROP}, _WRONG),
        ("somebody unknown", {"userId": "nobody"}, _BUSINESS),
    ),
    "hrm.revoke_leaving": (
        ("nobody named", {"userId": DROP}, _WRONG),
        ("somebody who stays", {"userId": "wang"}, _BUSINESS),
        ("somebody unknown", {"userId": "nobody"}, _BUSINESS),
    ),
    "hrm.edit_leaving": (
        ("no last day", {"lastWorkDate": DROP}, _WRONG),
        ("somebody who stays", {"userId": "wang"}, _BUSINESS),
        ("an unknown reason", {"terminationReasonVoluntary": ["99"]}, _BUSINESS),
    ),
    "hrm.terminate": (
        ("no operator", {"optUserId": DROP}, _WRONG),
        ("no memo", {"dismissionMemo": DROP}, _WRONG),
        ("somebody unknown", {"userId": "nobody"}, "empNotExists"),
        ("an unknown reason", {"terminationReasonVoluntary": ["99"]}, "businessError", _WRONG),
    ),
    "hrm.become_regular": (
        ("nobody named", {"userId": DROP}, _WRONG),
        ("no day", {"regularDate": DROP}, _WRONG),
        ("a day as a text", {"regularDate": "2026-11-23"}, _WRONG),
    ),
    "hrm.transfer": (
        ("nobody named", {"userId": DROP}, _WRONG),
        ("a main department that isn't one of them", {"mainDeptIdAfterTransfer": 400}, "mainDeptIdInvalid"),
        ("an unknown position", {"positionIdAfterTransfer": "no"}, "positionIdInvalid"),
        ("an unknown rank", {"rankIdAfterTransfer": "no"}, "ranIdInvalid"),
    ),
    **{
        f"hrm.{name}": (
            ("no token", {"nextToken": DROP}, _WRONG),
            ("no page size", {"maxResults": DROP}, _WRONG),
            ("too large a page", {"maxResults": 201}, _WRONG),
        )
        for name in ("positions", "ranks", "jobs")
    },
    "attendance.holidays": (
        ("nobody asked for", {"userIds": DROP}, _WRONG),
        ("no beginning", {"workDateFrom": DROP}, _WRONG),
        ("a day as a text", {"workDateTo": "2026-10-11"}, _WRONG),
    ),
    "attendance.closed": (
        ("nobody asked for", {"userIds": DROP}, _WRONG),
        ("no spans", {"userTimeRange": DROP}, _WRONG),
        ("no code", {"bizCode": DROP}, _WRONG),
    ),
    "attendance.closing_rules": (
        ("nobody asked for", {"userIds": DROP}, _WRONG),
        ("an empty list", {"userIds": []}, _WRONG),
        ("one text", {"userIds": "lin"}, _WRONG),
    ),
    "attendance.calculate": _DURATION,
    "attendance.finish": (
        ("no id", {"approveId": DROP}, "invalidRequestParams"),
        ("an id of 101 characters", {"approveId": "x" * 101}, "invalidRequestParams"),
        ("an address of 201", {"jumpUrl": "x" * 201}, "invalidRequestParams"),
        ("no duration", {"topCalculateApproveDurationParam": DROP}, "invalidRequestParams"),
    ),
    "attendance.add_leave_type": (
        ("an unknown unit", {"leaveViewUnit": "week"}, "unitIncorrect"),
        ("an unknown kind", {"bizType": "x"}, "bizTypeIncorrect"),
        ("no name", {"leaveName": DROP}, "invalidParam"),
        ("a unit in another case", {"leaveViewUnit": "Day"}, "unitIncorrect"),
    ),
    "attendance.change_leave_type": (
        ("an unknown type", {"leaveCode": "x"}, "notFound"),
        ("no code", {"leaveCode": DROP}, "invalidParam", "notFound"),
        ("an unknown unit", {"leaveViewUnit": "week"}, "unitIncorrect"),
    ),
    "attendance.quota_records": (
        ("an unknown type", {"leaveCode": "x"}, "leaveTypeNotFound"),
        ("51 people", {"userIds": ["lin"] * 51}, "leaveUserIdListMax"),
        ("201 a page", {"pageSize": 201}, "pageSizeIllegal"),
        ("a negative page", {"pageNumber": -1}, "pageIndexIllegal"),
        ("no operator", {"opUserId": DROP}, "paramterInvalid"),
    ),
    "workflow.save_form": (
        ("no components", {"formComponents": DROP}, "formschema.error"),
        ("a component in another case", {"formComponents": [_SMALL]}, "formschema.error"),
        ("a name that is taken", {"name": "请假"}, "formName.error"),
        ("an unknown template", {"processCode": "PROC-x"}, "processcode.error"),
    ),
    "workflow.schema": (
        ("no code", {"processCode": DROP}, _WRONG),
        ("an unknown template", {"processCode": "PROC-x"}, "formNotExist", "aflowProcessCodeIsError", _WRONG),
        ("another name", {"processCode": DROP, "process_code": "x"}, _WRONG),
    ),
    "workflow.visible_forms": (
        ("no token", {"nextToken": DROP}, "invalidNextToken"),
        ("101 a page", {"maxResults": 101}, "invalidMaxResults"),
        ("no page size", {"maxResults": DROP}, "invalidMaxResults"),
    ),
    "workflow.managed_forms": (
        ("nobody named", {"userId": DROP}, "invalidUserId"),
        ("somebody unknown", {"userId": "nobody"}, "userNotExist"),
        ("no administrator", {"userId": "lin"}, "noPermission"),
    ),
    "workflow.forecast": (
        ("nobody named", {"userId": DROP}, "invalidUserId"),
        ("somebody unknown", {"userId": "nobody"}, "userNotExist"),
        ("an unknown template", {"processCode": "PROC-x"}, "processCodeError", "formNotExist"),
        ("no values", {"formComponentValues": DROP}, "componentIsNull", _WRONG),
    ),
    "workflow.start": (
        ("nobody asks", {"originatorUserId": DROP}),
        ("an unknown template", {"processCode": "PROC-x"}, "processCodeError", "processGetFailed"),
        ("an unknown component", {"formComponentValues": [{"name": "没有", "value": "x"}]}),
        ("an unknown approver", {"approvers": [{"actionType": "NONE", "userIds": ["nobody"]}]}),
    ),
    "workflow.instance": (
        ("no id", {"processInstanceId": DROP}, "processInstanceIdError", _WRONG),
        ("an unknown request", {"processInstanceId": "x"}, "processInstanceNotExist", "processInstanceIdError"),
        ("another name", {"processInstanceId": DROP, "instanceId": "x"}, "processInstanceIdError", _WRONG),
    ),
    "workflow.instance_ids": (
        ("no template", {"processCode": DROP}, "invalidProcessCode"),
        ("no beginning", {"startTime": DROP}, "invalidInstanceListIdsStartTime"),
        ("no token", {"nextToken": DROP}, "invalidNextToken"),
        ("21 a page", {"maxResults": 21}, "invalidMaxResults"),
        ("11 people", {"userIds": ["lin"] * 11}, "invalidUserIds"),
    ),
    "workflow.terminate": (
        ("no id", {"processInstanceId": DROP}, "invalidInstanceId"),
        ("nobody does it", {"operatingUserId": DROP}, "invalidInstanceTerminateOperatingUserId"),
        ("an unknown request", {"processInstanceId": "x"}, "aflowProcessInstNotExist"),
        ("somebody unknown", {"operatingUserId": "nobody"}, "userNotExist"),
    ),
    "workflow.comment": (
        ("no id", {"processInstanceId": DROP}, "invalidInstanceId"),
        ("no words", {"text": DROP}, "invalidInstanceCommentText"),
        ("nobody says it", {"commentUserId": DROP}, "invalidInstanceCommentUserId"),
        ("an unknown request", {"processInstanceId": "x"}, "aflowProcessInstNotExist"),
    ),
    "workflow.execute": (
        ("no id", {"processInstanceId": DROP}, "invalidInstanceId"),
        ("no task", {"taskId": DROP}, "invalidInstanceExecuteTaskId"),
        ("nobody does it", {"actionerUserId": DROP}, "invalidInstanceExecuteActionerUserId"),
        ("a result in capitals", {"result": "AGREE"}, "invalidInstanceExecuteResult"),
    ),
    "workflow.redirect": (
        ("to nobody", {"toUserId": DROP}, "param.blank"),
        ("an unknown task", {"taskId": 1}, "param.illegal"),
        ("somebody else does it", {"operateUserId": "chen"}, "param.illegal.operator"),
    ),
    "workflow.todo_numbers": (
        ("nobody named", {"userId": DROP}, "invalidGetTodoTaskSumUserId"),
        ("somebody unknown", {"userId": "nobody"}, "userNotExist"),
        ("another name", {"userId": DROP, "userid": "wang"}, "invalidGetTodoTaskSumUserId"),
    ),
    "todo.create": (
        ("no subject", {"subject": DROP}, _TODO),
        ("a subject of 1,025 characters", {"subject": "长" * 1025}, _TODO),
        ("a description of 4,097", {"description": "长" * 4097}, _TODO),
        ("a day as a text", {"dueTime": "2026-12-01"}, _TODO),
    ),
    "todo.update": (
        ("an unknown task", {"taskId": "x"}, _UPDATE),
        ("a subject of 1,025 characters", {"subject": "长" * 1025}, _UPDATE),
        ("done in words", {"done": "maybe"}, _UPDATE),
    ),
    "todo.executor_status": (
        ("an unknown task", {"taskId": "x"}, _STATUS),
        ("a text for a list", {"executorStatusList": "x"}, _STATUS),
        ("done in words", {"executorStatusList": [{"id": "union-wang", "isDone": "maybe"}]}, _STATUS),
    ),
    "calendar.create": (
        ("no summary", {"summary": DROP}, _WRONG),
        ("no beginning", {"start": DROP}, _WRONG),
        ("no end", {"end": DROP}, _WRONG),
        ("501 attendees", {"attendees": [{"id": "x"}] * 501}, _WRONG),
    ),
    "calendar.read": (
        ("an unknown event", {"eventId": "x"}, _LOST),
        ("501 attendees", {"maxAttendees": 501}, _WRONG),
        ("attendees in words", {"maxAttendees": "all"}, _WRONG),
    ),
    "calendar.change": (
        ("no id", {"id": DROP}, _WRONG),
        ("an unknown event", {"eventId": "x", "id": "x"}, _LOST),
        ("a summary of 2,049 characters", {"summary": "长" * 2049}, _WRONG),
    ),
    "calendar.respond": (
        ("no answer", {"responseStatus": DROP}, _WRONG),
        ("an unknown answer", {"responseStatus": "maybe"}, _WRONG),
        ("an unknown event", {"eventId": "x"}, _LOST),
    ),
    "calendar.list": (
        ("101 a page", {"maxResults": 101}, _WRONG),
        ("a time without its zone", {"timeMin": "2026-11-25 00:00:00"}, _WRONG),
        ("an end before the beginning", {"timeMax": "2026-11-24T00:00:00+08:00"}, _WRONG),
    ),
    "calendar.busy": (
        ("nobody asked for", {"userIds": DROP}, "paramIllegal"),
        ("21 people", {"userIds": ["union-lin"] * 21}, "paramIllegal"),
        ("no end", {"endTime": DROP}, "paramIllegal"),
    ),
    "calendar.add_attendees": (
        ("nobody added", {"attendeesToAdd": DROP}, _WRONG),
        ("an unknown event", {"eventId": "x"}, _LOST),
        ("501 people", {"attendeesToAdd": [{"id": "x"}] * 501}, _WRONG),
    ),
}  # fmt: skip
