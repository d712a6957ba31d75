"""`cardParamMap` (A/0789): strings only, limits on keys, values and the whole card."""

from collections.abc import Mapping
from typing import Any

from sandbox.call import Call
from sandbox.operation import Error, Field
from sandbox.world import Card, Template
from sandbox.world.cards import DynamicSource, parse

KEY_BYTES, VALUE_BYTES, CARD_BYTES = 100, 1024, 100 * 1024


def data(name: str, *, required: bool = False) -> Field:
    """Describe `{cardParamMap}`."""
    empty = "param.cardPublicDataEmpty"
    return Field(name, "object", required=required, missing=empty, bad=empty, fields=_PARAMS)


_PARAMS = (
    Field(
        "cardParamMap", "texts", most=CARD_BYTES, unit="bytes",
        bad="param.invalid",
    ),
)  # fmt: skip
PRIVATE = Field("privateData", "map", bad="param.invalid", fields=_PARAMS)
DYNAMIC = Field(
    "openDynamicDataConfig", "object",
    fields=(
        Field(
            "dynamicDataSourceConfigs", "objects", unit="items",
            fields=(
                Field("dynamicDataSourceId", required=True, missing="param.dynamicSourceIdEmpty"),
                Field("constParams", "texts"),
                Field(
                    "pullConfig", "object", required=True, missing="param.dynamicDataPullConfigEmpty",
                    fields=(
                        Field(
                            "pullStrategy", required=True, missing="param.dynamicDataSourcePullStrategyEmpty",
                            bad="param.dynamicDataSourcePullStrategyEmpty",
                            choices=("NONE", "ONCE", "RENDER", "INTERVAL"),
                        ),
                        Field(
                            "interval", "int", required=True, least=1, unit="value",
                            missing="param.dynamicDataPullIntervalInvalid", bad="param.dynamicDataPullIntervalInvalid",
                            when=("pullStrategy", ("INTERVAL",)),
                        ),
                        Field(
                            "timeUnit", required=True, choices=("SECONDS", "MINUTES", "HOURS", "DAYS"),
                            missing="param.dynamicDataPullIntervalTimeUnitInvalid",
                            bad="param.dynamicDataPullIntervalTimeUnitInvalid",
                            when=("pullStrategy", ("INTERVAL",)),
                        ),
                    ),
                ),
            ),
        ),
    ),
)  # fmt: skip
_INVALID = Error("param.invalid", "存在非法参数")
TEMPLATE_ERRORS = (Error("param.templateNotExist", "模板不存在"), Error("param.templateUnpublished", "模板未发布"))
VALUE_ERRORS = (_INVALID, Error("param.userIdNotExist", "用户userId不存在"))
NO_CARD = Error("param.cardNotExist", "卡片不存在")


_SECONDS = {"SECONDS": 1, "MINUTES": 60, "HOURS": 3600, "DAYS": 86_400}
_SHORTEST, _GUIDE = 3, 6  # seconds: what the API table and the guide say


def params(call: Call, given: Mapping[str, Any], template: Template, where: str) -> dict[str, str]:
    """Give the values of `{cardParamMap}`. Too long a value is a warning, too large a card a refusal: the documents
    contradict each other (1 KB a value by the API table, 100 KB a card by the guide).
    """
    values: Mapping[str, str] | None = given["cardParamMap"]
    if values is None:
        raise call.fail("param.cardPublicDataEmpty", f"{where}.cardParamMap is empty")
    if any(len(key.encode()) > KEY_BYTES for key in values):
        raise call.fail("param.invalid", f"{where}.cardParamMap: a key has more than {KEY_BYTES} bytes")
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
    found = []
    for config in (call["openDynamicDataConfig"] or {}).get("dynamicDataSourceConfigs") or []:
        pull = config["pullConfig"]
        every = (pull["interval"] or 0) * _SECONDS.get(pull["timeUnit"], 0)
        if pull["pullStrategy"] == "INTERVAL" and every < _SHORTEST:
            raise call.fail("param.dynamicDataPullIntervalInvalid", f"every {every} s, {_SHORTEST} s at least")
        if pull["pullStrategy"] == "INTERVAL" and every < _GUIDE:
            call.warnings.append(f"an interval of {every} s: the guide says {_GUIDE} at least (C1/0008)")
        found.append(
            DynamicSource(config["dynamicDataSourceId"], config["constParams"] or {}, pull["pullStrategy"], every)
        )
    return found
