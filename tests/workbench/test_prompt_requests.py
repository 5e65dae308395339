"""What the working process tells the prompt: files, skills, earlier prompts."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from openmed_agent.runtime.events import TurnStarted, write_event
from openmed_agent.settings.paths import find_paths
from openmed_agent.workbench.bench import Bench, BenchOptions
from openmed_agent.workbench.client import PROGRAM, Workbench
from openmed_agent.workbench.handlers.prompt import find_files, list_prompts, list_skill_names
from openmed_agent.workbench.requests.prompt import (
    EarlierPrompts,
    FindFiles,
    FoundFiles,
    ListPrompts,
    ListSkillNames,
    SkillNames,
)


@pytest.fixture
def charts(tmp_path: Path) -> Path:
    folder = tmp_path / "charts"
    (folder / "labs").mkdir(parents=True)
    for name in ("note.txt", "progress note.txt", "labs/panel.csv", ".hidden.txt", "id_rsa"):
        (folder / name).write_text("invented")
    (folder / ".openmed").mkdir()
    (folder / ".openmed" / "config.toml").write_text("")
    return folder


@pytest.fixture
async def bench(home: Path, charts: Path) -> AsyncIterator[Bench]:
    del home
    async with Bench(find_paths(), BenchOptions(charts)) as made:
        yield made


async def paths(bench: Bench, query: str = "", limit: int = 50) -> tuple[str, ...]:
    return (await find_files(bench, FindFiles(query=query, limit=limit))).paths


async def test_files_that_tools_may_read_the_least_deep_first(bench: Bench) -> None:
    assert await paths(bench) == ("note.txt", "progress note.txt", "labs/panel.csv")
    assert await paths(bench, "pan") == ("labs/panel.csv",)
    assert await paths(bench, "note") == ("note.txt", "progress note.txt")
    assert await paths(bench, "note", 1) == ("note.txt",)
    assert await paths(bench, "nothing of the kind") == ()


async def test_links_and_second_names_are_not_offered(bench: Bench, charts: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("invented")
    (charts / "link.txt").symlink_to(tmp_path / "outside.txt")
    (charts / "folder").symlink_to(tmp_path)
    os.link(tmp_path / "outside.txt", charts / "second.txt")
    found = await paths(bench)
    assert set(found) == {"note.txt", "progress note.txt", "labs/panel.csv"}


async def test_names_that_no_prompt_can_say_are_left_out_and_odd_ones_are_whole(bench: Bench, charts: Path) -> None:
    odd = "odd \x1b[31m\u202e.txt"
    (charts / odd).write_text("invented")
    (charts / "two\nlines.txt").write_text("invented")
    (charts / os.fsdecode(b"no text \xff.txt")).write_text("invented")
    found = await paths(bench)
    assert odd in found
    assert not any("\n" in path or "no text" in path for path in found)


def git(folder: Path, *arguments: str) -> None:
    command = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments)
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


async def test_what_git_ignores_is_left_out(bench: Bench, charts: Path) -> None:
    git(charts, "init", "-q")
    (charts / ".gitignore").write_text("build/\n*.tmp\n")
    (charts / "build").mkdir()
    (charts / "build" / "made.txt").write_text("invented")
    (charts / "left.tmp").write_text("invented")
    git(charts, "add", "note.txt")
    (charts / "link.txt").symlink_to("/etc/passwd")
    assert set(await paths(bench)) == {"note.txt", "progress note.txt", "labs/panel.csv"}


async def test_a_folder_that_an_outer_git_ignores_is_looked_at_all_the_same(tmp_path: Path, bench: Bench) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("*\n")
    assert set(await paths(bench)) == {"note.txt", "progress note.txt", "labs/panel.csv"}


async def test_git_runs_nothing_that_a_folder_asks_for(bench: Bench, charts: Path, tmp_path: Path) -> None:
    git(charts, "init", "-q")
    touched = tmp_path / "touched"
    script = tmp_path / "monitor"
    script.write_text(f"#!/bin/sh\ntouch {touched}\n")
    script.chmod(0o755)
    for name in ("core.fsmonitor", "core.pager", "core.sshCommand", "diff.external"):
        git(charts, "config", name, str(script))
    touched.unlink(missing_ok=True)  # git config itself may have asked the monitor
    assert "note.txt" in await paths(bench)
    assert not touched.exists()


async def test_the_programs_own_folders_are_never_offered(charts: Path, home: Path) -> None:
    async with Bench(find_paths(), BenchOptions(charts.parent)) as bench:  # holds the installation too
        found = await paths(bench)
        assert "charts/note.txt" in found
        assert not any(path.startswith(home.name) for path in found)
        git(charts.parent, "init", "-q")
        bench.forget_configuration()
        found = await paths(bench)
        assert "charts/note.txt" in found
        assert not any(path.startswith(home.name) for path in found)


async def test_many_files_are_bounded_and_that_is_said(bench: Bench, charts: Path) -> None:
    (charts / "many").mkdir()
    for number in range(5_100):
        (charts / "many" / f"{number:05}.txt").touch()
    found = await find_files(bench, FindFiles(query="note"))
    assert found.more
    assert len(await paths(bench, limit=200)) == 200


async def test_skills_are_told_with_their_origin(bench: Bench, charts: Path) -> None:
    folder = charts / ".agents" / "skills" / "an-own-skill"
    folder.mkdir(parents=True)
    (folder / "SKILL.md").write_text("---\nname: an-own-skill\ndescription: Invented.\n---\nDo it.\n")
    told = {one.name: one for one in (await list_skill_names(bench, ListSkillNames())).skills}
    assert not told["an-own-skill"].built_in
    assert any(one.built_in for one in told.values())


def ask_in_a_session(bench: Bench, *prompts: str) -> None:
    session = bench.store.sessions.create(phi_mode="full", agent_mode="clinical", model="")
    for number, text in enumerate(prompts):
        event = TurnStarted(
            turn=number, shown=text, local_text=f"{text} attached", model="m", host="h", phi_mode="full", agent_mode="x"
        )
        bench.store.sessions.append(session.session_id, event.type, write_event(event), expected=number)


async def test_prompts_of_all_sessions_newest_first_none_twice(bench: Bench) -> None:
    ask_in_a_session(bench, "first", "second")
    ask_in_a_session(bench, "third", "first")
    assert (await list_prompts(bench, ListPrompts())).texts == ("first", "third", "second")
    assert (await list_prompts(bench, ListPrompts(limit=2))).texts == ("first", "third")


async def test_a_deleted_session_leaves_no_prompt(bench: Bench) -> None:
    ask_in_a_session(bench, "to be forgotten")
    for session in bench.store.sessions.list():
        bench.store.sessions.delete(session.session_id)
    assert (await list_prompts(bench, ListPrompts())).texts == ()


def holding(folder: Path, content: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and content in path.read_bytes()]


async def test_through_the_working_process(home: Path, charts: Path) -> None:
    workbench = Workbench((*PROGRAM, "--folder", str(charts)))
    try:
        files, skills, prompts = await asyncio.gather(
            workbench.ask(FindFiles(query="panel"), FoundFiles),
            workbench.ask(ListSkillNames(), SkillNames),
            workbench.ask(ListPrompts(), EarlierPrompts),
        )
    finally:
        await workbench.close()
    assert files.paths == ("labs/panel.csv",)
    assert skills.skills
    assert prompts.texts == ()
    assert holding(home, b"panel.csv") == []
