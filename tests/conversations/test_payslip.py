"""A payslip: asked for in private, seen by its owner alone and for a while, confirmed or disputed."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from sandbox.company import TEAM_GROUP
from sandbox.world import Card
from tests.conversations.office import PATIENCE, Office, Phone
from tests.conversations.payday import FIGURES, OCTOBER, SEPTEMBER, release

COVERED, LATE = "内容已隐藏", "暂时取不到"


async def looks(phone: Phone, card: Card) -> dict[str, Any]:
    """Have the card on the screen."""
    deadline = asyncio.get_running_loop().time() + PATIENCE
    while True:
        outcome = await phone.world.look(phone.userid, card.out_track_id)
        shown = phone.sees(card)
        if outcome.ok and LATE not in shown["body"]:
            return shown
        assert asyncio.get_running_loop().time() < deadline, outcome.reason  # A busy machine: one looks again.


async def pulls(office: Office, userid: str, track_id: str, source: str = "dinghr") -> str:
    """Send a pull that no phone would have made, and read what came back; once more where a busy machine was late."""
    for _ in range(5):
        told = await _pulls(office, userid, track_id, source)
        if LATE not in told:
            break
    return told


async def _pulls(office: Office, userid: str, track_id: str, source: str) -> str:
    content = json.dumps(
        {"dynamicDataSourceQueryRequests": [{"dynamicDataSourceId": source, "constParams": {"a": "1"}}]}
    )
    data = {"type": "dynamicDataCallback", "corpId": "x", "userId": userid, "outTrackId": track_id, "content": content}
    stream = office.sandbox.world.stream
    push = await stream.push("CALLBACK", "/v1.0/card/dynamicData/get", data)
    assert push is not None
    ack = await stream.answer(push, PATIENCE)
    assert ack is not None
    assert ack.code == 200
    return json.dumps(ack.data, ensure_ascii=False)


async def test_the_figures_are_pulled_when_their_owner_looks_and_the_card_holds_none(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice", about="工资条")
    stored = json.dumps([card.data, card.private, card.seen], ensure_ascii=False)
    assert not any(figure in stored for figure in FIGURES)
    assert not card.supports_forward
    message = next(m for m in office.lin.messages() if m.kind == "card")
    assert "工资" not in message.content["last_message"]
    assert "工资" not in json.dumps(card.spaces, ensure_ascii=False)
    shown = await looks(office.lin, card)
    assert "18,765.43" in shown["body"]
    assert "18,378.07" in shown["body"]
    assert "前可见" in shown["status"]
    assert "首次使用告知" in shown["tip"]
    assert await office.audited("lin", "allowed") == ["payslip.view"]


@pytest.mark.parametrize("said", ["10月工资", "上个月工资条", "我的2026年10月的工资条", "看看十月工资", "林晓的工资条"])
async def test_a_month_by_its_name(office: Office, said: str) -> None:
    await release(office)
    await office.lin.says(said)
    card = await office.lin.receives("notice", about="2026年10月工资条")
    assert "18,378.07" in (await looks(office.lin, card))["body"]


async def test_a_month_without_a_payslip_is_said(office: Office) -> None:
    await release(office)
    assert "2026年8月没有" in await office.lin.asks("8月工资")
    assert "还没有发放" in await office.chen.asks("工资条")


async def test_what_changed_adds_up_to_the_fen(office: Office) -> None:
    await release(office)
    await office.lin.says("为什么比上月少了433？")
    card = await office.lin.receives("notice", about="和上月比")
    assert not any(figure in json.dumps(card.data, ensure_ascii=False) for figure in FIGURES)
    body = (await looks(office.lin, card))["body"]
    for told in ("-433.07", "病假扣款", "-431.28", "餐补", "-24.00", "个人所得税", "+22.21"):
        assert told in body
    assert "基本工资" not in body
    assert "养老保险" not in body


async def test_a_year_is_added_up_by_component(office: Office) -> None:
    await release(office)
    await office.lin.says("今年一共")
    body = (await looks(office.lin, await office.lin.receives("notice", about="2026年工资汇总")))["body"]
    for told in ("37,530.86", "798.00", "708.37", "37,189.21", "2 个月"):
        assert told in body
    assert "2025年没有" in await office.lin.asks("去年工资")


async def test_after_a_while_a_look_shows_nothing_and_a_fresh_card_does(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    assert "18,765.43" in (await looks(office.lin, card))["body"]
    await office.moves_clock(office.sandbox.clock.now() + timedelta(minutes=6))
    shown = await looks(office.lin, card)
    assert COVERED in shown["body"]
    assert shown["status"] == "已隐藏"
    assert (await office.lin.clicks(card, "再看")).ok
    fresh = await office.lin.receives("notice")
    assert "18,765.43" in (await looks(office.lin, fresh))["body"]
    assert COVERED in (await looks(office.lin, card))["body"]


async def test_hidden_by_a_tap(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    await looks(office.lin, card)
    outcome = await office.lin.clicks(card, "隐藏")
    assert outcome.ok
    assert not any(figure in json.dumps(outcome.response, ensure_ascii=False) for figure in FIGURES)
    assert COVERED in (await looks(office.lin, card))["body"]


async def test_nobody_else_gets_it_by_asking_whether_it_exists_or_not(office: Office) -> None:
    await release(office)
    await office.makes_payroll("zhao")
    told = set()
    for who in ("wang", "li", "zhao", "chen", "gao", "admin"):
        for said in ("林晓的工资条", "看看林晓10月的工资条", "王五六的工资条", "lin 的工资条"):
            told.add(await getattr(office, who).asks(said))
        assert set(await office.audited(who)) == {"payslip.view"}
    assert len(told) == 1
    assert "无权" in told.pop()


async def test_nobody_else_gets_it_by_pulling_its_owners_card(office: Office) -> None:
    await release(office)
    await office.makes_payroll("zhao")
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    assert "18,765.43" in await pulls(office, "lin", card.out_track_id)
    for who in ("wang", "li", "zhao", "chen", "gao", "admin", "nobody", ""):
        answer = await pulls(office, who, card.out_track_id)
        assert COVERED in answer
        assert not any(figure in answer for figure in FIGURES)
    assert "card.use" in await office.audited("wang")
    assert "card.use" in await office.audited("nobody")
    assert COVERED in await pulls(office, "lin", "hr-unknown")
    assert json.loads(await pulls(office, "lin", card.out_track_id, "another")) == {
        "response": {"dataSourceQueryResponses": []}
    }


async def test_a_card_of_another_kind_pulls_nothing(office: Office) -> None:
    await release(office)
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form")
    assert COVERED in await pulls(office, "lin", form.out_track_id)


async def test_another_persons_tap_and_a_forged_ref_change_and_show_nothing(office: Office) -> None:
    numbers = await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    ref = office.lin.sees(card)["ref"]
    for who in ("wang", "li", "chen", "admin"):
        for action in ("again", "hide", "confirm", "dispute", "compare"):
            told = await getattr(office, who).forges(card, action, ref=ref)
            assert "无权" in told
            assert not any(figure in told for figure in FIGURES)
    assert "无权" in await office.lin.forges(card, "confirm", ref=f"1.payslip.{numbers[SEPTEMBER]}")
    await office.quiet()
    assert not [m for who in ("wang", "li", "chen") for m in getattr(office, who).messages() if m.kind == "card"]
    assert "18,765.43" in (await looks(office.lin, card))["body"]  # Nobody has hidden it.


async def test_a_replayed_tap_is_answered_as_before(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    await office.lin.clicks(card, "再看")
    await office.lin.receives("notice")
    stream = office.sandbox.world.stream
    click = next(p for p in reversed(stream.pushes.values()) if p.topic == "/v1.0/card/instances/callback")
    await stream.redeliver(click.message_id, same_id=True)
    await office.lin.asks("年假余额")
    await office.quiet()
    assert len([m for m in office.lin.messages() if m.kind == "card"]) == 2


async def test_in_a_group_there_is_only_the_hint(office: Office) -> None:
    await release(office)
    for said in ("工资条", "10月工资", "今年一共", "为什么比上月少了433", "王磊的工资条"):
        await office.lin.says(f"@机器人 {said}", TEAM_GROUP)
    await office.until(lambda: len(office.group(TEAM_GROUP)) == 5 or None, "the group hears")
    assert set(office.group(TEAM_GROUP)) == {"我已经私聊回复您了。"}
    card = await office.lin.receives("notice", about="2026年10月工资条")
    assert "18,765.43" in (await looks(office.lin, card))["body"]


async def test_who_has_left_sees_nothing_any_more(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    await office.sandbox.world.company.remove_user("lin")
    await office.left("lin")
    assert COVERED in await pulls(office, "lin", card.out_track_id)


async def test_while_the_database_is_away_a_look_is_answered_without_figures(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    async with (
        office.robot.database.transaction() as session
    ):  # A writer that holds the store: nothing can be recorded.
        await (await session.connection()).exec_driver_sql("select 1")
        assert (await office.sandbox.world.look("lin", card.out_track_id)).ok
        shown = office.lin.sees(card)
    assert LATE in shown["body"]
    assert "18,765.43" in (await looks(office.lin, card))["body"]


async def test_confirmed_once_on_the_card_or_in_words(either_office: Office) -> None:
    office = either_office
    await office.makes_payroll("zhao")
    await release(office)
    assert "2026年10月工资条已确认" in await office.lin.asks("确认工资条")
    assert "已经确认过" in await office.lin.asks("确认工资条")
    assert "2026年9月" in await office.lin.asks("确认2026年9月工资条")
    told = await office.zhao.asks("工资条进度")
    assert "已发放 1 份，已确认 1 份，未确认 0 份" in told
    assert await office.li.asks("工资条进度") == told


async def test_confirmed_by_a_tap(office: Office) -> None:
    await release(office)
    await office.lin.says("工资条")
    card = await office.lin.receives("notice")
    await office.lin.clicks(card, "确认无误")
    await office.until(lambda: "确认无误" in office.lin.sees(card)["tip"] or None, "the card says so")
    assert "确认无误" not in [button["text"] for button in office.lin.sees(card)["buttons"]]


async def test_a_disputed_line_goes_to_payroll_and_the_answer_comes_back(office: Office) -> None:
    await office.makes_payroll("zhao")
    await release(office)
    await office.lin.says("工资条")
    await office.lin.clicks(await office.lin.receives("notice"), "有异议")
    form = await office.lin.receives("form", about="异议")
    assert "餐补" in json.dumps(office.lin.sees(form)["form"], ensure_ascii=False)
    await office.lin.submits(form, line="餐补", words="少了两天")
    card = await office.zhao.receives("notice", about="异议")
    shown = json.dumps(office.zhao.sees(card), ensure_ascii=False)
    assert "林晓" in shown
    assert "餐补" in shown
    assert "少了两天" in shown
    assert not any(figure in shown for figure in FIGURES)
    await office.zhao.clicks(card, "答复")
    assert "请写上答复" in office.zhao.sees(card)["tip"]
    await office.zhao.clicks(card, "答复", "下月补发")
    await office.zhao.sees_status(card, "已答复")
    await office.until(
        lambda: next((m for m in office.lin.messages() if "下月补发" in str(m.content)), None), "Lin hears the answer"
    )
    assert "无权" in await office.chen.forges(card, "answer", ref=office.zhao.sees(card)["ref"])


async def test_a_dispute_in_words(text_office: Office) -> None:
    office = text_office
    await office.makes_payroll("zhao")
    await release(office)
    assert "餐补" in await office.lin.asks("工资条有异议")
    assert "编号 1" in await office.lin.asks("餐补少了两天")
    told = await office.zhao.reads()
    assert "餐补少了两天" in told
    assert "已答复" in await office.zhao.asks("答复异议 1 下月补发")
    assert "下月补发" in await office.lin.reads()
    assert "编号 2" in await office.lin.asks("10月工资条有异议：个税多了")


async def test_who_has_not_confirmed_is_reminded_once_of_all(office: Office) -> None:
    await release(office)
    await release(office, "chen", {OCTOBER: {}})
    await office.lin.asks("确认2026年9月工资条")
    await office.chen.asks("确认工资条")
    await office.moves_clock(office.sandbox.clock.now().replace(hour=9, minute=59) + timedelta(days=3))
    before = len(office.lin.messages())
    for day in range(2):
        await office.moves_clock(office.sandbox.clock.now() + timedelta(days=day, minutes=2))
        await office.until(
            lambda: next((m for m in office.lin.messages()[before:] if "还没有确认" in str(m.content)), None),
            "a reminder",
        )
    await office.quiet()
    reminded = [str(m.content) for m in office.lin.messages()[before:] if "还没有确认" in str(m.content)]
    assert len(reminded) == 1
    assert "2026年10月" in reminded[0]
    assert "9月" not in reminded[0]
    assert not [m for m in office.chen.messages() if "还没有确认" in str(m.content)]
