"""Leave without any card template: the same conversations, in words and links."""

import re
from urllib.parse import unquote

import pytest

from tests.conversations.office import Office


def links(text: str) -> dict[str, str]:
    """The `dtmd://` links of a message: label to what tapping says."""
    found = re.findall(r"\[([^\]]+)\]\(dtmd://dingtalkclient/sendMessage\?content=([^)]+)\)", text)
    return {label: unquote(said) for label, said in found}


async def test_a_half_day_from_sentence_to_decision(text_office: Office) -> None:
    office = text_office
    told = await office.lin.asks("我想请明天下午半天年假")
    assert "11月25日" in told
    assert "0.5" in told
    assert links(told)["提交"] == "提交"
    receipt = await office.lin.asks("提交")
    assert "待审批" in receipt

    asked = await office.wang.reads()
    assert "林晓" in asked
    number = re.search(r"同意 (\d+)", asked)
    assert number is not None
    assert links(asked)["同意"] == f"同意 {number[1]}"
    assert "已同意" in await office.wang.asks(links(asked)["同意"])
    assert "已同意" in await office.lin.reads()
    await office.quiet()
    assert any("林晓" in text for text in office.group())
    assert await office.available("lin") == "4.5"


async def test_what_is_missing_is_asked_for_one_field_at_a_time(text_office: Office) -> None:
    office = text_office
    which = await office.lin.asks("请假")
    assert links(which) == {"年假": "年假", "病假": "病假", "事假": "事假"}
    assert "从哪天" in await office.lin.asks("年假")
    assert set(links(await office.lin.asks("明天半天"))) == {"上午", "下午"}
    assert "0.5" in await office.lin.asks("下午")
    assert "待审批" in await office.lin.asks("提交")


async def test_other_questions_are_answered_in_between(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请假")
    assert "可用" in await office.lin.asks("年假余额")
    assert "提交" in links(await office.lin.asks("事假"))


async def test_nothing_is_sent_before_the_word(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    assert "什么都没有提交" in await office.lin.asks("取消")
    assert "没有等待提交" in await office.lin.asks("提交")
    assert "还没有请假申请" in await office.lin.asks("我的申请")


async def test_a_rejection_takes_a_number_and_a_reason(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    await office.lin.asks("提交")
    number = re.search(r"同意 (\d+)", await office.wang.reads())
    assert number is not None
    assert "已拒绝" in await office.wang.asks(f"拒绝 {number[1]} 那天有评审")
    assert "那天有评审" in await office.lin.reads()
    again = await office.wang.asks(f"同意 {number[1]}")
    assert "没有任何变化" in again
    assert "已拒绝" in again


async def test_a_stranger_is_refused_like_for_a_number_that_doesnt_exist(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    await office.lin.asks("提交")
    number = re.search(r"同意 (\d+)", await office.wang.reads())
    assert number is not None
    told = await office.chen.asks(f"同意 {number[1]}")
    assert "无权" in told
    assert "林晓" not in told
    assert await office.chen.asks("同意 99999") == told
    assert await office.audited("chen") == ["leave.decide", "leave.decide"]
    assert "无权" in await office.lin.asks(f"同意 {number[1]}")


async def test_the_lists_lead_on(text_office: Office) -> None:
    office = text_office
    assert "没有等您审批" in await office.wang.asks("待我审批")
    await office.lin.asks("明天请年假")
    await office.lin.asks("提交")
    await office.wang.reads()
    listed = links(await office.wang.asks("待我审批"))
    assert re.fullmatch(r"同意 \d+", listed["同意"])
    mine = await office.lin.asks("我的申请")
    assert "待审批" in mine
    assert "已撤回" in await office.lin.asks(links(mine)["撤回"])
    assert "已撤回" in await office.lin.asks("我的申请")
    assert await office.available("lin") == "5"


async def test_a_long_list_says_which_part_it_shows(text_office: Office) -> None:
    office = text_office
    for day in (*range(1, 5), *range(7, 12), *range(14, 18)):
        await office.lin.asks(f"12月{day}号请病假")
        await office.lin.asks("提交")
        await office.wang.reads()
    assert "共 13 条，这里是最早的 10 条" in await office.wang.asks("待我审批")
    assert "共 13 条，这里是最近 10 条" in await office.lin.asks("我的申请")


async def test_withdrawing_asks_which_of_several(text_office: Office) -> None:
    office = text_office
    assert "没有待审批" in await office.lin.asks("撤回")
    for day in ("明天", "后天"):
        await office.lin.asks(f"{day}请事假")
        await office.lin.asks("提交")
    which = await office.lin.asks("撤回")
    assert "2 条" in which
    assert "已撤回" in await office.lin.asks(links(which)["撤回"])
    assert "已撤回" in await office.lin.asks("撤回")


async def test_which_one_to_withdraw_is_answered_by_its_number(text_office: Office) -> None:
    office = text_office
    for day in ("12月1日", "12月2日"):
        await office.lin.asks(f"{day}请事假")
        await office.lin.asks("提交")
    first, second = sorted(re.findall(r"「撤回 (\d+)」", await office.lin.asks("撤回")))
    assert "可用" in await office.lin.asks("年假余额")
    withdrawn = await office.lin.asks(first)
    assert "已撤回" in withdrawn
    assert "12月1日" in withdrawn
    assert "没听懂" in await office.lin.asks(second)
    assert "**待审批**" in await office.lin.asks("我的申请")


@pytest.mark.parametrize("word", ["同意", "拒绝"])
async def test_a_decision_without_number_decides_nothing(text_office: Office, word: str) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    await office.lin.asks("提交")
    await office.wang.reads()
    assert "林晓" in await office.wang.asks(word)
    assert "待审批" in await office.lin.asks("我的申请")


async def test_a_phrase_keeps_its_meaning_while_a_field_is_asked_for(text_office: Office) -> None:
    office = text_office
    await office.chen.asks("明天请事假")
    await office.chen.asks("提交")
    asked = await office.qinfeng.reads()
    number = re.search(r"同意 (\d+)", asked)
    assert number is not None
    await office.qinfeng.asks("请年假")
    assert "已拒绝" in await office.qinfeng.asks(f"拒绝 {number[1]} 下周三有评审")
    assert "从哪天" in await office.qinfeng.asks("哈哈")
    assert "提交" in links(await office.qinfeng.asks("后天"))


async def test_a_refused_sentence_takes_the_draft_before_it_along(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    assert "2027" in await office.lin.asks("2027年1月5日请年假")
    assert "没有等待提交" in await office.lin.asks("提交")


async def test_a_confirmed_draft_can_be_put_right(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    assert "12月9日" in await office.lin.asks("12月9日")
    assert "12月9日" in await office.lin.asks("提交")


async def test_a_new_sentence_is_a_new_request(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("请年假")
    told = await office.lin.asks("我想请后天一天事假")
    assert "事假" in told
    assert "年假" not in told


@pytest.mark.parametrize("said", ["病假", "请事假"])
async def test_a_types_name_is_enough_to_ask(text_office: Office, said: str) -> None:
    assert "从哪天" in await text_office.lin.asks(said)


@pytest.mark.parametrize("hours", ["今天下午有点事，请假两小时", "请假3小时"])
async def test_hours_are_answered_with_the_half_day(text_office: Office, hours: str) -> None:
    assert "按半天" in await text_office.lin.asks(hours)


async def test_a_half_without_its_day_is_todays(text_office: Office) -> None:
    await text_office.lin.asks("下午请假")
    told = await text_office.lin.asks("事假")
    assert "11月24日" in told
    assert "下午" in told
    assert "0.5" in told


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("我的申请。", "还没有请假申请"),
        ("待我审批！", "没有等您审批"),
        ("帮助~", "我是人事助手"),
        ("撤回。", "没有待审批"),
    ],
)
async def test_how_a_sentence_ends_changes_no_command(text_office: Office, said: str, answer: str) -> None:
    assert answer in await text_office.wang.asks(said)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("我的申請", "还没有请假申请"),
        ("待我審批", "没有等您审批"),
        ("年假餘額", "可用"),
        ("幫助", "我是人事助手"),
        ("？", "我是人事助手"),
    ],
)
async def test_a_command_is_one_in_traditional_characters_too(text_office: Office, said: str, answer: str) -> None:
    assert answer in await text_office.wang.asks(said)


@pytest.mark.parametrize(
    ("verb", "status"),
    [
        ("拒絕第{}條 評審沒結束", "已拒绝"),
        ("同意申请{}", "已同意"),
        ("同意#{}，评审没结束", "已同意"),
        ("同意，{}！", "已同意"),
        ("通过 {}", "已同意"),
        ("批准{}", "已同意"),
        ("驳回 {} 评审没结束", "已拒绝"),
        ("不同意 {}", "已拒绝"),
        ("不批准 {} 评审没结束", "已拒绝"),
    ],
)
async def test_a_number_may_be_written_as_people_do(text_office: Office, verb: str, status: str) -> None:
    office = text_office
    await office.lin.asks("明天请年假")
    await office.lin.asks("提交")
    number = re.search(r"同意 (\d+)", await office.wang.reads())
    assert number is not None
    told = await office.wang.asks(verb.format(number[1]))
    assert status in told
    assert ("評審沒結束" in told) == ("評審" in verb)


@pytest.mark.parametrize("word", ["退出", "不要了"])
async def test_a_dialogue_can_be_left_by_more_than_one_word(text_office: Office, word: str) -> None:
    await text_office.lin.asks("请假")
    assert "什么都没有提交" in await text_office.lin.asks(word)
