"""Environment and an optional TOML file into one frozen object; every problem is reported at start, by name."""

import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from hr_core.database.engine import async_url

OPENAPI = "https://api.dingtalk.com"
OAPI = "https://oapi.dingtalk.com"
CONTACT_FIELDS = frozenset({"work_place"})
EXTENSION = "extension."
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class SettingsError(Exception):
    """The settings can't be used; the text lists every problem with the setting's name."""


class Settings(BaseSettings):
    """What an operator sets. Field names are the variables' names in lower case."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    dingtalk_client_id: str
    dingtalk_client_secret: SecretStr
    dingtalk_robot_code: str = ""
    dingtalk_corp_id: str = ""
    dingtalk_agent_id: str = ""
    dingtalk_openapi_endpoint: str = OPENAPI
    dingtalk_oapi_endpoint: str = ""
    dingtalk_card_form: str = ""
    dingtalk_card_notice: str = ""
    dingtalk_card_report: str = ""
    dingtalk_op_user_id: str = ""
    dingtalk_file_hosts: str = ""
    dinghr_home: Path = Field(default_factory=lambda: Path.home() / ".dinghr")
    dinghr_database_url: str = ""
    dinghr_key: SecretStr | None = None
    dinghr_key_file: Path | None = None
    dinghr_key_command: str = ""
    dinghr_listen: str = "127.0.0.1:8701"
    dinghr_public_url: str = ""
    dinghr_hr_group: str = ""
    dinghr_legal_entity_field: str = ""
    dinghr_region_field: str = ""
    dinghr_audit_head_file: Path | None = None
    dinghr_audit_head_group: bool = False
    dinghr_plan: Literal["standard", "professional"] = "standard"
    dinghr_quota_share: Annotated[float, Field(gt=0, le=1)] = 1.0
    dinghr_sandbox_listen: str = "127.0.0.1:8700"
    dinghr_clock_url: str = ""
    """The demo's: an address whose clock the robot follows instead of the system's."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the environment first, then the TOML file that `DINGHR_CONFIG` names."""
        sources = [init_settings, env_settings]
        if path := os.environ.get("DINGHR_CONFIG"):
            sources.append(InitSettingsSource(settings_cls, _from_toml(Path(path), known=set(cls.model_fields))))
        return tuple(sources)

    @field_validator("dingtalk_openapi_endpoint", "dingtalk_oapi_endpoint", "dinghr_public_url")
    @classmethod
    def _address(cls, value: str) -> str:
        address = urlsplit(value)
        if value and (address.scheme not in {"http", "https"} or not address.hostname):
            msg = "must be an address such as https://api.dingtalk.com"
            raise ValueError(msg)
        return value.rstrip("/")

    @field_validator("dinghr_legal_entity_field", "dinghr_region_field")
    @classmethod
    def _fact(cls, value: str) -> str:
        own = value.startswith(EXTENSION) and value != EXTENSION
        if value and not own and not _CODE.fullmatch(value):
            msg = (
                "must be work_place, extension.NAME (a field of the contacts) or a code of the roster such as "
                "sys05-contractCompanyName"
            )
            raise ValueError(msg)
        return value

    @field_validator("dinghr_listen", "dinghr_sandbox_listen")
    @classmethod
    def _listen(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if not host or not port.isdigit() or int(port) > 65535:
            msg = "must be HOST:PORT, such as 127.0.0.1:8701"
            raise ValueError(msg)
        return value

    @field_validator("dinghr_database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            if value:
                async_url(value)
        except (ValueError, ArgumentError) as error:  # Neither text may be shown: the address holds a password.
            msg = "must be sqlite:////FOLDER/FILE or postgresql://USER:PASSWORD@HOST/NAME"
            raise ValueError(msg) from error
        return value

    @model_validator(mode="after")
    def _check_facts(self) -> Self:
        in_roster = [
            name for name in self.fact_fields.values() if name not in CONTACT_FIELDS and not name.startswith(EXTENSION)
        ]
        if in_roster and not self.dingtalk_agent_id.isdigit():
            msg = f"DINGTALK_AGENT_ID: must be the app's number to read {in_roster[0]} from the roster"
            raise ValueError(msg)
        return self

    @model_validator(mode="after")
    def _check_key(self) -> Self:
        told = [self.dinghr_key is not None, self.dinghr_key_file is not None, bool(self.dinghr_key_command)]
        if sum(told) > 1:
            msg = "DINGHR_KEY, DINGHR_KEY_FILE, DINGHR_KEY_COMMAND: set only one of them; there is one master key"
            raise ValueError(msg)
        if not self.is_sqlite and not any(told):
            msg = (
                "DINGHR_KEY_FILE: must name one key file for all replicas when DINGHR_DATABASE_URL is PostgreSQL; "
                "make one with: dinghr key create FILE"
            )
            raise ValueError(msg)
        return self

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url.startswith("sqlite")

    @property
    def database_url(self) -> str:
        """The database's address; an SQLite file in the home folder unless one is given."""
        return self.dinghr_database_url or f"sqlite:///{self.dinghr_home.expanduser() / 'dinghr.sqlite3'}"

    @property
    def key_file(self) -> Path:
        """The file that holds the master key, unless the environment or a command gives it."""
        return self.dinghr_key_file or self.dinghr_home.expanduser() / "data.key"

    @property
    def head_file(self) -> Path:
        """The file that gets the audit log's heads."""
        return (self.dinghr_audit_head_file or self.dinghr_home / "audit-heads.jsonl").expanduser()

    @property
    def fact_fields(self) -> dict[str, str]:
        """The field each fact is read from, where one is named."""
        told = {"legal_entity": self.dinghr_legal_entity_field, "region": self.dinghr_region_field}
        return {fact: name for fact, name in told.items() if name}

    @property
    def agent_id(self) -> int:
        """The app's AgentId, 0 where it isn't told."""
        return int(self.dingtalk_agent_id) if self.dingtalk_agent_id.isdigit() else 0

    @property
    def robot_code(self) -> str:
        """The robot's code; an internal app's is its client id."""
        return self.dingtalk_robot_code or self.dingtalk_client_id

    @property
    def oapi_endpoint(self) -> str:
        """The old API's address; it follows the new one's where only that is moved."""
        if self.dingtalk_oapi_endpoint:
            return self.dingtalk_oapi_endpoint
        return OAPI if self.dingtalk_openapi_endpoint == OPENAPI else self.dingtalk_openapi_endpoint

    @property
    def file_hosts(self) -> tuple[str, ...]:
        """Hosts beside DingTalk's own that its files may lie on: those of a DingTalk in one's own data centre."""
        return tuple(one.strip().lower().strip(".") for one in self.dingtalk_file_hosts.split(",") if one.strip(" ."))

    def template(self, name: str) -> str:
        """Give the card template's id for a logical name, or nothing: text mode."""
        return {
            "form": self.dingtalk_card_form,
            "notice": self.dingtalk_card_notice,
            "report": self.dingtalk_card_report,
        }[name]

    def listen(self) -> tuple[str, int]:
        """Give host and port of the robot's own web."""
        host, _, port = self.dinghr_listen.rpartition(":")
        return host.strip("[]"), int(port)


def _from_toml(path: Path, known: set[str]) -> dict[str, Any]:
    """Read the TOML file; a name that is no setting is a slip of the pen, and said so."""
    try:
        told = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        msg = f"DINGHR_CONFIG: cannot read {path}: {error.strerror}"
        raise SettingsError(msg) from error
    except ValueError as error:
        msg = f"DINGHR_CONFIG: {path} is not TOML: {error}"
        raise SettingsError(msg) from error
    if strange := sorted(set(told) - known):
        names = ", ".join(strange)
        msg = f"DINGHR_CONFIG: {path}: no setting is called {names}; .env.example lists them, here in lower case"
        raise SettingsError(msg)
    return told


def read_settings(**given: Any) -> Settings:
    """Read everything at once; raises `SettingsError` with one line for each problem.

    A secret may come from a file: `DINGTALK_CLIENT_SECRET_FILE` names it.
    """
    problems: list[str] = []
    secret_file = os.environ.get("DINGTALK_CLIENT_SECRET_FILE")
    if secret_file and "dingtalk_client_secret" not in given and not os.environ.get("DINGTALK_CLIENT_SECRET"):
        try:
            given["dingtalk_client_secret"] = Path(secret_file).read_text("utf-8").strip()
        except OSError as error:
            problems.append(f"DINGTALK_CLIENT_SECRET_FILE: cannot read {secret_file}: {error.strerror}")
        except UnicodeDecodeError:
            problems.append(f"DINGTALK_CLIENT_SECRET_FILE: {secret_file} is not a text file")
    file_told = bool(problems)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        for problem in error.errors():
            name = str(problem["loc"][0]).upper() if problem["loc"] else ""
            if name == "DINGTALK_CLIENT_SECRET" and file_told:
                continue  # Its file was named, and why it can't be read.
            text = problem["msg"].removeprefix("Value error, ")
            if problem["type"] == "missing":
                text = "is not set; see .env.example for where to find it"
            problems.append(f"{name}: {text}" if name else text)
        raise SettingsError("\n".join(problems)) from error
    if problems:
        raise SettingsError("\n".join(problems))
    if not settings.dingtalk_client_secret.get_secret_value():
        raise SettingsError("DINGTALK_CLIENT_SECRET: is empty; see .env.example for where to find it")
    return settings
