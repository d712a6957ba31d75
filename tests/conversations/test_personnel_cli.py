"""Personnel files on the command line: names and steps at once, numbers after a tap of who may see them."""

import asyncio
import json

from tests.conversations.office import Office
from tests.conversations.test_access import dinghr, logs_elsewhere
from tests.conversations.test_personnel import NUMBER, fill_number

__all__ = ["logs_elsewhere"]


async def test_missing_names_people_and_steps_and_no_value(text_office: Office) -> None:
    await fill_number(text_office, cards=False)
    done = await dinghr(text_office, "personnel", "missing", "--json")
    (row,) = [one for one in json.loads(done.out) if one["userid"] == "lin"]
    assert (row["done"], row["missing"][0], row["on_paper"]) == (1, "contact", [])
    assert NUMBER[-4:] not in done.out
    assert "contact" in (await dinghr(text_office, "personnel", "missing")).out


async def test_numbers_wait_for_the_readers_yes(text_office: Office) -> None:
    office = text_office
    await fill_number(office, cards=False)
    process = asyncio.create_task(dinghr(office, "personnel", "show", "lin", "--as", "li", "--json"))
    assert "查看证件和银行卡" in await office.li.reads()
    await office.li.asks("同意 命令 1")
    done = await process
    assert [row["value"] for row in json.loads(done.out)] == [NUMBER]
    assert "identity.view" in await office.audited("li", "allowed")


async def test_who_may_not_read_numbers_isnt_asked(text_office: Office) -> None:
    done = await dinghr(text_office, "personnel", "show", "lin", "--as", "wang")
    assert (done.code, done.out) == (1, "")
