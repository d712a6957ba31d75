"""DingTalk as one object, put together once."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

from hr_core.clock import Clock

from .attendance import AttendanceGroups, AttendanceGroupsApi
from .cards import Cards, CardsApi
from .contacts import Contacts, ContactsApi
from .files import Files, FilesApi
from .media import Media, MediaApi
from .probe import Probe
from .robot import Robot, RobotApi
from .roster import Roster, RosterApi
from .staff import Staff, StaffApi
from .transport import Limits, OnCall, Transport


class DingTalk:
    """The calls we make, one attribute per API family. Use it as an async context manager."""

    robot: Robot
    cards: Cards
    contacts: Contacts
    files: Files
    media: Media
    roster: Roster
    staff: Staff
    attendance: AttendanceGroups
    probe: Probe

    def __init__(
        self,
        *,
        openapi_endpoint: str,
        oapi_endpoint: str,
        client_id: str,
        client_secret: str,
        robot_code: str = "",
        agent_id: int = 0,
        operator: str = "",
        clock: Clock,
        limits: Limits | None = None,
        on_call: OnCall | None = None,
        sharers: Callable[[], int] = lambda: 1,
        file_hosts: Sequence[str] = (),
    ) -> None:
        self._transport = Transport(
            openapi_endpoint=openapi_endpoint,
            oapi_endpoint=oapi_endpoint,
            client_id=client_id,
            client_secret=client_secret,
            clock=clock,
            limits=limits,
            on_call=on_call,
            sharers=sharers,
        )
        robot_code = robot_code or client_id  # equal for a company's own app
        self.robot = RobotApi(self._transport, robot_code)
        self.cards = CardsApi(self._transport, robot_code)
        self.contacts = ContactsApi(self._transport)
        self.files = FilesApi(self._transport, robot_code, file_hosts)
        self.media = MediaApi(self._transport)
        self.roster = RosterApi(self._transport, agent_id)
        self.staff = StaffApi(self._transport, agent_id)
        self.attendance = AttendanceGroupsApi(self._transport, operator)
        self.probe = Probe(self._transport, self.contacts)

    def is_our_host(self, url: str) -> bool:
        """Tell whether a URL leads to a configured endpoint; a session webhook elsewhere must not be called."""
        return self._transport.is_our_host(url)

    async def __aenter__(self) -> Self:
        """Open the session."""
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        await self._transport.__aexit__(kind, error, trace)
