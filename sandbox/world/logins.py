"""People who log in: the codes they get for the app, and the tokens the app gets for them (A/0019, A/0024, A/0032)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sandbox.world.clock import Clock
from sandbox.world.ids import Ids

CODE_SECONDS = 300
TOKEN_SECONDS = 7200
REFRESH_DAYS = 30

Way = Literal["browser", "in_app"]
"""Where a code came from: the login page (authCode), or `dd.requestAuthCode` inside DingTalk (免登码)."""


@dataclass(frozen=True, slots=True)
class LoginCode:
    """What a code stands for. `corp`: the person chose the company as well (scope `openid corpid`)."""

    userid: str
    way: Way
    ends: datetime
    corp: bool = False


class LoginCodes:
    """Codes that nobody used yet."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self.codes: dict[str, LoginCode] = {}

    def issue(self, userid: str, way: Way, *, corp: bool = False) -> str:
        """Give a code that is good once, for five minutes."""
        code, now = self._ids.secret(), self._clock.now()
        self.codes = {key: one for key, one in self.codes.items() if now < one.ends}
        self.codes[code] = LoginCode(userid, way, now + timedelta(seconds=CODE_SECONDS), corp)
        return code

    def redeem(self, code: str, way: Way) -> LoginCode | None:
        """Use a code up; None if it was used, is too old, is of the other way or was never given."""
        found = self.codes.get(code)
        if found is None or found.way != way:
            return None
        del self.codes[code]
        return found if self._clock.now() < found.ends else None


@dataclass(slots=True)
class UserToken:
    """What the app holds of a person who agreed."""

    userid: str
    token: str
    ends: datetime
    refresh_token: str
    refresh_ends: datetime
    corp: bool


class UserTokens:
    """People's access tokens, one a person. Within its 7200 seconds the same one is given again and extended."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self.people: dict[str, UserToken] = {}

    def issue(self, userid: str, *, corp: bool = False) -> UserToken:
        """Give a person's token, and a refresh token for 30 days."""
        now, held = self._clock.now(), self.people.get(userid)
        token = held.token if held is not None and now < held.ends else self._ids.secret()
        refresh = held.refresh_token if held is not None and now < held.refresh_ends else self._ids.secret()
        self.people[userid] = UserToken(
            userid, token, now + timedelta(seconds=TOKEN_SECONDS), refresh, now + timedelta(days=REFRESH_DAYS), corp
        )
        return self.people[userid]

    def refresh(self, refresh_token: str) -> UserToken | None:
        """Give a person's token for the refresh token; None if that is unknown or too old."""
        for held in self.people.values():
            if held.refresh_token == refresh_token and self._clock.now() < held.refresh_ends:
                return self.issue(held.userid, corp=held.corp)
        return None

    def userid(self, token: str) -> str | None:
        """Give the person a token stands for; None when it isn't one or has run out."""
        now = self._clock.now()
        return next((one.userid for one in self.people.values() if one.token == token and now < one.ends), None)
