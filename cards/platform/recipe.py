"""The templates as a recipe that an administrator follows by hand, in Chinese, in the card builder's own words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources

from jinja2 import Environment, StrictUndefined

from cards.platform.editor import mock_data
from cards.platform.model import (
    Button,
    Chart,
    Component,
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

Row = tuple[str, ...]

_TYPES: Mapping[str, str] = {
    "string": "字符串",
    "boolean": "布尔值",
    "markdown": "Markdown 内容",
    "objects": "对象数组",
    "form": "表单",
    "chart": "图表",
    "table": "表格",
}
_KINDS: Mapping[type, str] = {
    Text: "基础文本",
    Markdown: "Markdown 内容",
    Form: "表单",
    Input: "文本输入",
    Button: "单个按钮",
    Chart: "图表",
    Table: "表格",
    Loop: "循环渲染容器",
}
_STYLES = {"title": "四级标题加粗", "body": "正文", "status": "四级标题加粗", "hint": "脚注"}
_IS = {"empty": "为空", "not empty": "不为空", "true": "为 true", "false": "为 false"}


def recipe(templates: Sequence[Template]) -> str:
    """Give the whole page."""
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, keep_trailing_newline=True)  # noqa: S701 - markdown of our own words
    environment.filters.update(variable_rows=_variable_rows, component_rows=_component_rows, mock=_mock)
    page = resources.files("cards.platform").joinpath("recipe.zh-CN.md.j2").read_text("utf-8")
    return environment.from_string(page).render(templates=templates)


def _mock(template: Template) -> str:
    return json.dumps(mock_data(template)["cardData"], ensure_ascii=False, indent=2)


def _variable_rows(template: Template) -> Iterator[Row]:
    for item in template.variables:
        kind, private = ("本地变量", "—") if item.local else ("普通变量", "否")
        yield f"`{item.name}`", kind, _TYPES[item.type], private, item.meaning, _example(item)
        for field in item.fields:
            yield (
                f"└ `{field.name}`",
                f"`{item.name}` 的子字段",
                _TYPES[field.type],
                "否",
                field.meaning,
                _example(field),
            )


def _example(item: Variable) -> str:
    match item.example:
        case dict() | list():
            return "见模拟数据"
        case "":
            return "（空）"
        case str(text):
            return f"`{text}`"
        case other:
            return f"`{json.dumps(other)}`"


def _component_rows(template: Template) -> Iterator[Row]:
    for number, component in enumerate(template.components, start=1):
        yield _row(str(number), component)
        if isinstance(component, Loop):
            for inner, child in enumerate(component.children, start=1):
                yield _row(f"{number}.{inner}", child)


def _row(number: str, component: Component) -> Row:
    content, click = _describe(component)
    return number, f"{_KINDS[type(component)]}（{component.label}）", content, _when(component.when), click


def _describe(component: Component) -> tuple[str, str]:
    match component:
        case Text():
            described = f"文本内容 `{component.text}`；样式「{_STYLES[component.style]}」", "无"
        case Form():
            described = (
                f"表单变量绑定 `{component.variable}`；组件 id 保持 `form`；"
                f"提交按钮文案「{component.submit}」；状态「正常」",
                f"回传请求（组件自带）；{_params(component.params)}",
            )
        case Input():
            described = (
                f"标题「{component.title}」；提示「{component.placeholder}」；当前值 `${{{component.variable}}}`；多行",
                f"更新本地变量 `{component.variable}`",
            )
        case Button():
            color = component.color.removeprefix("${").removesuffix("}")
            state = "禁用" if component.disabled else "正常"
            described = (
                f"文案 `{component.text}`；颜色绑定变量 `{color}`；状态「{state}」；宽度撑满",
                f"回传请求；请求 id（没有这一项就不填）`{component.action_id}`；{_params(component.params)}",
            )
        case Loop():
            described = f"绑定变量 `{component.variable}`；竖排", "无"
        case Markdown() | Chart() | Table():
            described = f"绑定变量 `{component.variable}`", "默认"
    return described


def _params(params: Mapping[str, str]) -> str:
    return "回传参数（都选「变量」）" + "、".join(f"`{name}` = `{text}`" for name, text in params.items())


def _when(when: When | None) -> str:
    return "始终" if when is None else f"`{when.variable}` {_IS[when.is_]}"
