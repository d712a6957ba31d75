"""What a doctor asks DingTalk: each probe passes silently or raises the typed error that names what is wrong."""

from collections.abc import Iterable
from secrets import token_hex

from .cards import CREATE
from .contacts import Contacts, DataScope
from .transport import Transport


class Probe:
    """Small calls whose failure tells an operator what to set right."""

    def __init__(self, transport: Transport, contacts: Contacts) -> None:
        self._transport = transport
        self._contacts = contacts

    async def credentials(self) -> None:
        """Fetch a token."""
        await self._transport.renew_token()

    async def gateway(self, subscriptions: Iterable[tuple[str, str]] = (("EVENT", "*"),)) -> str:
        """Ask for a stream connection, without making it; give the address it would go to."""
        return (await self._transport.open_gateway(subscriptions)).endpoint

    async def data_scope(self) -> DataScope:
        """Ask whom the app may see."""
        return await self._contacts.data_scope()

    async def template(self, template_id: str) -> None:
        """Create a card that nobody gets, which fails if the template is missing or unpublished. Costs one call."""
        body = {
            "cardTemplateId": template_id,
            "outTrackId": f"probe-{token_hex(12)}",
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": {"title": "dinghr"}},
            "imRobotOpenSpaceModel": {"supportForward": False},
        }
        await self._transport.call(CREATE, body)
