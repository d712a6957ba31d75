from pathlib import Path

import pytest

from bot.settings import SettingsError, read_settings

REQUIRED = {"DINGTALK_CLIENT_ID": "ding1", "DINGTALK_CLIENT_SECRET": "s3cret"}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import os

    for name in [name for name in os.environ if name.startswith(("DINGTALK_", "DINGHR_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)


def test_two_settings_are_enough() -> None:
    settings = read_settings()
    assert settings.robot_code == "ding1"
    assert settings.oapi_endpoint == "https://oapi.dingtalk.com"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.database_url.endswith(".dinghr/dinghr.sqlite3")


def test_the_old_endpoint_follows_the_new_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGTALK_OPENAPI_ENDPOINT", "http://127.0.0.1:8700/")
    assert read_settings().oapi_endpoint == "http://127.0.0.1:8700"
    monkeypatch.setenv("DINGTALK_OAPI_ENDPOINT", "http://127.0.0.1:8799")
    assert read_settings().oapi_endpoint == "http://127.0.0.1:8799"


def test_every_problem_is_reported_by_name_and_no_secret_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DINGTALK_CLIENT_ID")
    monkeypatch.setenv("DINGHR_LISTEN", "everywhere")
    monkeypatch.setenv("DINGTALK_OPENAPI_ENDPOINT", "api.dingtalk.com")
    with pytest.raises(SettingsError) as problem:
        read_settings()
    text = str(problem.value)
    for name in ("DINGTALK_CLIENT_ID", "DINGHR_LISTEN", "DINGTALK_OPENAPI_ENDPOINT"):
        assert name in text
    assert "s3cret" not in text


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DINGTALK_CLIENT_SECRET")
    (tmp_path / "secret").write_text("from a file\n")
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    assert read_settings().dingtalk_client_secret.get_secret_value() == "from a file"
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET_FILE", str(tmp_path / "none"))
    with pytest.raises(SettingsError, match="DINGTALK_CLIENT_SECRET_FILE"):
        read_settings()


def test_a_toml_file_stands_behind_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "dinghr.toml").write_text('dingtalk_card_form = "f.schema"\ndingtalk_client_id = "other"\n')
    monkeypatch.setenv("DINGHR_CONFIG", str(tmp_path / "dinghr.toml"))
    settings = read_settings()
    assert settings.dingtalk_card_form == "f.schema"
    assert settings.dingtalk_client_id == "ding1"
    monkeypatch.setenv("DINGHR_CONFIG", str(tmp_path / "missing.toml"))
    with pytest.raises(SettingsError, match="DINGHR_CONFIG"):
        read_settings()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = [", "not TOML"),
        ('dinghr_lisen = "127.0.0.1:1"', "no setting is called dinghr_lisen"),
        (b"\xff\xfe", "not TOML"),
    ],
)
def test_a_slip_in_the_toml_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | bytes, said: str
) -> None:
    file = tmp_path / "dinghr.toml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("DINGHR_CONFIG", str(file))
    with pytest.raises(SettingsError, match=f"DINGHR_CONFIG.*{said}"):
        read_settings()


def test_a_line_left_empty_is_a_setting_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DINGHR_KEY_FILE", "")
    monkeypatch.setenv("DINGHR_HOME", "")
    assert read_settings().key_file == tmp_path / ".dinghr/data.key"
    monkeypatch.setenv("DINGTALK_CLIENT_ID", "")
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET", "")
    with pytest.raises(SettingsError) as problem:
        read_settings()
    assert str(problem.value).count("is not set") == 2


def test_a_secret_file_that_is_no_text_is_named_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DINGTALK_CLIENT_SECRET")
    (tmp_path / "secret").write_bytes(b"\xd0\xff")
    monkeypatch.setenv("DINGTALK_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError) as problem:
        read_settings()
    assert str(problem.value) == f"DINGTALK_CLIENT_SECRET_FILE: {tmp_path / 'secret'} is not a text file"


@pytest.mark.parametrize("address", ["nonsense", "mysql://u:hush@db/x", "postgresql://u:hush@db:port/x"])
def test_a_database_address_that_isnt_one_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("DINGHR_DATABASE_URL", address)
    monkeypatch.setenv("DINGHR_KEY_FILE", str(tmp_path / "data.key"))
    with pytest.raises(SettingsError, match="DINGHR_DATABASE_URL: must be") as problem:
        read_settings()
    assert "hush" not in str(problem.value)


def test_postgresql_needs_a_key_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGHR_DATABASE_URL", "postgresql://user@db/dinghr")
    with pytest.raises(SettingsError, match="dinghr key create"):
        read_settings()


def test_a_field_for_legal_entities_or_regions_is_one_that_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DINGHR_REGION_FIELD", "办公地点")
    with pytest.raises(SettingsError, match=r"DINGHR_REGION_FIELD: must be work_place, extension\.NAME"):
        read_settings()
    monkeypatch.setenv("DINGHR_REGION_FIELD", "extension.城市")
    monkeypatch.setenv("DINGHR_LEGAL_ENTITY_FIELD", "sys05-contractCompanyName")
    with pytest.raises(SettingsError, match="DINGTALK_AGENT_ID: must be the app's number"):
        read_settings()
    monkeypatch.setenv("DINGTALK_AGENT_ID", "3900000001")
    fields = read_settings().fact_fields
    assert fields == {"legal_entity": "sys05-contractCompanyName", "region": "extension.城市"}
