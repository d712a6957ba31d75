"""What is sealed opens in its place, under its key, and nowhere else; an index finds and tells nothing."""

import itertools
from dataclasses import replace

import pytest
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

import bot.store  # noqa: F401 - every table
from hr_core.database import Database, Row
from hr_core.vault import SealBroken, Vault, first_keys, read_key
from hr_core.vault.classes import CLASS_OF, DataClass
from hr_core.vault.columns import INDEXED, SEALED
from hr_core.vault.index import LENGTH
from hr_core.vault.keys import WrongMasterKey, new_data_key, unwrap
from hr_core.vault.vault import HEADER
from tests.cast import MASTER, VAULT

OTHER = b"o" * 32


def test_a_sealed_value_opens_in_its_own_place_only() -> None:
    sealed = VAULT.seal("感冒", "leave", "reason", 7)
    assert VAULT.open(sealed, "leave", "reason", 7) == "感冒"
    assert "感冒".encode() not in sealed
    for place in (("leave", "reason", 8), ("leave", "note", 7)):
        with pytest.raises(SealBroken):
            VAULT.open(sealed, *place)
    with pytest.raises(SealBroken):
        Vault(MASTER, first_keys(MASTER)).open(sealed, "leave", "reason", 7)


def test_every_changed_bit_is_noticed() -> None:
    sealed = VAULT.seal("1", "leave", "reason", 7)
    for at, bit in itertools.product(range(len(sealed)), range(8)):
        changed = bytearray(sealed)
        changed[at] ^= 1 << bit
        with pytest.raises(SealBroken):
            VAULT.open(bytes(changed), "leave", "reason", 7)
    with pytest.raises(SealBroken):
        VAULT.open(b"", "leave", "reason", 7)


def test_a_class_has_a_key_of_its_own() -> None:
    headers = {data_class: VAULT.seal("x", place)[:5] for place, data_class in CLASS_OF.items()}
    assert len(set(headers.values())) == len(headers)


def test_a_place_without_a_class_is_our_mistake_and_loud() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        VAULT.seal("x", "nowhere", 1)


def test_every_sealed_column_can_be_sealed_anew() -> None:
    declared = {column.name for column in SEALED}
    columns = {
        f"{table.name}.{column.name}"
        for table in Row.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.endswith("_sealed")
    }
    assert declared == columns
    indexes = {
        f"{table.name}.{column.name}"
        for table in Row.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary) and column.name.endswith("_index")
    }
    assert {one.name for one in INDEXED} == indexes, "a blind index is computed anew as well"
    assert all(column.place("row")[0] in CLASS_OF for column in SEALED)


def test_a_master_key_of_another_company_opens_no_data_key() -> None:
    keys = first_keys(MASTER)
    with pytest.raises(WrongMasterKey):
        Vault(OTHER, keys)
    pay = next(key for key in keys if key.data_class == DataClass.PAY)
    with pytest.raises(WrongMasterKey):  # A key row can't be passed off as another's.
        unwrap(MASTER, replace(pay, data_class=DataClass.CONVERSATION.value))
    with pytest.raises(WrongMasterKey):
        unwrap(MASTER, replace(pay, id=pay.id + 1))


def test_after_a_rotation_new_values_have_the_new_key_and_old_ones_open() -> None:
    keys = first_keys(MASTER)
    vault = Vault(MASTER, keys)
    old = vault.seal("before", "leave", "reason", 1)
    fresh = new_data_key(MASTER, DataClass.MEDICAL)
    medical = next(key for key in keys if key.data_class == DataClass.MEDICAL)
    rest = [key for key in keys if key is not medical]
    vault.learn([*rest, medical, replace(fresh, active=False)])
    assert vault.seal("x", "leave", "reason", 1)[:5] == old[:5], "an announced key isn't used"
    vault.learn([*rest, replace(medical, active=False), fresh])
    new = vault.seal("after", "leave", "reason", 1)
    assert new[:5] != old[:5]
    assert (vault.open(old, "leave", "reason", 1), vault.open(new, "leave", "reason", 1)) == ("before", "after")
    vault.learn([*rest, fresh])
    with pytest.raises(SealBroken):
        vault.open(old, "leave", "reason", 1)


@pytest.mark.parametrize("text", ["", "not a key", "a" * 44, "k" * 38, "k" * 43 + "===x"])
def test_what_is_no_master_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a data key"):
        read_key(text)


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


SPELLINGS = {
    "identity": [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002x ",
        full_width("11010519491231002x"),
    ],
    "phone": ["13800138000", "138 0013 8000", "+86 138-0013-8000", "0086 13800138000", full_width("+8613800138000")],
    "bank": ["6222020200112233445", "6222 0202 0011 2233 445", full_width("6222020200112233445")],
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_a_number_is_found_however_it_is_written(kind: str) -> None:
    indexes = {VAULT.index(kind, spelled) for spelled in SPELLINGS[kind]}
    assert len(indexes) == 1
    assert len(indexes.pop()) == HEADER + LENGTH


def test_an_index_tells_nothing_without_the_key_and_nothing_across_kinds() -> None:
    number = "13800138000"
    index = VAULT.index("phone", number)
    assert Vault(MASTER, first_keys(MASTER)).index("phone", number) != index
    assert VAULT.index("bank", number) != index
    assert VAULT.index("phone", "13800138001") != index
    with pytest.raises(ValueError, match="phone"):
        VAULT.index("phone", "--")


async def test_a_sealed_number_is_looked_up_by_its_index_alone(database: Database) -> None:
    numbers = [f"1380013{n:04}" for n in range(200)]
    columns = (Column("id", Integer), Column("number", LargeBinary), Column("by", LargeBinary))
    table = Table("looked_up", MetaData(), *columns)
    async with database.engine.begin() as connection:
        await connection.run_sync(table.create)
        rows = [
            {"id": at, "number": VAULT.seal(number, "identity", "phone", at), "by": VAULT.index("phone", number)}
            for at, number in enumerate(numbers)
        ]
        await connection.execute(table.insert(), rows)
        query = table.select().where(table.c.by == VAULT.index("phone", "+86 138 0013 0123"))
        found = (await connection.execute(query)).all()
        assert [(row.id, VAULT.open(row.number, "identity", "phone", row.id)) for row in found] == [(123, numbers[123])]
        everything = b"".join(bytes(row.number) + bytes(row.by) for row in await connection.execute(table.select()))
    assert not any(number.encode() in everything for number in numbers)
