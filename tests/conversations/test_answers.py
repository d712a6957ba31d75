"""What people get for an answer, on either surface: errors with numbers, groups, strangers, help."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hr_core.clock import COMPANY_ZONE
from sandbox.company import HR_GROUP, TEAM_GROUP
from tests.conversations.office import Office, opened


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("从12月1日起请十天年假", ("还剩 5 天", "10 天")),
        ("这周六请年假", ("11月28日", "休息日")),
        ("昨天请年假", ("11月23日", "11月24日")),
        ("13月45日请年假", ("13月45日",)),
        ("2027年1月5日请年假", ("2027",)),
    ],
)
async def test_what_cant_be_asked_for_is_answered_with_the_numbers(
    either_office: Office, said: str, numbers: tuple[str, ...]
) -> None:
    told = await either_office.lin.asks(said)
    for number in numbers:
        assert number in told
    assert "还没有请假申请" in await either_office.lin.asks("我的申请")


async def test_an_overlap_names_the_other_request(text_office: Office) -> None:
    await text_office.lin.asks("明天请年假")
    await text_office.lin.asks("提交")
    told = await text_office.lin.asks("明天下午请事假")
    assert "重叠" in told
    assert "年假" in told
    assert "11月25日" in told


async def test_the_balance_names_its_rule(office: Office) -> None:
    told = await office.lin.asks("我还有几天年假？")
    assert "年假" in told
    assert "可用 5 天" in told.replace("**", "")
    assert "入职日期" in told


@pytest.mark.parametrize("who", ["lin", "wang", "li", "chen"])
async def test_help_shows_what_this_person_may_do(office: Office, who: str) -> None:
    told = await getattr(office, who).asks("帮助")
    assert "年假余额" in told
    assert ("待我审批" in told) == (who in {"wang", "li"})
    assert ("绑定" in told) == (who == "li")


async def test_an_unknown_phrase_gets_the_nearest_known_ones(office: Office) -> None:
    told = await office.lin.asks("年假还乘多少呢")
    assert "没听懂" in told
    assert "年假余额" in told


@pytest.mark.parametrize("said", ["3", "1024", "12-3到12-4"])
async def test_nobody_is_offered_somebody_elses_figures(office: Office, said: str) -> None:
    told = await office.lin.asks(said)
    assert "没听懂" in told
    assert "是不是想说" not in told


@pytest.mark.parametrize("said", ["婚假", "我想请婚假", "下周一请一天产假"])
async def test_a_type_that_isnt_offered_is_named_and_no_form_comes(office: Office, said: str) -> None:
    told = await office.lin.asks(said)
    assert said[-2:] in told
    assert "HR" in told
    await office.quiet()
    assert not any(message.kind == "card" for message in office.lin.messages())


@pytest.mark.parametrize(("said", "answered"), [("HELP", "年假余额"), ("怎么请假？", "年假余额"), ("谢谢！", "不客气")])
async def test_small_talk_is_understood(office: Office, said: str, answered: str) -> None:
    assert answered in await office.lin.asks(said)


async def test_a_nod_sends_nothing_and_says_the_way_on_again(text_office: Office) -> None:
    await text_office.lin.asks("我想请明天下午半天年假")
    assert "「提交」" in await text_office.lin.asks("好的")
    assert "还没有请假申请" in await text_office.lin.asks("我的申请")
    assert "已提交" in await text_office.lin.asks("提交")


async def test_markup_in_what_people_say_does_nothing(office: Office) -> None:
    told = await office.lin.asks("[点我](dtmd://dingtalkclient/sendMessage?content=同意%201)")
    assert "[点我]" not in told


async def test_in_a_group_personal_answers_move_to_the_private_chat(office: Office) -> None:
    await office.lin.says("@机器人 年假余额", TEAM_GROUP)
    assert "可用" in await office.lin.reads()
    await office.quiet()
    hints = office.group(TEAM_GROUP)
    assert len(hints) == 1
    assert not any(word in hints[0] for word in ("年假", "5", "林晓"))


async def test_hr_binds_a_group_and_nobody_else_does(office: Office) -> None:
    await office.lin.says("@机器人 绑定本群 HR通知", TEAM_GROUP)
    assert "无权" in await office.lin.reads()
    await office.wang.says("@机器人 绑定本群 HR通知", TEAM_GROUP)
    assert "无权" in await office.wang.reads()
    assert await office.audited("wang") == ["group.bind"]


async def test_the_bound_group_gets_the_notices(office: Office) -> None:
    await office.li.says("@机器人 绑定本群 HR通知", HR_GROUP)
    await office.until(lambda: office.group() or None, "the group hears that it is bound")
    assert "绑定" in office.group()[0]


async def test_the_morning_push_comes_by_itself_at_nine(office: Office) -> None:
    await office.lin.says("今天下午请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    await office.wang.clicks(await office.wang.receives("notice", about="林晓"), "同意")
    await office.quiet()
    await office.moves_clock(datetime(2026, 11, 24, 9, 0, 5, tzinfo=COMPANY_ZONE))
    await office.until(lambda: len(office.group()) > 1 or None, "the morning push")
    assert "今天谁不在" in office.group()[-1]
    assert "林晓" in office.group()[-1]
    assert "年假" not in office.group()[-1]
    await office.moves_clock(datetime(2026, 11, 28, 9, 0, 5, tzinfo=COMPANY_ZONE))
    await office.quiet()
    assert sum("今天谁不在" in text for text in office.group()) == 1, "no push on a Saturday"


async def test_who_is_away_is_for_those_who_may_see_it(office: Office) -> None:
    assert "无权" in await office.chen.asks("今天谁不在")
    assert "全员在岗" in await office.li.asks("今天谁不在")


async def test_somebody_new_is_read_from_contacts_when_they_write(office: Office) -> None:
    world = office.sandbox.world
    from sandbox.world import User

    world.enter(User(userid="newbie", name="新来的", dept_ids=[world.directory.users["lin"].dept_ids[0]]))
    assert "新来的" in await office.newbie.asks("帮助")
    assert "入职日期" in await office.newbie.asks("年假余额")


async def test_sensitive_words_stay_out_of_the_store(tmp_path: Path) -> None:
    async with opened(tmp_path) as office:
        await office.lin.says("明天请病假，因为急性肠胃炎")
        form = await office.lin.receives("form", about="请假")
        await office.lin.submits(form)
        await office.wang.receives("notice", about="肠胃炎")
        await office.quiet()
    assert "肠胃炎".encode() not in everything_below(tmp_path)


def everything_below(folder: Path) -> bytes:
    """The bytes of every file but the key."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".key")


async def test_a_lapsed_dialogue_is_forgotten(text_office: Office) -> None:
    await text_office.lin.asks("明天请年假")
    now = text_office.robot.workplace.clock.now()
    await text_office.moves_clock(now + timedelta(minutes=31))
    assert "没有等待提交" in await text_office.lin.asks("提交")
