"""Where robots are born: one process imports `dinghr` once, and forks a robot for every request.

A child sets its environment and its standard error, then enters `dinghr run` as the command line does. Loading the
code takes most of a start; a fork skips it, and is the same robot otherwise. Requests come as JSON lines on standard
input; births and deaths go out as JSON lines on standard output.
"""

import json
import os
import select
import signal
import sys
from typing import NoReturn

from bot.cli import main
from hr_core import failpoints


def _be_a_robot(request: dict[str, object]) -> NoReturn:
    environment: dict[str, str] = request["environment"]  # type: ignore[assignment]
    os.environ.clear()
    os.environ.update(environment)
    failpoints._armed = failpoints._read(environment.get("DINGHR_FAIL_POINT", ""))  # Read at import, long ago.
    log = os.open(str(request["log"]), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number, file in ((0, nothing), (1, nothing), (2, log)):
        os.dup2(file, number)
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.argv = ["dinghr", "run"]
    code: int | str | None = 1
    try:
        main()
        code = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def _tell(**news: object) -> None:
    os.write(1, (json.dumps(news) + "\n").encode())


def _bury() -> None:
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell(ended=pid, code=os.waitstatus_to_exitcode(status))


def run() -> None:
    """Fork on request until standard input ends; then take the children along."""
    woken, wake = os.pipe()
    os.set_blocking(woken, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    alive: set[int] = set()
    rest = b""
    _tell(ready=os.getpid())
    while True:
        readable, _, _ = select.select([0, woken], [], [])
        if woken in readable:
            os.read(woken, 4096)
            _bury()
        if 0 not in readable:
            continue
        came = os.read(0, 65536)
        if not came:
            break
        *lines, rest = (rest + came).split(b"\n")
        for line in lines:
            request = json.loads(line)
            pid = os.fork()
            if not pid:
                os.close(woken)
                _be_a_robot(request)
            alive.add(pid)
            _tell(born=pid, name=request["name"])
    for pid in alive:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == 0:
                os.kill(pid, signal.SIGKILL)
        except (ChildProcessError, ProcessLookupError):
            continue


if __name__ == "__main__":
    run()
