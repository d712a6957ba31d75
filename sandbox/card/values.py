"""`cardParamMap` (A/0789): strings only, limits on keys, values and the whole card."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.validate import inner, inners
from sandbox.world import Card, Template
from sandbox.world.cards import DynamicSource, parse

KEY_BYTES, VALUE_BYTES, CARD_BYTES = 100, 1024, 100 * 1024


def params(call: Call, given: Any, template: Template, where: str) -> dict[str, str]:
    """Give the values of `{cardParamMap}`. Too long a value is a warning, too large a card a refusal: the documents
    contradict each other (1 KB a value by the API table, 100 KB a card by the guide).
    """
    values = given.get("cardParamMap") if isinstance(given, Mapping) else None
    if not isinstance(values, Mapping):
        raise call.fail("param.cardPublicDataEmpty", f"{where}.cardParamMap is empty")
    wrong = [key for key, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise call.fail("param.cardParamInvalid", f"{where}.cardParamMap: not a string: {', '.join(wrong)}")
    if any(len(key.encode()) > KEY_BYTES for key in values):
        raise call.fail("param.cardParamInvalid", f"{where}.cardParamMap: a key has more than {KEY_BYTES} bytes")
    if sum(len(key.encode()) + len(value.encode()) for key, value in values.items()) > CARD_BYTES:
        raise call.fail("param.cardParamInvalid", f"{where}: more than {CARD_BYTES} bytes")
    for key, value in values.items():
        _doubt(call, template, key, value)
    return dict(values)


def _doubt(call: Call, template: Template, key: str, value: str) -> None:
    if (size := len(value.encode())) > VALUE_BYTES:
        call.warnings.append(f"{key}: {size} bytes, above the API table's 1 KB for a value")
    kind = template.variables.get(key)
    if kind is None:
        call.warnings.append(f"{key}: the template {template.name} has no such variable")
    elif value and parse(kind, value) is None:
        call.warnings.append(f"{key}: can't be read as {kind}, so the phone shows nothing")


def private(call: Call, given: Any, template: Template, user_id_type: int) -> dict[str, dict[str, str]]:
    """Give the private values by userid."""
    found: dict[str, dict[str, str]] = {}
    for who, one in (given or {}).items():
        found[userid(call, who, user_id_type)] = params(call, one, template, f"privateData.{who}")
    return found


def userid(call: Call, given: str, user_id_type: int) -> str:
    """Give the userid of an id as the card spells ids; refuses a stranger's."""
    directory = call.world.directory
    user = directory.by_unionid(given) if user_id_type == 2 else directory.users.get(given)
    if user is None:
        raise call.fail("param.userIdNotExist", f"{given} doesn't exist")
    return user.userid


def template(call: Call) -> Template:
    """Give the template, which must exist and be published."""
    found = call.world.cards.templates.get(call["cardTemplateId"])
    if found is None:
        raise call.fail("param.templateNotExist", "cardTemplateId doesn't exist")
    if not found.published:
        raise call.fail("param.templateUnpublished", "the template isn't published")
    return found


def existing(call: Call) -> Card:
    """Give the card that `outTrackId` names."""
    card = call.world.cards.cards.get(call["outTrackId"])
    if card is None:
        raise call.fail("param.cardNotExist", "outTrackId doesn't exist")
    return card


def sources(call: Call) -> list[DynamicSource]:
    """Give the dynamic data sources (C1/0008)."""
    configs = inners(inner(call["openDynamicDataConfig"]).get("dynamicDataSourceConfigs"))
    found = []
    for config in configs:
        pull = inner(config.get("pullConfig"))
        strategy = pull.get("pullStrategy", "NONE")
        if not config.get("dynamicDataSourceId") or strategy not in {"NONE", "ONCE", "RENDER", "INTERVAL"}:
            raise call.fail("param.dynamicDataConfigInvalid", "dynamicDataSourceId or pullStrategy is not valid")
        if strategy == "INTERVAL":
            call.warnings.append("INTERVAL is taken for ONCE here")
        found.append(DynamicSource(config["dynamicDataSourceId"], inner(config.get("constParams")), strategy))
    return found
