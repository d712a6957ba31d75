"""Leave through cards, over the wire."""

import json

from tests.conversations.office import Office


async def test_a_half_day_from_sentence_to_decision(office: Office) -> None:
    before = float(await office.available("lin"))
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    assert (await office.lin.submits(form)).ok
    await office.lin.sees_status(form, "待审批")

    card = await office.wang.receives("notice", about="林晓")
    assert (await office.wang.clicks(card, "同意")).ok
    await office.wang.sees_status(card, "已同意")
    assert not office.wang.sees(card)["buttons"]
    await office.lin.sees_status(form, "已同意")
    assert "主管审批：王磊 已同意" in office.lin.sees(form)["intro"]

    await office.quiet()
    assert "已同意" in str(office.lin.messages()[-1].content)
    assert any("林晓" in text and "下午" in text for text in office.group())
    assert not any("年假" in text for text in office.group())
    assert float(await office.available("lin")) == before - 0.5
    assert f"可用 {before - 0.5:g} 天" in (await office.lin.asks("年假余额")).replace("**", "")


async def test_the_form_alone_is_enough(office: Office) -> None:
    await office.lin.says("请假")
    form = await office.lin.receives("form", about="请假")
    outcome = await office.lin.submits(
        form, type="sick", start="2026-11-25", start_half="AM", end="2026-11-26", end_half="PM", reason="发烧"
    )
    assert outcome.ok
    await office.lin.sees_status(form, "待审批")
    card = await office.wang.receives("notice", about="林晓")
    assert "发烧" in card.data["fields"]
    assert '"2 天"' in card.data["fields"]


async def test_an_incomplete_form_says_what_is_missing_and_keeps_the_rest(office: Office) -> None:
    await office.lin.says("请假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form, start="2026-11-25", end="2026-11-25", reason="看牙")
    shown = office.lin.sees(form)
    assert "假期类型" in shown["intro"]
    assert shown["status"] == ""
    kept = {item["name"]: item.get("defaultValue") for item in shown["form"]["fields"]}
    assert (kept["start"], kept["reason"]) == ("2026-11-25", "看牙")
    await office.lin.submits(form, type="personal")
    await office.lin.sees_status(form, "待审批")


async def test_a_form_sent_twice_is_one_request(office: Office) -> None:
    await office.lin.says("明天请病假")
    form = await office.lin.receives("form", about="请假")
    fields = office.lin.sees(form)
    await office.lin.submits(form)
    form.seen["lin"] = {**form.data, "form": json.dumps(fields["form"]), "status": ""}
    await office.lin.submits(form)
    await office.lin.sees_status(form, "待审批")
    await office.quiet()
    text = await office.lin.asks("我的申请")
    assert text.count("病假") == 1


async def test_a_rejection_carries_its_reason(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.clicks(card, "拒绝", "那天有评审，能否改期？")
    await office.lin.sees_status(form, "已拒绝")
    await office.quiet()
    assert "那天有评审" in str(office.lin.messages()[-1].content)
    assert office.group() == []


async def test_a_second_tap_shows_the_outcome_and_changes_nothing(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    await office.wang.clicks(card, "同意")
    after = await office.available("lin")
    assert "没有任何变化" in await office.wang.forges(
        card, "reject", ref=card.data["ref"]
    )  # a phone that hadn't caught up
    assert office.wang.sees(card)["status"] == "已同意"
    assert await office.available("lin") == after
    await office.quiet()
    assert len(office.group()) == 1


async def test_a_strangers_tap_is_refused_on_record_and_changes_nothing(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    told = await office.chen.forges(card, "approve", ref=card.data["ref"])  # as a forwarded card would have it
    assert "无权" in told
    assert "林晓" not in told
    assert await office.audited("chen") == ["leave.decide"]
    assert office.wang.sees(card)["status"] == "待审批"


async def test_a_forged_ref_is_refused_on_record_and_changes_nothing(office: Office) -> None:
    await office.lin.says("我想请明天下午半天年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    for ref in ("1.leave.999", ""):
        assert "无权" in await office.wang.forges(card, "approve", ref=ref)
    assert await office.audited("wang") == ["card.use", "card.use"]
    assert office.wang.sees(card)["status"] == "待审批"


async def test_nobody_decides_their_own(office: Office) -> None:
    await office.wang.says("明天请年假")
    form = await office.wang.receives("form", about="请假")
    await office.wang.submits(form)
    card = await office.gao.receives("notice", about="王磊")
    assert "无权" in await office.wang.forges(card, "approve", ref=card.data["ref"])


async def test_somebody_elses_form_is_not_theirs_to_send(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    assert "无权" in await office.chen.forges(
        form, "", form={"type": "sick", "start": "2026-11-25", "end": "2026-11-25"}
    )
    assert "没有请假申请" in await office.chen.asks("我的申请")


async def test_above_three_days_hr_decides_too(office: Office) -> None:
    await office.lin.says("从12月7日起请四天事假，搬家")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    first = await office.wang.receives("notice", about="林晓")
    await office.wang.clicks(first, "同意")
    assert "等待 李静 审批" in str(office.wang.sees(first)["fields"])
    second = await office.li.receives("notice", about="林晓")
    assert "王磊" in second.data["fields"]
    await office.li.clicks(second, "同意")
    await office.lin.sees_status(form, "已同意")
    assert office.wang.sees(first)["status"] == "已同意"


async def test_a_withdrawal_shows_on_the_approvers_card(office: Office) -> None:
    await office.lin.says("明天请年假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form)
    card = await office.wang.receives("notice", about="林晓")
    assert "已撤回" in await office.lin.asks("撤回")
    await office.wang.sees_status(card, "已撤回")
    await office.lin.sees_status(form, "已撤回")
    assert office.wang.sees(card)["buttons"] == []


async def test_an_end_before_the_start_says_so_and_keeps_what_was_filled_in(office: Office) -> None:
    await office.lin.says("请假")
    form = await office.lin.receives("form", about="请假")
    await office.lin.submits(form, type="sick", start="2026-11-27", end="2026-11-25")
    shown = office.lin.sees(form)
    assert "之前" in shown["intro"]
    kept = {item["name"]: item.get("defaultValue") for item in shown["form"]["fields"]}
    assert (kept["start"], kept["end"]) == ("2026-11-27", "2026-11-25")
