"""The threat model names its tests, and they exist."""

import re
from pathlib import Path

import bot.app  # noqa: F401 - brings every table there is
import hr_core
from hr_core.database import Row

ROOT = Path(hr_core.__file__).parents[1]
NAMED = re.compile(r"`(tests/[a-z_/]+\.py)::(test_[a-z0-9_]+)`")


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = NAMED.findall((ROOT / "docs/security.md").read_text("utf-8"))
    assert len(named) > 25
    for file, test in named:
        assert re.search(rf"def {test}\(", (ROOT / file).read_text("utf-8")), f"{file}::{test}"


def test_the_register_tells_the_periods_that_are_kept() -> None:
    policy = (ROOT / "hr_core/privacy/data/policy.toml").read_text("utf-8")
    months = dict(re.findall(r'data_class = "(\w+)"[^\[]*?months = (\d+)', policy))
    for document in ("docs/privacy.md", "docs/privacy.zh-CN.md"):
        told = (ROOT / document).read_text("utf-8")
        for data_class in ("leave_words", "leave_record", "leaver_identity", "chat_sent"):
            assert re.search(rf"\b{months[data_class]} (months|个月)", told), (document, data_class)


def test_the_register_tells_of_every_table() -> None:
    document = (ROOT / "docs/privacy.md").read_text("utf-8")
    section = document.split("## Where each class lies")[1].split("**Recipients.**")[0]
    told = re.findall(r"`(\w+)`", section)
    assert sorted(told) == sorted(Row.metadata.tables), "add the table to its class in docs/privacy.md"
