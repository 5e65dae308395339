"""The working process: refusals, faults, cancelling, its end and its new start."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path

import odd_requests as odd
import pytest
from terminal_driver import is_running

from openmed_agent import errors
from openmed_agent.workbench.client import Workbench
from openmed_agent.workbench.wire import LONGEST_LINE, Done


async def eventually(true: Callable[[], bool], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it waits for files and processes, which set no event
            await asyncio.sleep(0.02)


async def pid_of(workbench: Workbench) -> int:
    return (await workbench.ask(odd.Pid(), odd.Counted)).number


@pytest.mark.parametrize(
    "kind",
    ["CheckFailedError", "InputError", "NotPermittedError", "UnavailableError", "StoreError", "LimitReachedError"],
)
async def test_a_refusal_is_raised_as_the_error_that_it_was(odd_bench: Workbench, kind: str) -> None:
    expected: type[errors.OpenMedError] = getattr(errors, kind)
    with pytest.raises(expected) as caught:
        await odd_bench.ask(odd.Refuse(error=kind), odd.Echoed)
    assert (caught.value.message, caught.value.remedy) == ("It is so.", "Do this.")


async def test_a_fault_is_told_by_kind_and_place_and_other_orders_go_on(odd_bench: Workbench, tmp_path: Path) -> None:
    waits = tmp_path / "waits"
    other = asyncio.create_task(odd_bench.ask(odd.Wait(file=str(waits)), odd.Echoed))
    await eventually(waits.exists)
    with pytest.raises(errors.OpenMedError) as caught:
        await odd_bench.ask(odd.Fault(patient="Zebulon Quackenbush"), odd.Echoed)
    assert "Zebulon" not in str(caught.value)
    assert "ValueError at odd_workbench.py:" in str(caught.value)
    assert not other.done()
    assert (await odd_bench.ask(odd.Echo(text="on"), odd.Echoed)).text == "on"
    other.cancel()


async def test_what_nobody_answers_is_refused(odd_bench: Workbench) -> None:
    for request in (odd.Unanswered(), odd.NoSuchArea()):
        with pytest.raises(errors.UnavailableError, match="not understood"):
            await odd_bench.ask(request, Done)


async def test_a_reply_of_another_kind_is_an_error_and_no_empty_success(odd_bench: Workbench) -> None:
    with pytest.raises(errors.UnavailableError, match="something else"):
        await odd_bench.ask(odd.Echo(text="x"), odd.Unlike)


async def test_work_whose_own_task_is_cancelled_elsewhere_is_told_and_not_waited_for(odd_bench: Workbench) -> None:
    async with asyncio.timeout(10):
        with pytest.raises(errors.OpenMedError, match="CancelledError"):
            await odd_bench.ask(odd.LoseItsTask(), odd.Echoed)


async def test_cancelling_an_ask_ends_the_work(odd_bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "state"
    asked = asyncio.create_task(odd_bench.ask(odd.Wait(file=str(file)), odd.Echoed))
    await eventually(lambda: file.exists() and file.read_text() == "waits")
    asked.cancel()
    await eventually(lambda: file.read_text() == "ended")
    assert (await odd_bench.ask(odd.Echo(text="on"), odd.Echoed)).text == "on"


async def test_closing_a_stream_ends_the_work(odd_bench: Workbench, tmp_path: Path) -> None:
    file = tmp_path / "state"
    async with aclosing(odd_bench.follow(odd.Count(file=str(file)), odd.Counted)) as numbers:
        async for one in numbers:
            if one.number == 3:
                break
    await eventually(file.exists)


async def test_streams_and_answers_keep_apart(odd_bench: Workbench, tmp_path: Path) -> None:
    async def count(name: str) -> list[int]:
        seen: list[int] = []
        async with aclosing(odd_bench.follow(odd.Count(file=str(tmp_path / name)), odd.Counted)) as numbers:
            async for one in numbers:
                seen.append(one.number)
                if len(seen) == 20:
                    break
        return seen

    async def echo(text: str) -> str:
        return (await odd_bench.ask(odd.Echo(text=text), odd.Echoed)).text

    texts = [f"text {number}" for number in range(40)]
    counted, *echoed = await asyncio.gather(count("one"), count("two"), *(echo(text) for text in texts))
    assert counted == echoed[0] == list(range(20))
    assert echoed[1:] == texts


async def test_what_a_library_prints_never_reaches_the_wire(odd_bench: Workbench) -> None:
    assert (await odd_bench.ask(odd.Print(), odd.Echoed)).text == "true"
    assert (await odd_bench.ask(odd.Echo(text="on"), odd.Echoed)).text == "on"


async def test_what_a_library_starts_cannot_read_the_wire(odd_bench: Workbench) -> None:
    read = asyncio.create_task(odd_bench.ask(odd.ReadInput(), odd.Echoed))
    echoes = [await odd_bench.ask(odd.Echo(text=str(number)), odd.Echoed) for number in range(20)]
    assert [one.text for one in echoes] == [str(number) for number in range(20)]
    async with asyncio.timeout(10):
        assert (await read).text == "0"


async def test_a_large_answer_arrives_and_one_too_large_is_refused(odd_bench: Workbench) -> None:
    assert len((await odd_bench.ask(odd.Large(characters=5_000_000), odd.Echoed)).text) == 5_000_000
    before = await pid_of(odd_bench)
    with pytest.raises(errors.InputError, match="64 MB"):
        await odd_bench.ask(odd.Large(characters=LONGEST_LINE), odd.Echoed)
    with pytest.raises(errors.InputError, match="64 MB"):
        await odd_bench.ask(odd.Echo(text="x" * LONGEST_LINE), odd.Echoed)
    assert await pid_of(odd_bench) == before


async def test_its_death_ends_every_wait_with_a_sentence_and_the_next_ask_starts_it_anew(
    odd_bench: Workbench, tmp_path: Path
) -> None:
    pid = await pid_of(odd_bench)
    files = [tmp_path / str(number) for number in range(5)]
    waiting = [asyncio.create_task(odd_bench.ask(odd.Wait(file=str(file)), odd.Echoed)) for file in files]

    async def follow() -> None:
        async with aclosing(odd_bench.follow(odd.Count(file=str(tmp_path / "count")), odd.Counted)) as numbers:
            async for _ in numbers:
                pass

    waiting.append(asyncio.create_task(follow()))  # type: ignore[arg-type]
    await eventually(lambda: all(file.exists() for file in files))
    os.kill(pid, signal.SIGKILL)
    async with asyncio.timeout(10):
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(one) for one in ended} == {errors.UnavailableError}
    assert {str(one) for one in ended} == {
        "The working process ended unexpectedly. What was acknowledged is kept. Try again: it starts anew."
    }
    assert not odd_bench.running
    assert await pid_of(odd_bench) != pid


async def test_deaths_one_after_the_other_mix_up_no_answers(odd_bench: Workbench) -> None:
    """A new process may start while the end of the old one is still being dealt with."""
    for _ in range(4):
        os.kill(await pid_of(odd_bench), signal.SIGKILL)
        answers = await asyncio.gather(
            *(odd_bench.ask(odd.Echo(text=str(number)), odd.Echoed) for number in range(8)), return_exceptions=True
        )
        for number, answer in enumerate(answers):
            assert isinstance(answer, errors.UnavailableError) or answer == odd.Echoed(text=str(number))
        assert (await odd_bench.ask(odd.Echo(text="on"), odd.Echoed)).text == "on"


async def test_closing_ends_the_process_and_what_runs_in_it(odd_bench: Workbench, tmp_path: Path) -> None:
    pid, file = await pid_of(odd_bench), tmp_path / "state"
    asked = asyncio.create_task(odd_bench.ask(odd.Wait(file=str(file)), odd.Echoed))
    await eventually(file.exists)
    await odd_bench.close()
    assert not is_running(pid)
    assert file.read_text() == "ended"
    with pytest.raises(errors.UnavailableError):
        await asked


async def test_a_process_that_does_not_start_is_a_sentence(tmp_path: Path) -> None:
    workbench = Workbench((str(tmp_path / "nothing"),))
    with pytest.raises(errors.UnavailableError, match="cannot be started"):
        await workbench.ask(odd.Pid(), odd.Counted)
    await workbench.close()


async def test_one_that_talks_nonsense_is_ended(tmp_path: Path) -> None:
    script = tmp_path / "nonsense.sh"
    script.write_text("read line; echo 'Warning: nonsense'; exec sleep 60")
    workbench = Workbench(("sh", str(script)))
    async with asyncio.timeout(10):
        with pytest.raises(errors.UnavailableError, match="ended unexpectedly"):
            await workbench.ask(odd.Pid(), odd.Counted)
    assert not workbench.running
    await workbench.close()
