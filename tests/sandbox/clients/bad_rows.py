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
_GONE, _ASKED = "todo.taskDelete.paramError", "todo.orgTaskQuery.paramError"
_LIN = "union-lin"
_PARAM = "invalidParameter.param.invalid"
_GROUP, _NO_GROUP = "parameter.invalid", "illegal.openconevrsation.id"
_FORBIDDEN = "403:Forbidden.AccessDenied.AccessTokenPermissionDenied"
_CLOSED = ("robot_send", "robot_update", "send", "update", "light")
_NO_ROBOT = ("invalidRequest.robotCodeNotMatch", "invalidRequest.robotNotExist")
_ENTRANCE = ("invalidRequest.jsonFormatErroj", "param.illegal")
_UPDATED = {"processInstanceId": "x", "status": "COMPLETED", "result": "agree"}
_RECASED = {"processinstanceid": "x", "status": "COMPLETED", "result": "agree"}
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
    "calendar.delete": (
        ("an unknown event", {"eventId": "x"}, _LOST),
        ("another calendar", {"calendarId": "secondary"}, _WRONG),
        ("told or not, in words", {"pushNotification": "perhaps"}, _WRONG),
    ),
    "calendar.view": (
        ("101 a page", {"maxResults": 101}, _WRONG),
        ("a time without its zone", {"timeMin": "2026-11-25 00:00:00"}, _WRONG),
        ("attendees in words", {"maxAttendees": "all"}, _WRONG),
        ("an end before the beginning", {"timeMax": "2026-11-24T00:00:00+08:00"}, _WRONG),
        ("a span of two years", {"timeMax": "2028-11-25T00:00:00+08:00"}, _WRONG),
    ),
    "calendar.remove_attendees": (
        ("an unknown event", {"eventId": "x"}, _LOST),
        ("a text for a list", {"attendeesToRemove": _LIN}, _WRONG),
        ("501 people", {"attendeesToRemove": [{"id": "x"}] * 501}, _WRONG),
    ),
    "calendar.attendees": (
        ("an unknown event", {"eventId": "x"}, "invalidParameter", _LOST),
        ("501 a page", {"maxResults": 501}, "invalidParameter", "invalidParameter.maxResults"),
        ("a page in words", {"maxResults": "all"}, "invalidParameter", "invalidParameter.maxResults"),
    ),
    "contacts.person": (
        ("somebody else", {"unionId": "union-wang"}, "404:invalidParameter.user.notFound"),
        ("a userid", {"unionId": "lin"}, "404:invalidParameter.user.notFound"),
        ("another case", {"unionId": "ME"}, "404:invalidParameter.user.notFound"),
    ),
    "todo.create_personal": (
        ("no subject", {"subject": DROP}, _TODO),
        ("a subject of 1,025 bytes", {"subject": "a" * 1025}, _TODO),
        ("a description of 4,097 bytes", {"description": "长" * 1366}, _TODO),
        ("nobody to do it", {"executorIds": DROP}, _TODO),
        ("the list in another case", {"executorIds": DROP, "executorids": [_LIN]}, _TODO),
        ("101 to do it", {"executorIds": [_LIN] * 101}, _TODO),
        ("101 who take part", {"participantIds": [_LIN] * 101}, _TODO),
        ("a day as a text", {"dueTime": "2026-12-01"}, _TODO),
        ("another reminder", {"notifyConfigs": {"dingNotify": "2"}}, _TODO),
        ("reminded in the past", {"reminderTimeStamp": 1}, _TODO),
        ("nobody known", {"executorIds": ["nobody"]}, _TODO),
    ),
    "todo.delete": (
        ("an unknown task", {"taskId": "x"}, _GONE),
        ("somebody it isn't about", {"unionId": "union-chen"}, _GONE),
        ("nobody", {"unionId": "nobody"}, _GONE),
    ),
    "todo.query": (
        ("nobody", {"unionId": "nobody"}, _ASKED),
        ("a token that isn't", {"nextToken": "next"}, _ASKED),
        ("done in words", {"isDone": "maybe"}, _ASKED),
        ("a kind in small letters", {"todoType": "todo"}, _ASKED),
        ("roles as a text", {"roleTypes": "executor"}, _ASKED),
        ("a role in capitals", {"roleTypes": [["EXECUTOR"]]}, _ASKED),
    ),
    "robot.set_entrances": (
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
        ("entrances as a text", {"pluginInfoList": "leave"}, "param.illegal", "invalidRequest.jsonFormatErroj"),
        ("one without a name", {"pluginInfoList": [{"icon": "@x"}]}, "param.illegal"),
        ("one without an icon", {"pluginInfoList": [{"name": '{"zh_CN":"请假"}'}]}, "param.illegal"),
        ("a name that isn't JSON", {"pluginInfoList": [{"name": "{", "icon": "@x"}]}, *_ENTRANCE),
    ),
    "robot.entrances": (
        ("no robot", {"robotCode": DROP}, "param.illegal"),
        ("the name in small letters", {"robotCode": DROP, "robotcode": "dingsandbox"}, "param.illegal"),
        ("a list", {"robotCode": ["dingsandbox"]}, "param.illegal"),
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
    ),
    "robot.clear_entrances": (
        ("no robot", {"robotCode": DROP}, "param.illegal"),
        ("the name in small letters", {"robotCode": DROP, "robotcode": "dingsandbox"}, "param.illegal"),
        ("a list", {"robotCode": ["dingsandbox"]}, "param.illegal"),
        ("another robot", {"robotCode": "dingother"}, *_NO_ROBOT),
    ),
    "robot.ding": (
        ("no robot", {"robotCode": DROP}, _PARAM),
        ("another robot", {"robotCode": "dingother"}, "invalid.chatbotId"),
        ("no kind", {"remindType": DROP}, _PARAM),
        ("a fourth kind", {"remindType": 4}, _PARAM),
        ("the kind in words", {"remindType": "app"}, _PARAM),
        ("nobody", {"receiverUserIdList": DROP}, "miss.staffId", _PARAM),
        ("people as one text", {"receiverUserIdList": "lin"}, _PARAM),
        ("in small letters", {"receiverUserIdList": DROP, "receiveruseridlist": ["lin"]}, "miss.staffId", _PARAM),
        ("201 people", {"receiverUserIdList": [f"u{number}" for number in range(201)]}, "ding.receivercount.limit"),
        ("nobody known", {"receiverUserIdList": ["nobody"]}, "miss.staffId"),
        ("no words", {"content": DROP}, _PARAM),
        ("a call that wasn't bought", {"remindType": 3}, "ding.serverquota.insufficient"),
    ),
    "robot.recall_ding": (
        ("no robot", {"robotCode": DROP}, _PARAM),
        ("no id", {"openDingId": DROP}, _PARAM),
        ("the id in another case", {"openDingId": DROP, "openDingID": "x"}, _PARAM),
        ("a list of ids", {"openDingId": ["x"]}, _PARAM),
        ("an unknown one", {"openDingId": "x"}, "recall.ding.exception"),
        ("another robot", {"robotCode": "dingother"}, "recall.ding.exception"),
    ),
    "card.copy_template": (
        ("what an own app asks for", {}, "copy.template.error"),
        ("no template", {"templateId": DROP}),
        ("the id in capitals", {"templateId": DROP, "templateID": "x"}),
        ("an unknown template", {"templateId": "x"}, "copy.template.error", "template.not.exist"),
    ),
    **{f"card.old_{name}": (("a closed call", {}, _FORBIDDEN),) for name in _CLOSED},
    "hrm.reasons": (),
    "im.create_group": (
        ("no name", {"name": DROP}, _GROUP),
        ("a name of 21 characters", {"name": "长" * 21}, _GROUP),
        ("no owner", {"owner": DROP}, _GROUP),
        ("an owner nobody knows", {"owner": "nobody"}, _GROUP, "permession.checkFailed"),
        ("an owner of another kind", {"ownerType": "EMP"}, _GROUP),
        ("no members", {"useridlist": DROP}, _GROUP),
        ("members as one text", {"useridlist": "lin,wang"}, _GROUP),
        ("members in camel case", {"useridlist": DROP, "userIdList": ["lin", "wang"]}, _GROUP),
        ("an option in words", {"managementOptions": {"searchable": "yes"}}, _GROUP),
    ),
    "im.update_group": (
        ("no group", {"chatid": DROP}, _GROUP),
        ("the id in camel case", {"chatid": DROP, "chatId": "x"}, _GROUP),
        ("an unknown group", {"chatid": "chatx"}, _GROUP),
        ("a name of 21 characters", {"name": "长" * 21}, _GROUP),
        ("people as one text", {"add_useridlist": "lin"}, _GROUP),
        ("an owner nobody knows", {"owner": "nobody"}, _GROUP, "permession.checkFailed"),
    ),
    "im.convert": (
        ("an unknown one", {"chatId": "chatx"}, "invalideChatId"),
        ("a conversation's id", {"chatId": "cidx=="}, "invalideChatId"),
        ("capitals", {"chatId": "CHAT"}, "invalideChatId"),
    ),
    "im.robots": (
        ("no group", {"openConversationId": DROP}, _NO_GROUP),
        ("the id in another case", {"openConversationId": DROP, "openconversationid": "x"}, _NO_GROUP),
        ("a list", {"openConversationId": ["x"]}, _NO_GROUP, "invalidParameter.openConversationId"),
        ("an unknown group", {"openConversationId": "x"}, _NO_GROUP),
    ),
    "im.create_scene_group": (
        ("no title", {"title": DROP}, _GROUP),
        ("a title of 31 characters", {"title": "长" * 31}, _GROUP),
        ("no template", {"template_id": DROP}, _GROUP),
        ("an unknown template", {"template_id": "x"}, "groupTemplate.notFound"),
        ("no owner", {"owner_user_id": DROP}, _GROUP),
        ("the owner in camel case", {"owner_user_id": DROP, "ownerUserId": "wang"}, _GROUP),
        ("an owner nobody knows", {"owner_user_id": "nobody"}, "member.notFound"),
        ("an option in words", {"management_options": {"searchable": "yes"}}, _GROUP),
    ),
    "im.scene_group": (
        ("no group", {"openConversationId": DROP}, "paramBlank"),
        ("the id in snake case", {"openConversationId": DROP, "open_conversation_id": "x"}, "paramBlank"),
        ("a list", {"openConversationId": ["x"]}, "paramIllegal"),
        ("an unknown group", {"openConversationId": "x"}, "cidEncryptError", "groupPermissionDenied"),
    ),
    "im.scene_members": (
        ("no group", {"openConversationId": DROP}, "paramBlank"),
        ("no size", {"maxResults": DROP}, "paramBlank"),
        ("a size in words", {"maxResults": "all"}, "paramIllegal"),
        ("the id in snake case", {"openConversationId": DROP, "open_conversation_id": "x"}, "paramBlank"),
        ("an unknown group", {"openConversationId": "x"}, "cidEncryptError", "groupPermissionDenied"),
    ),
    **{
        f"im.{name}": (
            ("no group", {"open_conversation_id": DROP}, _GROUP),
            ("the id in camel case", {"open_conversation_id": DROP, "openConversationId": "x"}, _GROUP),
            ("an unknown group", {"open_conversation_id": "x"}, _GROUP),
            ("people as a list", {"user_ids": {"lin": 1}}, _GROUP),
        )
        for name in ("add_members", "remove_members")
    },
    "im.disband": (
        ("no group", {"openConversationId": DROP}, "paramIllegal"),
        ("the id in snake case", {"openConversationId": DROP, "open_conversation_id": "x"}, "paramIllegal"),
        ("a list", {"openConversationId": ["x"]}, "paramIllegal"),
        ("an unknown group", {"openConversationId": "x"}, "paramIllegal"),
    ),
    # the process centre
    "workflow.own_save_form": (
        ("no name", {"name": DROP}, "formschema.error", "formName.error"),
        ("a name of 201 characters", {"name": "长" * 201}, "formschema.error", "formName.error"),
        ("no components", {"formComponents": DROP}, "formschema.error"),
        ("components as a text", {"formComponents": "x"}, "formschema.error"),
        ("a component in small letters", {"formComponents": [_SMALL]}, "formschema.error"),
        ("the list in snake case", {"formComponents": DROP, "form_components": []}, "formschema.error"),
        ("an unknown form changed", {"processCode": "PROC-X"}, "processcode.error", "aflowProcessSetupNoPermission"),
    ),
    "workflow.own_remove_form": (
        ("an unknown form", {"processCode": "PROC-X"}, "processNotExist"),
        ("no form", {"processCode": DROP}),
        ("the code in small letters", {"processCode": DROP, "processcode": "x"}),
        ("running ones, in words", {"cleanRunningTask": "perhaps"}),
    ),
    "workflow.own_form_code": (
        ("no name", {"name": DROP}),
        ("an unknown name", {"name": "x"}, "process.error"),
        ("the name in capitals", {"name": DROP, "Name": "自有请假"}),
        ("a name of 65 characters", {"name": "长" * 65}),
    ),
    "workflow.own_create": (
        ("no form", {"processCode": DROP}, "required.error"),
        ("an unknown form", {"processCode": "PROC-X"}, "process.error"),
        ("nobody's", {"originatorUserId": DROP}, "required.error"),
        ("of somebody unknown", {"originatorUserId": "nobody"}, "userNotExist"),
        ("no address", {"url": DROP}, "required.error"),
        ("an address in capitals", {"url": DROP, "URL": "https://hr.example/1"}, "required.error"),
        ("a title of 65 characters", {"title": "长" * 65}, "parameter.invalid"),
        ("an address of 1,025 characters", {"url": "u" * 1025}, "parameter.invalid"),
        ("values as a text", {"formComponentValueList": "x"}, "parameter.invalid", "formConverterError"),
        ("21 who are told", {"notifiers": [{"userid": "lin", "position": "start"}] * 21}, "parameter.invalid"),
        ("told at no known time", {"notifiers": [{"userid": "lin", "position": "START"}]}, "parameter.invalid"),
    ),
    "workflow.own_update": (
        ("no instance", {"processInstanceId": DROP}, "internalError"),
        ("an unknown one", {"processInstanceId": "x"}, "process.inst.notExist"),
        ("no status", {"status": DROP}, "internalError"),
        ("a status in small letters", {"status": "completed"}, "internalError"),
        ("a result in capitals", {"result": "AGREE"}, "internalError"),
        ("31 who are told", {"notifiers": [{"userId": "lin"}] * 31}, "noticerOverLimit"),
    ),
    "workflow.own_update_many": (
        ("a text for a list", {"updateProcessInstanceRequests": "x"}, "internalError"),
        ("51 of them", {"updateProcessInstanceRequests": [_UPDATED] * 51}, "updateOverSize"),
        ("one without its status", {"updateProcessInstanceRequests": [{"processInstanceId": "x"}]}, "internalError"),
        ("an id in small letters", {"updateProcessInstanceRequests": [_RECASED]}, "internalError"),
    ),
    "workflow.own_create_tasks": (
        ("no instance", {"processInstanceId": DROP}, "internalError"),
        ("an unknown one", {"processInstanceId": "x"}, "process.inst.notExist", "integrated.state.invalid"),
        ("no tasks", {"tasks": DROP}, "tasks.is.null"),
        ("an empty list", {"tasks": []}, "tasks.is.null"),
        ("21 tasks", {"tasks": [{"userId": "wang", "url": "u"}] * 21}, "integrated.number.exceed"),
        ("an address of 1,025 characters", {"tasks": [{"userId": "wang", "url": "u" * 1025}]}, "task.url.error"),
        ("due in the past", {"tasks": [{"userId": "wang", "dueTimestamp": 1}]}, "task.dueTime.error"),
        ("a person in small letters", {"tasks": [{"userid": "wang", "url": "u"}]}, "internalError"),
    ),
    "workflow.own_update_tasks": (
        ("no tasks", {"tasks": DROP}, "internalError"),
        ("tasks as a text", {"tasks": "x"}, "internalError"),
        ("21 tasks", {"tasks": [{"taskId": 1, "status": "COMPLETED", "result": "AGREE"}] * 21}, "internalError"),
        ("a status in small letters", {"tasks": [{"taskId": 1, "status": "completed"}]}, "internalError"),
        ("an unknown instance", {"processInstanceId": "x"}, "integrated.state.invalid"),
    ),
    "workflow.own_cancel_tasks": (
        ("no instance", {"processInstanceId": DROP}, "integrated.state.invalid", "internalError"),
        ("an unknown one", {"processInstanceId": "x"}, "integrated.state.invalid"),
        ("no step", {"activityId": DROP}),
        ("the step in small letters", {"activityId": DROP, "activityid": "act_1"}),
        ("steps as a text", {"activityIds": "act_1"}),
    ),
    "workflow.own_todo_tasks": (
        ("nobody", {"userId": DROP}, "integrated.params.error"),
        ("the id in small letters", {"userId": DROP, "userid": "wang"}, "integrated.params.error"),
        ("41 a page", {"pageSize": 41}, "integrated.params.error"),
        ("no page", {"pageNumber": DROP}, "integrated.params.error"),
        ("a page in words", {"pageNumber": "first"}, "integrated.params.error"),
    ),
}  # fmt: skip
