"""The whole product in one process: the sandbox on its sockets, the robot on the real protocol, people with phones."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from sqlmodel import select

from bot.app import Robot
from bot.outbox import OutboxRow
from bot.settings import Settings, read_settings
from hr_core.audit.store import OPERATOR, AuditRow
from hr_core.clock import company_day
from hr_core.leave.service import LeaveService
from hr_core.people.store import PeopleStore
from hr_core.permission.access import Access
from hr_core.permission.matrix import Role
from hr_core.permission.store import RoleGrantRow, RoleStore
from sandbox.company import HR_GROUP, tiny
from sandbox.server import Running, serving
from sandbox.world import Card, Message, Outcome, World

PATIENCE = 20.0
Mode = Literal["cards", "text"]
TEMPLATES = {
    "dingtalk_card_form": "dinghr-form.schema",
    "dingtalk_card_notice": "dinghr-notice.schema",
    "dingtalk_card_report": "dinghr-report.schema",
}


@dataclass
class Phone:
    """One person's phone."""

    office: "Office"
    userid: str
    seen: int = 0
    taken: set[str] = field(default_factory=set)

    @property
    def world(self) -> World:
        """The sandbox's state."""
        return self.office.sandbox.world

    @property
    def chat(self) -> str:
        """The private chat with the robot."""
        return self.world.chats.with_robot(self.userid).id

    def messages(self, conversation: str | None = None) -> list[Message]:
        """What the robot has said in a conversation so far."""
        found = self.world.chats.conversations[conversation or self.chat].messages
        return [message for message in found if message.from_robot and message.visible_to(self.userid)]

    async def says(self, text: str, conversation: str | None = None) -> None:
        """Type and send."""
        self.seen = len(self.messages())
        await self.world.say(self.userid, conversation or self.chat, text)

    async def asks(self, text: str) -> str:
        """Type, send, and read the next answer."""
        await self.says(text)
        return await self.reads()

    async def reads(self) -> str:
        """Read the next words the robot says in private."""
        message = await self.office.until(
            lambda: next(iter(self.messages()[self.seen :]), None), f"{self.userid} hears"
        )
        self.seen = self.messages().index(message) + 1
        if message.kind == "card":
            return json.dumps(self.world.cards.cards[message.content["out_track_id"]].data, ensure_ascii=False)
        return str(message.content["text"])

    async def receives(self, template: str, *, about: str = "") -> Card:
        """Wait for a card that hasn't been taken up yet."""

        def find() -> Card | None:
            for message in self.messages():
                if message.kind == "card" and message.content["out_track_id"] not in self.taken:
                    card = self.world.cards.cards[message.content["out_track_id"]]
                    if card.template.name == template and about in json.dumps(card.data, ensure_ascii=False):
                        return card
            return None

        card: Card = await self.office.until(find, f"{self.userid} receives a {template} card about {about!r}")
        self.taken.add(card.out_track_id)
        return card

    def sees(self, card: Card) -> dict[str, Any]:
        """What this phone shows of a card."""
        return card.view(self.userid)

    async def submits(self, card: Card, **changes: Any) -> Outcome:
        """Send a form as it stands, with some fields changed."""
        fields = self.sees(card)["form"]["fields"]
        values = {item["name"]: item.get("defaultValue") for item in fields if item.get("defaultValue") is not None}
        for name, value in changes.items():
            item = next(item for item in fields if item["name"] == name)
            if "options" in item:
                index = [option["value"] for option in item["options"]].index(value)
                value = {"index": index, "value": value}
            values[name] = value
        return await self.world.click(self.userid, card.out_track_id, "form", {"form": values})

    async def clicks(self, card: Card, text: str, comment: str | None = None) -> Outcome:
        """Tap a button by its text."""
        button = next(b for b in self.sees(card)["buttons"] if b["text"] == text)
        return await self.world.press(self.userid, card.out_track_id, button["id"], comment)

    async def forges(self, card: Card, action: str, *, ref: str = "", form: dict[str, Any] | None = None) -> str:
        """Send a callback that no phone would have made, and read what came back."""
        params: dict[str, Any] = {"form": form} if form is not None else {"action": action, "ref": ref}
        outcome = await self.world.click(self.userid, card.out_track_id, "form" if form is not None else "x", params)
        assert outcome.ok, outcome.reason
        return json.dumps(outcome.response, ensure_ascii=False)

    async def sees_status(self, card: Card, status: str) -> None:
        """Wait until this phone shows a status on a card."""
        await self.office.until(
            lambda: self.sees(card).get("status") == status or None, f"{self.userid} sees {status} on the card"
        )


@dataclass
class Office:
    """A company with its robot."""

    sandbox: Running
    robot: Robot
    phones: dict[str, Phone] = field(default_factory=dict)

    def __getattr__(self, userid: str) -> Phone:
        """Pick up somebody's phone."""
        if userid.startswith("_"):
            raise AttributeError(userid)
        return self.phones.setdefault(userid, Phone(self, userid))

    async def until(self, find: Callable[[], Any], what: str) -> Any:
        """Wait for something to become true, woken by whatever happens in the sandbox."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while True:
            found = find()
            if found is not None:
                return found
            if loop.time() > deadline:
                raise AssertionError(f"not within {PATIENCE} s: {what}")
            await asyncio.sleep(0.02)

    async def quiet(self) -> None:
        """Wait until the robot has nothing left to send."""

        async def left() -> bool:
            async with self.robot.database.read() as session:
                waiting = select(OutboxRow).where(OutboxRow.status.in_(["new", "sending"]))  # type: ignore[attr-defined]
                return (await session.exec(waiting)).first() is not None

        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while await left():
            assert loop.time() < deadline, "the outbox is not empty"
            await asyncio.sleep(0.02)

    async def comes_up(self) -> None:
        """Wait until the robot is connected and has read everybody."""
        async with asyncio.timeout(PATIENCE):
            await self.robot.settled()
            await self.robot.stream.connected.wait()

    async def makes_hr(self, *userids: str) -> None:
        """Grant the role as `dinghr role grant` does."""
        await self._grant(Role.HR, userids)

    async def makes_payroll(self, *userids: str) -> None:
        """The same for payroll."""
        await self._grant(Role.PAYROLL, userids)

    async def left(self, userid: str) -> None:
        """Wait until the robot knows that somebody has left."""
        number, deadline = await self.employee(userid), asyncio.get_running_loop().time() + PATIENCE
        while True:
            async with self.robot.database.read() as session:
                access: Access = (await self.robot.workplace.services(session))[Access]  # type: ignore[assignment]
            if number not in access.directory.people:
                return
            assert asyncio.get_running_loop().time() < deadline, f"{userid} hasn't left"
            await asyncio.sleep(0.02)

    async def _grant(self, role: Role, userids: Sequence[str]) -> None:
        async with self.robot.database.transaction() as session:
            people = await PeopleStore(session).employees_by_key(userids)
            for row in people.values():
                grant = RoleGrantRow(
                    employee_id=row.id or 0,
                    role=role.value,
                    granted_at=self.robot.workplace.clock.now(),
                    granted_by=OPERATOR,
                )
                await RoleStore(session).add(grant)

    async def moves_clock(self, to: datetime) -> None:
        """Move the page's clock, and wait until the robot goes by it."""
        self.sandbox.clock.set(to)
        await self.until(
            lambda: abs(self.robot.workplace.clock.now() - to) < timedelta(seconds=30) or None,
            "the robot's clock follows",
        )

    async def employee(self, userid: str) -> int:
        """Somebody's number in the HR core."""
        async with self.robot.database.read() as session:
            return (await PeopleStore(session).employees_by_key([userid]))[userid].id or 0

    async def available(self, userid: str) -> str:
        """What is left of somebody's annual leave."""
        async with self.robot.database.read() as session:
            services = await self.robot.workplace.services(session)
            leave: LeaveService = services[LeaveService]  # type: ignore[assignment]
            person = (await PeopleStore(session).employees_by_key([userid]))[userid].id or 0
            return str((await leave.entitlement(person, person)).balance.available.normalize())

    async def audited(self, actor: str, outcome: str = "refused") -> list[str]:
        """What the audit log has on somebody."""
        async with self.robot.database.read() as session:
            rows = select(AuditRow).where(AuditRow.actor == actor, AuditRow.outcome == outcome)
            return [row.action for row in await session.exec(rows)]

    def group(self, conversation: str = HR_GROUP) -> list[str]:
        """What the robot has said in a group."""
        found = self.sandbox.world.chats.conversations[conversation].messages
        return [str(m.content["text"]) for m in found if m.from_robot]


def settings_for(sandbox: Running, home: Path, mode: Mode, **more: Any) -> Settings:
    """The robot's settings: it knows the sandbox by its endpoint, client id and secret, like the real DingTalk."""
    return read_settings(
        dingtalk_client_id=sandbox.client_id,
        dingtalk_client_secret=sandbox.client_secret,
        dingtalk_openapi_endpoint=sandbox.url,
        dingtalk_oapi_endpoint=sandbox.url,
        dinghr_home=home,
        dinghr_listen="127.0.0.1:0",
        dinghr_clock_url=f"{sandbox.url}/sandbox/clock",
        **(TEMPLATES if mode == "cards" else dict.fromkeys(TEMPLATES, "")),
        **more,
    )


@asynccontextmanager
async def opened(home: Path, mode: Mode = "cards", **more: Any) -> AsyncIterator[Office]:
    """Open an office: everybody read, Li in HR, the HR group bound."""
    async with serving(World(tiny(), seed=7)) as sandbox:
        settings = settings_for(sandbox, home, mode, dinghr_hr_group=HR_GROUP, **more)
        async with Robot(settings) as robot:
            office = Office(sandbox, robot)
            await office.comes_up()
            await office.makes_hr("li")
            yield office


def today(office: Office) -> str:
    """The company's day, as ISO."""
    return company_day(office.robot.workplace.clock.now()).isoformat()
