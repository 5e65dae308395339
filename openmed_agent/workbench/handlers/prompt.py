"""Answers what the prompt asks: files, skills, and what was asked on earlier days."""

import asyncio
import json

from openmed_agent.skills.discovery import find_skills, skill_folders
from openmed_agent.store.sessions import Sessions
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.prompt import (
    EarlierPrompts,
    FindFiles,
    FoundFiles,
    ListPrompts,
    ListSkillNames,
    SkillName,
    SkillNames,
)

_READ_FOR_EACH = 4
"""Events that are looked at for each prompt wanted: many repeat one."""


async def find_files(bench: Bench, request: FindFiles) -> FoundFiles:
    """Return files whose names fit."""
    listing = await bench.files.find(request.query, request.limit)
    return FoundFiles(paths=listing.paths, more=listing.more)


async def list_skill_names(bench: Bench, _: ListSkillNames) -> SkillNames:
    """Return the skills of this program, of the user and of the granted folders."""
    roots = bench.configuration.files.granted(bench.options.folder)
    found = await asyncio.to_thread(find_skills, skill_folders(bench.paths, roots))
    return SkillNames(
        skills=tuple(
            SkillName(name=one.name, description=one.description, built_in=one.origin == "built_in")
            for one in found.found
        )
    )


async def list_prompts(bench: Bench, request: ListPrompts) -> EarlierPrompts:
    """Return what persons asked, the newest first."""
    return EarlierPrompts(texts=_prompts(bench.store.sessions, request.limit))


def _prompts(sessions: Sessions, limit: int) -> tuple[str, ...]:
    documents = sessions.newest("turn_started", limit * _READ_FOR_EACH)
    texts = dict.fromkeys(json.loads(document)["shown"] for document in documents)
    return tuple(text for text in texts if text.strip())[:limit]


HANDLERS: tuple[Handler, ...] = (
    answered_by(FindFiles, find_files),
    answered_by(ListSkillNames, list_skill_names),
    answered_by(ListPrompts, list_prompts),
)
