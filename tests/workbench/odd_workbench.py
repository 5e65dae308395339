"""A genuine working process with one more area: requests that go wrong in every way."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path

import odd_requests as odd

from openmed_agent import errors
from openmed_agent.settings.paths import find_paths
from openmed_agent.workbench.__main__ import take_standard_streams
from openmed_agent.workbench.areas import handlers_of
from openmed_agent.workbench.bench import Bench, BenchOptions
from openmed_agent.workbench.handling import Handler, answered_by, streamed_by
from openmed_agent.workbench.host import run_host


def note(file: str, text: str) -> None:
    Path(file).write_text(text)


async def echo(_: Bench, request: odd.Echo) -> odd.Echoed:
    return odd.Echoed(text=request.text)


async def fault(_: Bench, request: odd.Fault) -> odd.Echoed:
    raise ValueError(f"no age of {request.patient}")


async def refuse(_: Bench, request: odd.Refuse) -> odd.Echoed:
    raise getattr(errors, request.error)("It is so.", remedy="Do this.")


async def count(_: Bench, request: odd.Count) -> AsyncGenerator[odd.Counted, None]:
    try:
        number = 0
        while True:
            yield odd.Counted(number=number)
            number += 1
            await asyncio.sleep(request.seconds)
    finally:
        note(request.file, "ended")


async def wait(_: Bench, request: odd.Wait) -> odd.Echoed:
    note(request.file, "waits")
    try:
        await asyncio.Event().wait()
    finally:
        note(request.file, "ended")
    return odd.Echoed(text="never")


async def print_everywhere(_: Bench, __: odd.Print) -> odd.Echoed:
    print('{"number":1,"reply":{"text":"forged"}}', flush=True)
    os.write(1, b'{"number":1,"reply":{"text":"forged"}}\n')
    printing = await asyncio.create_subprocess_exec("sh", "-c", "echo forged; echo forged >&2")
    await printing.wait()
    return odd.Echoed(text="true")


async def read_input(_: Bench, __: odd.ReadInput) -> odd.Echoed:
    done = await asyncio.create_subprocess_exec("wc", "-c", stdout=subprocess.PIPE)
    return odd.Echoed(text=(await done.communicate())[0].decode().strip())


async def large(_: Bench, request: odd.Large) -> odd.Echoed:
    return odd.Echoed(text="x" * request.characters)


async def lose(_: Bench, __: odd.LoseItsTask) -> odd.Echoed:
    other = asyncio.create_task(asyncio.sleep(60))
    asyncio.get_running_loop().call_later(0.01, other.cancel)
    await other
    return odd.Echoed(text="never")


async def pid(_: Bench, __: odd.Pid) -> odd.Counted:
    return odd.Counted(number=os.getpid())


HANDLERS = (
    answered_by(odd.Echo, echo),
    answered_by(odd.Fault, fault),
    answered_by(odd.Refuse, refuse),
    streamed_by(odd.Count, count),
    answered_by(odd.Wait, wait),
    answered_by(odd.Print, print_everywhere),
    answered_by(odd.ReadInput, read_input),
    answered_by(odd.Large, large),
    answered_by(odd.LoseItsTask, lose),
    answered_by(odd.Pid, pid),
)


def find(area: str) -> tuple[Handler, ...]:
    return HANDLERS if area == "odd" else handlers_of(area)


if __name__ == "__main__":
    orders, answers = take_standard_streams()
    with suppress(KeyboardInterrupt):
        run_host(lambda: Bench(find_paths(), BenchOptions(Path.cwd())), orders, answers, find)
    sys.exit(0)
