"""Answers what the screen asks about skills."""

import asyncio

from openmed_agent.skills.discovery import find_skills, skill_folders
from openmed_agent.workbench.bench import Bench
from openmed_agent.workbench.handling import Handler, answered_by
from openmed_agent.workbench.requests.skills import ListSkills, SkillList, SkillRow


async def list_skills(bench: Bench, _: ListSkills) -> SkillList:
    """Return the skills that a session here would have, with their texts."""
    projects = bench.configuration.files.granted(bench.options.folder)
    skills = await asyncio.to_thread(find_skills, skill_folders(bench.paths, projects))
    rows = (
        SkillRow(name=one.name, description=one.description, origin=one.origin, text=one.text) for one in skills.found
    )
    return SkillList(skills=tuple(rows), problems=skills.problems)


HANDLERS: tuple[Handler, ...] = (answered_by(ListSkills, list_skills),)
