"""What the official typed client knows: each call's method, path and field names, read from its source."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sandbox.operation import Operation

_CALL = re.compile(r"\n    async def (\w+?)with_options_async\((.*?)\n    def ", re.DOTALL)
_PATH = re.compile(r"pathname=f'([^']*)',\s+method='(\w+)'")
_REQUEST = re.compile(r"(?:request|tmp_req): [\w.]+\.(\w+)")
_HEADERS = re.compile(r"headers: [\w.]+\.(\w+Headers)")
_NAMES = re.compile(r"(body|query|real_headers)\['([^']+)'\] = ")
_PLACES = {"body": "body", "query": "query", "real_headers": "header"}
_TOKEN = "x-acs-dingtalk-access-token"
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class ClientCall:
    """One call of the client. `request` and `headers` are its models' names, empty where it has none."""

    module: str
    function: str
    method: str
    path: str
    request: str
    headers: str
    places: Mapping[str, str]
    """Each field's place: `body`, `query` or `header`."""

    def fits(self, operation: Operation) -> dict[str, str] | None:
        """Give the path's variables and what stands in their place in the operation's path; None if it's another."""
        ours, theirs = operation.path.split("/"), self.path.split("/")
        if operation.method != self.method or len(ours) != len(theirs):
            return None
        filled: dict[str, str] = {}
        for our, their in zip(ours, theirs, strict=True):
            if variable := _VARIABLE.fullmatch(their):
                filled[variable[1]] = our
            elif our != their:
                return None
        return filled


def client_call(operation: Operation) -> ClientCall | None:
    """Give the client's call for an operation, the most literal path first."""
    fitting = [one for one in _calls() if one.fits(operation) is not None]
    return min(fitting, key=lambda one: (one.path.count("{"), one.module), default=None)


@cache
def _calls() -> tuple[ClientCall, ...]:
    spec = find_spec("alibabacloud_dingtalk")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return tuple(_read(Path(spec.submodule_search_locations[0])))


def _read(package: Path) -> Iterator[ClientCall]:
    for source in sorted(package.glob("*/client.py")):
        for name, text in _CALL.findall(source.read_text(encoding="utf-8")):
            path = _PATH.search(text)
            assert path is not None, (source, name)
            request, headers = _REQUEST.search(text), _HEADERS.search(text)
            yield ClientCall(
                source.parent.name, f"{name}with_options_async", path[2], path[1],
                request[1] if request else "", headers[1] if headers else "",
                {field: _PLACES[place] for place, field in _NAMES.findall(text) if field != _TOKEN},
            )  # fmt: skip
