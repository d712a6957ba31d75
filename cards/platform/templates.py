"""The three templates, described once.

Variables and what a click sends are a contract with the robot; `cards/view.py` has the other end of it.
A change here takes a new template in every company that uses the robot, because a published template is frozen.
"""

from cards.platform.model import (
    Button,
    Chart,
    Form,
    Input,
    Loop,
    Markdown,
    Table,
    Template,
    Text,
    Variable,
    When,
)

_TITLE = Variable("title", "string", "标题；也是会话列表里的摘要", "请假申请")
_REF = Variable("ref", "string", "卡片对应的记录，点击时原样带回", "1.leave.1024")
_STATUS = Variable("status", "string", "状态；没有时为空", "")

_BUTTONS = Variable(
    "buttons",
    "objects",
    "按钮，没有时为空数组",
    [
        {"id": "approve", "text": "同意", "color": "blue", "disabled": False},
        {"id": "reject", "text": "拒绝", "color": "red", "disabled": True},
    ],
    fields=(
        Variable("id", "string", "按钮的名字，点击时作为 action 带回", "approve"),
        Variable("text", "string", "按钮上的字", "同意"),
        Variable("color", "string", "颜色：blue、red 或 gray", "blue"),
        Variable("disabled", "boolean", "为 true 时置灰，点不动", False),
    ),
)


def _button_loop(params: dict[str, str]) -> Loop:
    """Two buttons for each entry, one of which is shown: the builder's `status` takes a word, the contract a bool.

    The action id is the entry's own, so that the spinner turns on the button that was tapped and not on all of them.
    """
    return Loop(
        "按钮列表",
        "buttons",
        (
            Button(
                "可点的按钮",
                "${loop.text}",
                "${loop.color}",
                "${loop.id}",
                params,
                when=When("loop.disabled", "false"),
            ),
            Button(
                "置灰的按钮",
                "${loop.text}",
                "${loop.color}",
                "${loop.id}",
                params,
                disabled=True,
                when=When("loop.disabled", "true"),
            ),
        ),
    )


FORM = Template(
    "form",
    "dinghr 表单",
    "填写并提交，例如请假；提交以后变成一条记录，显示状态。",
    variables=(
        _TITLE,
        Variable("intro", "markdown", "表单上方的说明", "年假还剩 **5** 天。"),
        Variable(
            "form",
            "form",
            "表单的各个字段，由机器人给出",
            {
                "fields": [
                    {
                        "name": "type",
                        "label": "假期类型",
                        "type": "SELECT",
                        "required": True,
                        "placeholder": "请选择",
                        "options": [{"value": "annual", "text": "年假"}, {"value": "sick", "text": "病假"}],
                    },
                    {"name": "start", "label": "开始日期", "type": "DATE", "required": True, "format": "yyyy-MM-dd"},
                    {"name": "reason", "label": "事由", "type": "TEXT_AREA", "minRows": 2, "maxRows": 6},
                ]
            },
        ),
        _STATUS,
        _REF,
    ),
    components=(
        Text("标题", "${title}", "title"),
        Markdown("说明", "intro", When("intro", "not empty")),
        Form("表单", "form", "提交", {"ref": "${ref}"}, When("status", "empty")),
        Text("状态", "${status}", "status", When("status", "not empty")),
    ),
)

NOTICE = Template(
    "notice",
    "dinghr 通知",
    "给人看、也许要人决定的一件事，例如审批。",
    variables=(
        _TITLE,
        Variable("body", "markdown", "正文", "申请编号 **1024**"),
        Variable(
            "fields",
            "objects",
            "一行一项的内容，没有时为空数组",
            [{"label": "申请人", "text": "林小雨"}, {"label": "天数", "text": "0.5 天"}],
            fields=(
                Variable("label", "string", "名称", "申请人"),
                Variable("text", "string", "内容", "林小雨"),
            ),
        ),
        _BUTTONS,
        Variable("ask_comment", "boolean", "为 true 时显示意见输入框", True),
        # A card's data can't reach a local variable (C3/0008): the `comment` that the robot sends is ignored there.
        Variable("comment", "string", "输入框里的字，只存在填写人的设备上，点按钮时带回", "", local=True),
        _STATUS,
        Variable("tip", "string", "对刚才那次点击的回应；没有时为空", ""),
        _REF,
    ),
    components=(
        Text("标题", "${title}", "title"),
        Markdown("正文", "body", When("body", "not empty")),
        Loop("内容列表", "fields", (Text("一项内容", "${loop.label}：${loop.text}"),)),
        Input("意见输入框", "comment", "意见", "可以不填", When("ask_comment", "true")),
        _button_loop({"action": "${loop.id}", "ref": "${ref}", "comment": "${comment}"}),
        Text("状态", "${status}", "status", When("status", "not empty")),
        Text("提示", "${tip}", "hint", When("tip", "not empty")),
    ),
)

REPORT = Template(
    "report",
    "dinghr 报表",
    "数字：正文、图表、表格。",
    variables=(
        Variable("title", "string", _TITLE.meaning, "十月请假"),
        Variable("body", "markdown", "正文", "本月共请假 **12** 天。"),
        Variable(
            "chart",
            "chart",
            "图表，没有时为空",
            {
                "type": "histogram",
                "data": [{"x": "9月", "y": 8, "type": "请假天数"}, {"x": "10月", "y": 12, "type": "请假天数"}],
                "config": {},
            },
        ),
        Variable(
            "table",
            "table",
            "表格，没有时为空",
            {
                "meta": [
                    {"alias": "name", "aliasName": "部门", "dataType": "STRING", "weight": 60},
                    {"alias": "days", "aliasName": "天数", "dataType": "STRING", "weight": 40},
                ],
                "data": [{"name": "研发部", "days": "7"}, {"name": "市场部", "days": "5"}],
            },
        ),
        _BUTTONS,
        Variable("ref", "string", _REF.meaning, "1.report.7"),
    ),
    components=(
        Text("标题", "${title}", "title"),
        Markdown("正文", "body", When("body", "not empty")),
        Chart("图表", "chart", When("chart", "not empty")),
        Table("表格", "table", When("table", "not empty")),
        _button_loop({"action": "${loop.id}", "ref": "${ref}"}),
    ),
)

TEMPLATES = (FORM, NOTICE, REPORT)
