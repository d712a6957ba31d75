"""Leave through cards, over the wire."""

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

    await office.quiet()
    assert "已同意" in str(office.lin.messages()[-1].content)
    assert any("林晓" in text and "下午" in text for text in office.group())
    assert not any("年假" in text for text in office.group())
    assert float(await office.available("lin")) == before - 0.5
    assert f"可用 {before - 0.5:g} 天" in (await office.lin.asks("年假余额")).replace("**", "")
