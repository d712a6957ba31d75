"""`python -m benchmarks.sandbox`: how large a company the sandbox serves, and how many frames a second it pushes."""

import argparse
import asyncio
import contextlib
import json
import sys
import time
from typing import Any

import aiohttp

from benchmarks.process import Subject

ROBOT = "/v1.0/im/bot/messages/get"
SECRET = "sandbox-secret-for-laptops-only"


async def acknowledge(http: aiohttp.ClientSession, counts: dict[str, int], connected: asyncio.Event) -> None:
    """Be a robot that only acknowledges."""
    body = {
        "clientId": "dingsandbox", "clientSecret": SECRET, "subscriptions": [{"type": "CALLBACK", "topic": ROBOT}],
    }  # fmt: skip
    async with http.post("/v1.0/gateway/connections/open", json=body) as response:
        told = await response.json()
    async with http.ws_connect(told["endpoint"], params={"ticket": told["ticket"]}) as socket:
        connected.set()
        async for message in socket:
            frame = json.loads(message.data)
            ack = {"code": 200, "message": "OK", "headers": {"messageId": frame["headers"]["messageId"]}, "data": "{}"}
            await socket.send_str(json.dumps(ack))
            counts["frames"] += 1


async def look_ups(http: aiohttp.ClientSession) -> dict[str, float]:
    """Time some calls of the address book, in ms, one after the other and the slowest of five."""
    async with http.post("/v1.0/oauth2/accessToken", json={"appKey": "dingsandbox", "appSecret": SECRET}) as response:
        token = (await response.json())["accessToken"]
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "user/get": ("/topapi/v2/user/get", {"userid": "lin"}),
        "user/list": ("/topapi/v2/user/list", {"dept_id": 10_002, "cursor": 0, "size": 100}),
        "user/getbymobile": ("/topapi/v2/user/getbymobile", {"mobile": "13900000003"}),
        "department/get of the root": ("/topapi/v2/department/get", {"dept_id": 1}),
        "department/listsub of the root": ("/topapi/v2/department/listsub", {"dept_id": 1}),
    }
    slowest: dict[str, float] = {}
    for name, (path, fields) in calls.items():
        for _ in range(5):
            begun = time.perf_counter()
            async with http.post(path, params={"access_token": token}, json=fields) as response:
                await response.read()
            slowest[name] = max(slowest.get(name, 0.0), (time.perf_counter() - begun) * 1000)
    return {name: round(one, 1) for name, one in slowest.items()}


async def measure(people: int, count: int, rate: float) -> dict[str, Any]:
    """Start a sandbox, look people up, let them speak; give the figures."""
    command = ["-m", "sandbox", "--listen", "127.0.0.1:0", "--people", str(people), "--no-page-open"]
    begun = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        told = json.loads(await process.stdout.readline())
        figures: dict[str, Any] = {"people": people, "start_seconds": round(time.perf_counter() - begun, 1)}
        subject = Subject(process, log=None)
        figures["memory_mib"] = round(subject.memory_mib())
        counts = {"frames": 0}
        async with aiohttp.ClientSession(told["url"]) as http:
            figures["look_ups_ms"] = await look_ups(http)
            connected = asyncio.Event()
            robot = asyncio.create_task(acknowledge(http, counts, connected))
            await connected.wait()
            cpu = subject.cpu_seconds()
            body = {"count": count, "per_second": rate}
            async with http.post("/sandbox/bursts", json=body, timeout=aiohttp.ClientTimeout(600)) as response:
                figures["burst"] = await response.json()
            figures["burst"]["cpu_seconds"] = round(subject.cpu_seconds() - cpu, 1)
            figures["memory_after_mib"] = round(subject.memory_mib())
            robot.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await robot
        return figures
    finally:
        process.terminate()
        await process.wait()


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sandbox", description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--frames", type=int, default=60_000)
    parser.add_argument("--rate", type=float, default=2_000, help="frames a second")
    told = parser.parse_args()
    print(json.dumps(asyncio.run(measure(told.people, told.frames, told.rate)), ensure_ascii=False, indent=2))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
