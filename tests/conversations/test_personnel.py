"""The newcomer's file over the wire: small steps, judged at once, consents asked first, pictures, and who sees what."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pikepdf
from sqlmodel import select

from cards.markdown import plain
from hr_core.audit.store import AuditRow
from hr_core.people.store import PeopleStore
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from hr_core.personnel.store import IdentityReadingRow, PersonnelDocumentRow, PersonnelFieldRow
from hr_core.privacy.store import ConsentRow
from sandbox.company import TEAM_GROUP
from sandbox.page.stubs import picture
from sandbox.world import StoredFile
from tests.conversations.office import Office, Phone, opened
from tests.conversations.test_papers import content_of, heard, password_of

NUMBER = "11010519491231002X"
SHOWN = plain("****002X")
"""What is seen of it."""
MOBILE, OTHER = "13911182222", "13800138000"


def luhn(digits: str) -> str:
    """Give a card number that passes, from all its digits but the last."""
    doubled = sum(sum(divmod(2 * int(one), 10)) for one in digits[::-2])
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


ACCOUNT = luhn("622202123456789012")
SECRETS = (NUMBER, ACCOUNT, MOBILE, OTHER)


async def kept(office: Office, userid: str) -> set[str]:
    """Name what is there of somebody's file."""
    number = await office.employee(userid)
    async with office.robot.database.read() as session:
        fields = select(PersonnelFieldRow.field).where(PersonnelFieldRow.employee_id == number)
        pictures = select(PersonnelDocumentRow.kind).where(PersonnelDocumentRow.employee_id == number)
        return {*await session.exec(fields), *await session.exec(pictures)}


async def agrees(phone: Phone, about: str) -> None:
    """Take up the card of a consent and agree."""
    card = await phone.receives("notice", about=about)
    assert (await phone.clicks(card, "同意")).ok
    await phone.sees_status(card, "已同意")


async def sends_picture(phone: Phone, content: bytes, name: str = "照片.png") -> None:
    """Send a picture to the robot."""
    phone.seen = len(phone.messages())
    await phone.world.send_file(phone.userid, phone.chat, "picture", StoredFile(name, "image/png", content))


def said(office: Office, userid: str) -> str:
    """Everything the robot has shown somebody: words, and cards as they are."""
    phone = getattr(office, userid)
    cards = office.sandbox.world.cards.cards
    return "\n".join(
        json.dumps(cards[m.content["out_track_id"]].data, ensure_ascii=False) if m.kind == "card" else str(m.content)
        for m in phone.messages()
    )


async def test_a_newcomer_fills_in_the_file_on_forms(office: Office) -> None:
    lin = office.lin
    await lin.says("填写资料")
    await agrees(lin, "证件号码")
    form = await lin.receives("form", about="身份证件（1/7）")
    fields = {item["name"]: item for item in lin.sees(form)["form"]["fields"]}
    assert fields["id_kind"]["defaultValue"]["value"] == "resident"

    outcome = await lin.submits(form, id_number="110105194912310021")
    assert "校验码不对" in lin.sees(form)["intro"]
    assert '"form":' not in json.dumps(outcome.response), "what was typed stays on the phone"
    assert await kept(office, "lin") == set()

    await lin.submits(form, id_number="110105 19491231 002x")
    await lin.sees_status(form, "已保存")
    assert SHOWN in lin.sees(form)["intro"]
    assert await kept(office, "lin") == {"id_kind", "id_number"}

    form = await lin.receives("form", about="联系方式（2/7）")
    await lin.submits(form, mobile="12345", home_address="上海", registered_address="北京市朝阳区建国路1号")
    intro = lin.sees(form)["intro"]
    assert "11 位手机号" in intro
    assert "街道" in intro, "every fault is named at once"
    await lin.submits(
        form,
        mobile="+86 139-1118-2222",
        home_address="上海市浦东新区张江路1号",
        registered_address="北京市朝阳区建国路1号",
    )
    await agrees(lin, "银行账号")
    form = await lin.receives("form", about="工资卡（3/7）")
    await lin.submits(
        form, bank_account=ACCOUNT[:-1] + str((int(ACCOUNT[-1]) + 1) % 10), bank_name="招商银行上海张江支行"
    )
    assert "输错了" in lin.sees(form)["intro"]
    await lin.submits(form, bank_account=ACCOUNT, bank_name="招商银行上海张江支行")

    form = await lin.receives("form", about="紧急联系人（4/7）")
    await lin.submits(form, emergency_name="林父", emergency_relation="parent", emergency_phone=MOBILE)
    assert "不能和您自己的手机号一样" in lin.sees(form)["intro"]
    await lin.submits(form, emergency_name="林父", emergency_relation="parent", emergency_phone=OTHER)

    form = await lin.receives("form", about="学历（5/7）")
    await lin.submits(form, degree="bachelor", school="复旦大学", major="计算机", graduated="2020年6月")

    await agrees(lin, "证件照片")
    for name in ("身份证人像面", "身份证国徽面", "学历证书"):
        card = await lin.receives("notice", about=f"请发{name}照片")
        await sends_picture(lin, picture())
    await office.until(lambda: "资料都齐了" in said(office, "lin") or None, "all is there")
    assert lin.sees(card)["buttons"], "a card that nobody needs any more costs no call"
    await office.quiet()
    for secret in SECRETS:
        assert secret not in said(office, "lin"), "no card and no word carries a number"


async def test_a_newcomer_fills_in_the_file_in_words(text_office: Office) -> None:
    office, lin = text_office, text_office.lin
    assert "同意提供 证件号码" in await lin.asks("填写资料")
    assert "证件类型" in await lin.asks("同意提供 证件号码")
    assert "证件号码" in await lin.asks("1")
    assert "第 7 到 14 位" in await lin.asks("110105194913310029")
    assert "省份" in await lin.asks("010105194912310020")
    assert "现在是 17 位" in await lin.asks("11010519491231002")
    assert "15 位" in await lin.asks("110105491231002")
    assert "手机号" in await lin.asks(NUMBER.lower())
    assert "现住址" in await lin.asks(MOBILE)
    assert "户籍地址" in await lin.asks("上海市浦东新区张江路1号")
    assert "已保存（1/7" in await lin.asks("稍后")
    assert "户籍地址" in await lin.asks("填写资料"), "it goes on where it stood"
    assert "同意提供 银行账号" in await lin.asks("北京市朝阳区建国路1号")
    assert "紧急联系人姓名" in await lin.asks("不提供 银行账号"), "a no is respected: the next step is asked"
    assert "与您的关系" in await lin.asks("林父")
    assert "选一个" in await lin.asks("邻居")
    assert "电话" in await lin.asks("父母")
    assert "最高学历" in await lin.asks(OTHER)
    assert "毕业学校" in await lin.asks("本科")
    assert "所学专业" in await lin.asks("复旦大学")
    assert "毕业年月" in await lin.asks("计算机")
    assert "太远了" in await lin.asks("2040-06")
    assert "同意提供 证件照片" in await lin.asks("2020-06")
    assert "身份证人像面" in await lin.asks("同意提供 证件照片")
    assert "学历证书" in await lin.asks("暂时没有")
    own = await lin.asks("我的资料")
    assert "4/7" in own
    assert SHOWN in own
    assert "您选择不在这里提供" in own
    assert await office.audited("lin", "allowed")
    for secret in SECRETS:
        assert secret not in said(office, "lin")


async def test_nothing_is_kept_before_a_yes_and_a_taken_back_yes_erases(text_office: Office) -> None:
    office, lin = text_office, text_office.lin
    await lin.asks("填写资料")
    assert "没有保存" in await lin.asks(NUMBER)
    assert await kept(office, "lin") == set()
    await lin.asks("同意提供 证件号码")
    await lin.asks("居民身份证")
    await lin.asks(NUMBER)
    assert "id_number" in await kept(office, "lin")
    await lin.asks("撤回授权 证件号码")
    assert await kept(office, "lin") == set()
    async with office.robot.database.read() as session:
        rows = await session.exec(select(ConsentRow).where(ConsentRow.purpose == "identity"))
        assert [row.answer for row in rows] == ["given", "withdrawn"]


async def test_somebody_under_sixteen_isnt_taken_and_hears_why(text_office: Office) -> None:
    lin = text_office.lin
    await lin.asks("填写资料")
    await lin.asks("同意提供 证件号码")
    await lin.asks("1")
    assert "劳动法第十五条" in await lin.asks(id_number("11010520150101001"))
    assert "id_number" not in await kept(text_office, "lin")


def id_number(digits: str) -> str:
    """Complete an identity number."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return digits + "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]


async def test_a_picture_is_asked_what_it_is_and_what_is_none_is_refused(text_office: Office) -> None:
    office, lin = text_office, text_office.lin
    office.sandbox.world.wire.entries.clear()
    await sends_picture(lin, picture())
    assert "只能读文字" in await lin.reads(), "whose file isn't begun sends us no picture"
    await lin.asks("填写资料")
    await lin.asks("不提供 证件号码")
    await lin.asks(MOBILE)
    await lin.asks("稍后")
    await sends_picture(lin, picture())
    assert "照片是 身份证人像面" in await lin.reads()
    assert "同意提供 证件照片" in await lin.asks("照片是 身份证人像面")
    assert not any("download" in entry.path for entry in office.sandbox.world.wire.entries), "not before a yes"
    await lin.asks("同意提供 证件照片")
    await sends_picture(lin, picture())
    await lin.reads()
    await lin.asks("照片是 身份证人像面")
    await office.until(
        lambda: "国徽面" in said(office, "lin").rsplit("正在检查", 1)[-1] or None, "the next is asked for"
    )
    assert "id_front" in await kept(office, "lin")
    await lin.asks("更正 身份证照片")
    await sends_picture(lin, b"\xff\xd8\xff" + b"x" * 100, "坏的.jpg")
    await office.until(lambda: "不是能读的 JPG" in said(office, "lin") or None, "it hears why not")


async def test_in_a_group_there_is_only_the_hint(office: Office) -> None:
    await office.lin.says("@机器人 填写资料", TEAM_GROUP)
    await office.lin.receives("notice", about="证件号码")
    await office.lin.says(f"@机器人 {NUMBER}", TEAM_GROUP)
    hints = await office.until(lambda: (office.group(TEAM_GROUP)[1:] and office.group(TEAM_GROUP)) or None, "two hints")
    await office.quiet()
    assert hints == ["我已经私聊回复您了。"] * 2
    assert NUMBER not in said(office, "lin")


async def test_hr_sees_who_lacks_what_and_no_value(text_office: Office) -> None:
    office = text_office
    await office.lin.asks("填写资料")
    await office.lin.asks("不提供 证件号码")
    await office.lin.asks(MOBILE)
    told = await office.li.asks("谁的资料没交")
    assert "林晓（0/7）：还差 联系方式、工资卡" in told
    assert "选择线下办理：身份证件" in told
    assert MOBILE not in told
    assert "资料：0/7" in await office.li.asks("林晓的资料")
    assert MOBILE in await office.li.asks("林晓的资料"), "HR may call people"
    refused = await office.chen.asks("林晓的资料")
    assert "无权" in refused
    assert await office.chen.asks("张三的资料") == refused, "who isn't there is refused alike"
    assert "无权" in await office.chen.asks("资料进度")
    assert "没有找到叫" in await office.li.asks("张三的资料")


async def fill_number(office: Office, userid: str = "lin", *, cards: bool) -> None:
    """Tell an identity number."""
    phone = getattr(office, userid)
    await phone.says("填写资料")
    if cards:
        await agrees(phone, "证件号码")
        form = await phone.receives("form", about="身份证件")
        await phone.submits(form, id_number=NUMBER)
        await phone.sees_status(form, "已保存")
        return
    await phone.reads()
    await phone.asks("同意提供 证件号码")
    await phone.asks("1")
    await phone.asks(NUMBER)


async def test_hr_looks_at_a_number_on_a_card_that_doesnt_hold_it(office: Office) -> None:
    await fill_number(office, cards=True)
    assert "用来做什么" in await office.li.asks("林晓的身份证号")
    await office.li.says("办理社保增员")
    card = await office.li.receives("notice", about="林晓的证件号码")
    assert NUMBER not in json.dumps(card.data, ensure_ascii=False)
    pulled = await office.sandbox.world.look("li", card.out_track_id)
    assert NUMBER in str(pulled)
    async with office.robot.database.read() as session:
        rows = await session.exec(select(AuditRow).where(AuditRow.actor == "li", AuditRow.action == "identity.view"))
        (row,) = rows
        assert (row.on, row.why, row.outcome) == ("lin", "办理社保增员", "allowed")
    await office.moves_clock(office.robot.workplace.clock.now() + timedelta(minutes=6))
    assert NUMBER not in str(await office.sandbox.world.look("li", card.out_track_id))
    await office.li.says("林晓的身份证号，用于办理社保")
    await office.li.receives("notice", about="林晓的证件号码")
    async with office.robot.database.read() as session:
        readings = list(await session.exec(select(IdentityReadingRow)))
    assert len(readings) == 1, "what is over is forgotten"


async def test_without_cards_a_number_comes_in_a_locked_file_for_a_purpose_without_numbers(text_office: Office) -> None:
    office = text_office
    await fill_number(office, cards=False)
    assert "无权" in await office.wang.asks("林晓的身份证号，用于好奇")
    assert "无权" in await office.zhao.asks("林晓的银行卡号")
    await office.li.says("林晓的身份证号，用于办理社保")
    (file,) = await heard(office, "li", "file")
    assert file.content["name"] == "证件信息.pdf"
    content = content_of(office, file)
    with pikepdf.open(io.BytesIO(content), password=await password_of(office, "li")):
        assert NUMBER.encode() not in content
    assert "请说明用途" in await office.li.asks(f"林晓的身份证号，用于核对{NUMBER}")
    assert SHOWN in await office.lin.asks("我的身份证号")


async def test_two_people_with_one_number_are_told_to_hr(text_office: Office) -> None:
    office = text_office
    await fill_number(office, cards=False)
    await fill_number(office, "chen", cards=False)
    await office.until(lambda: "和 林晓 的一样" in said(office, "li") or None, "HR hears of it")
    assert NUMBER not in said(office, "li")


async def test_payroll_hears_of_a_changed_account(text_office: Office) -> None:
    office, lin = text_office, text_office.lin
    async with office.robot.database.transaction() as session:
        zhao = (await PeopleStore(session).employees_by_key(["zhao"]))["zhao"].id or 0
        row = RoleGrantRow(employee_id=zhao, role=Role.PAYROLL.value, granted_at=datetime.now(UTC), granted_by="x")
        await RoleStore(session).add(row)
    await lin.asks("授权 银行账号")
    await lin.asks("更正 银行卡")
    await lin.asks(ACCOUNT)
    await lin.asks("招商银行上海张江支行")
    await office.quiet()
    assert "工资卡" not in said(office, "zhao"), "the first is no change"
    await lin.asks("更正 银行卡")
    await lin.asks(luhn("622202123456789099"))
    await office.until(lambda: "修改了工资卡" in said(office, "zhao") or None, "payroll hears of it")
    await office.zhao.says("林晓的银行卡号，用于发工资")
    await heard(office, "zhao", "file")


async def test_the_copy_holds_numbers_and_pictures_in_full(text_office: Office) -> None:
    office, lin = text_office, text_office.lin
    await fill_number(office, cards=False)
    await lin.asks("授权 证件照片")
    await lin.asks("更正 身份证照片")
    await sends_picture(lin, picture())
    await office.until(lambda: "国徽面" in said(office, "lin") or None, "it is kept")
    await lin.says("导出我的数据")
    phone_files = await exported_bytes(office, "lin")
    assert NUMBER.encode() in phone_files["我的数据.json"]
    assert phone_files["id_front.png"].startswith(b"\x89PNG")


async def exported_bytes(office: Office, userid: str) -> dict[str, bytes]:
    """Unpack the file somebody got."""
    phone = getattr(office, userid)
    message = await office.until(lambda: next((m for m in phone.messages() if m.kind == "file"), None), "the file")
    stored = office.sandbox.world.files.stored[message.content["media_id"]]
    with zipfile.ZipFile(io.BytesIO(stored.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_hr_gets_the_list_as_a_file_and_others_dont(text_office: Office) -> None:
    office = text_office
    assert "无权" in await office.wang.asks("导出员工资料")
    await office.li.says("导出员工资料")
    files = await exported_bytes(office, "li")
    table = files["员工资料.csv"].decode("utf-8-sig")
    assert "林晓" in table
    assert "employee.export" in await office.audited("li", "allowed")


async def test_progress_outlives_the_robot(tmp_path: Path) -> None:
    async with opened(tmp_path, "text") as office:
        await fill_number(office, cards=False)
    async with opened(tmp_path, "text") as office:
        assert "手机号" in await office.lin.asks("填写资料"), "the next step, days and restarts later"
        assert "1/7" in await office.lin.asks("我的资料")


async def test_the_weekly_reminder_names_what_is_missing_and_only_to_who_began_lately(text_office: Office) -> None:
    office = text_office
    await fill_number(office, cards=False)
    await office.lin.asks("稍后")
    async with office.robot.database.transaction() as session:
        await office.robot.queue.enqueue(session, "personnel.remind", key="now")
    await office.until(lambda: "还没填完（1/7）" in said(office, "lin") or None, "Lin is reminded")
    await office.quiet()
    assert "还没填完" not in said(office, "chen")


async def test_nobody_taps_on_somebody_elses_card(office: Office) -> None:
    await office.lin.says("填写资料")
    card = await office.lin.receives("notice", about="证件号码")
    assert "无权" in await office.chen.forges(card, "agree", ref=card.data["ref"])
    async with office.robot.database.read() as session:
        assert not list(await session.exec(select(ConsentRow).where(ConsentRow.purpose == "identity")))
    await office.lin.clicks(card, "同意")
    form = await office.lin.receives("form", about="身份证件")
    assert "无权" in await office.chen.forges(form, "", form={"id_kind": "resident", "id_number": NUMBER})
    assert await kept(office, "lin") == await kept(office, "chen") == set()
