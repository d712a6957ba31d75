"""What HR writes when somebody comes, and what only sounds like it."""

from datetime import date
from typing import Any

import pytest

from handlers.sentences.hire import HireSentence, hires_somebody, read_hire_sentence, read_mobile
from hr_core.lifecycle.rules import Contract
from hr_core.onboarding.model import Employment

TODAY = date(2026, 11, 24)
DEPARTMENTS = ("研发部", "销售部", "人力资源部", "后端组")
MONDAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("周敏下周一入职研发部", {"name": "周敏", "department": "研发部", "first_day": MONDAY}),
        ("張會下週一入職研發部", {"name": "張會", "department": "研发部", "first_day": MONDAY}),
        (
            "新员工周敏 12月1日入职研发部，后端工程师，手机13900000001，合同3年，试用期6个月，主管王磊",
            {
                "name": "周敏", "department": "研发部", "first_day": date(2026, 12, 1), "position": "后端工程师",
                "mobile": "13900000001", "contract": Contract.FIXED, "months": 36, "probation": 6, "manager": "王磊",
            },
        ),
        ("安排欧阳娜娜明天到销售部入职", {"name": "欧阳娜娜", "department": "销售部", "first_day": date(2026, 11, 25)}),
        (
            "何一一下周三入职后端组，岗位：测试工程师，无固定期限合同，没有试用期",
            {
                "name": "何一一", "department": "后端组", "first_day": date(2026, 12, 2), "position": "测试工程师",
                "contract": Contract.OPEN_ENDED, "probation": 0,
            },
        ),
        (
            "周敏，139 0000 0001，下周一入职研发部后端工程师，三年合同，试用三个月",
            {
                "name": "周敏", "mobile": "13900000001", "department": "研发部", "position": "后端工程师",
                "first_day": MONDAY, "contract": Contract.FIXED, "months": 36, "probation": 3,
            },
        ),
        ("请帮我办一下张三12月1日入职市场部", {"name": "张三", "place": "市场部", "first_day": date(2026, 12, 1)}),
        (
            "艾合买提·买买提明天入职销售部，实习生",
            {
                "name": "艾合买提·买买提", "department": "销售部", "first_day": date(2026, 11, 25),
                "employment": Employment.INTERN,
            },
        ),
        ("办理入职", {}),
        ("周敏入职", {"name": "周敏"}),
        ("李四明天入职，签18个月合同，试用2个月", {
            "name": "李四", "first_day": date(2026, 11, 25), "contract": Contract.FIXED, "months": 18, "probation": 2,
        }),
    ],
)  # fmt: skip
def test_as_much_as_was_said_is_understood(text: str, told: dict[str, Any]) -> None:
    assert hires_somebody(text)
    assert read_hire_sentence(text, today=TODAY, departments=DEPARTMENTS) == HireSentence(**told)


@pytest.mark.parametrize(
    "text",
    [
        "我下周一入职", "入职进度", "周敏什么时候入职", "取消入职 3", "我的入职", "周敏入职了吗？", "入职材料有哪些",
        "同意 入职 3", "请假", "我想请明天下午半天年假", "入职 3", "重试入职 1", "入职流程是怎样的",
    ],
)  # fmt: skip
def test_what_only_sounds_like_it_hires_nobody(text: str) -> None:
    assert not hires_somebody(text)


@pytest.mark.parametrize("text", ["1390000000", "139000000012", "12900000001", "手机号", "订单 202611241390"])
def test_what_is_no_mobile_is_none(text: str) -> None:
    assert read_mobile(text) is None


def test_a_long_text_is_read_quickly() -> None:
    assert not hires_somebody("入职" + "汇报给王" * 500)
    read_hire_sentence("入职" + "汇报给王" * 400 + "合同" * 400, today=TODAY, departments=DEPARTMENTS)
