"""Cards to look at: one of each template, and a form with every kind of field."""

from typing import Any

_HALVES = [{"value": "AM", "text": "上午"}, {"value": "PM", "text": "下午"}]
_THREE = [{"value": str(number), "text": f"选项{number}"} for number in (1, 2, 3)]

LEAVE_FORM: dict[str, Any] = {
    "title": "请假申请",
    "intro": "年假可用 **4.5** 天。",
    "form": {
        "fields": [
            {
                "name": "type",
                "label": "假期类型",
                "type": "SELECT",
                "required": True,
                "placeholder": "请选择",
                "options": [{"value": "annual", "text": "年假"}, {"value": "sick", "text": "病假"}],
                "defaultValue": {"index": 0, "value": "annual"},
            },
            {"name": "start", "label": "开始日期", "type": "DATE", "required": True},
            {"name": "start_half", "label": "开始时段", "type": "SELECT", "options": _HALVES, "placeholder": "请选择"},
            {"name": "reason", "label": "原因", "type": "TEXT_AREA", "placeholder": "选填", "minRows": 2, "maxRows": 6},
        ]
    },
    "status": "",
    "ref": "1.leave.0",
}

EVERY_FIELD: dict[str, Any] = {
    "title": "所有字段",
    "form": {
        "fields": [
            {"name": "secret", "type": "TEXT", "hidden": True, "defaultValue": "nonce-7"},
            {"name": "fixed", "label": "只读", "type": "TEXT", "readOnly": True, "defaultValue": "不能改"},
            {"name": "text", "label": "文本", "type": "TEXT", "required": True, "requiredMsg": "文本一定要填"},
            {"name": "list", "label": "聚餐", "type": "TEXT_ARRAY", "defaultValue": ["中餐"], "addText": "再加一种"},
            {"name": "area", "label": "多行", "type": "TEXT_AREA", "minRows": 3},
            {"name": "number", "label": "数字", "type": "NUMBER"},
            {"name": "one", "label": "下拉", "type": "SELECT", "options": _THREE, "placeholder": "请选择"},
            {"name": "many", "label": "多选", "type": "MULTI_SELECT", "options": _THREE},
            {"name": "day", "label": "日期", "type": "DATE", "defaultValue": "2026-11-25"},
            {"name": "hour", "label": "时间", "type": "TIME"},
            {"name": "moment", "label": "日期时间", "type": "DATETIME", "defaultValue": "2026-11-25 09:30"},
            {"name": "tick", "label": "复选框", "type": "CHECKBOX"},
            {"name": "flip", "label": "开关", "type": "SWITCH", "defaultValue": True},
            {"name": "radio", "label": "单选列表", "type": "CHECKBOX_GROUP", "options": _THREE, "required": True},
            {"name": "boxes", "label": "多选列表", "type": "MULTI_CHECKBOX_GROUP", "options": _THREE},
        ]
    },
    "status": "",
}

APPROVAL: dict[str, Any] = {
    "title": "林晓的请假申请",
    "body": "申请 **1024**",
    "fields": [{"label": "申请人", "text": "林晓"}, {"label": "时间", "text": "11月25日(周三)下午"}],
    "buttons": [
        {"id": "approve", "text": "同意", "color": "blue", "disabled": False},
        {"id": "reject", "text": "拒绝", "color": "red", "disabled": False},
    ],
    "ask_comment": "true",
    "comment": "",
    "status": "待审批",
    "tip": "",
    "ref": "1.leave.1024",
}

REPORT: dict[str, Any] = {
    "title": "出勤月报",
    "body": "2026 年 11 月，请假 **38.5** 天。",
    "chart": {
        "type": "histogram",
        "data": [
            {"x": month, "y": days, "type": kind}
            for kind, figures in (("年假", (14, 21, 19.5)), ("病假", (5, 8, 11)))
            for month, days in zip(("9月", "10月", "11月"), figures, strict=True)
        ],
        "config": {"stack": True},
    },
    "table": {
        "meta": [
            {"alias": "dept", "aliasName": "部门", "dataType": "STRING", "weight": 40},
            {"alias": "rate", "aliasName": "出勤率", "dataType": "OBJECT", "weight": 30},
            {"alias": "act", "aliasName": "操作", "dataType": "BUTTON", "weight": 30},
        ],
        "data": [
            {
                "dept": "研发部",
                "rate": {"value": "96.1%", "textColorToken": "common_green1_color"},
                "act": {"id": "7", "text": "明细", "color": "gray", "request": True},
            }
        ],
    },
    "buttons": [{"id": "export", "text": "导出", "color": "blue", "disabled": False}],
    "ref": "1.report.7",
}
