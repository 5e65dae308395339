"""Where skills are found: those of this program, the user's own, and those that a project brings along.

A name belongs to the first of these that has it, so that a project can never put its own text in the place of a
skill that the person knows. No link is followed.
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final, Literal

from openmed_agent.errors import InputError
from openmed_agent.settings.paths import Paths, content_folder
from openmed_agent.skills.front_matter import parse_front_matter
from openmed_agent.text.terminal import terminal_safe

FILE_NAME: Final = "SKILL.md"
LARGEST_SKILL: Final = 64 * 1024
MOST_SKILLS: Final = 200

Origin = Literal["built_in", "user", "project"]


@dataclass(frozen=True, slots=True)
class Skill:
    """Instructions for a kind of work. Untrusted text, unless ``origin`` is ``built_in``; it grants no tool.

    ``digest`` is of the whole file: what a person was shown once need not be shown again while it is the same.
    """

    name: str
    description: str
    origin: Origin
    text: str = field(repr=False)
    digest: str


@dataclass(frozen=True, slots=True)
class SkillFolder:
    """A folder of skills, each in a folder of its name."""

    folder: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class Skills:
    """The skills that were found, by name in order, and a sentence for each folder that holds no usable one."""

    found: tuple[Skill, ...]
    problems: tuple[str, ...]

    def get(self, name: str) -> Skill:
        """Return a skill.

        Raises:
            InputError: there is none of that name.

        """
        for skill in self.found:
            if skill.name == name:
                return skill
        known = ", ".join(skill.name for skill in self.found) or "none"
        raise InputError("There is no skill of that name.", remedy=f"The skills are: {known}.")


def skill_folders(paths: Paths, projects: Iterable[Path] = ()) -> tuple[SkillFolder, ...]:
    """Return the folders to look in, the most trusted first; ``projects`` are the folders a person works in."""
    return (
        SkillFolder(content_folder("skills"), "built_in"),
        SkillFolder(paths.configuration / "skills", "user"),
        *(SkillFolder(project / ".agents" / "skills", "project") for project in projects),
    )


def find_skills(folders: Iterable[SkillFolder]) -> Skills:
    """Return the skills in ``folders``; what is no usable skill becomes a problem and stops nothing."""
    found: dict[str, Skill] = {}
    problems: list[str] = []
    for place in folders:
        for folder in _candidates(place):
            shown = terminal_safe(folder.name, single_line=True)[:80]
            try:
                skill = read_skill(folder, place.origin)
            except InputError as error:
                problems.append(f"{place.origin.replace('_', '-')} skill {shown}: {error.message}")
                continue
            if skill.name in found:
                problems.append(f"{place.origin.replace('_', '-')} skill {shown}: another skill has this name already.")
            else:
                found[skill.name] = skill
    return Skills(tuple(sorted(found.values(), key=lambda skill: skill.name)), tuple(problems))


def read_skill(folder: Path, origin: Origin) -> Skill:
    """Return the skill in ``folder``.

    Raises:
        InputError: the file is missing, a link, too large or no text, its head cannot be used, or its name is not
            that of the folder.

    """
    content = _read(folder / FILE_NAME)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError("The skill is not UTF-8 text.") from None
    head = parse_front_matter(text)
    if head.name != folder.name:
        raise InputError("The skill's name is not that of its folder.")
    digest = f"sha256:{hashlib.sha256(content).hexdigest()}"
    return Skill(head.name, head.description, origin, text[head.body_start :].strip(), digest)


@cache
def built_in_skill(name: str) -> Skill:
    """Return a skill of this program.

    Raises:
        InputError: it has none of that name.

    """
    return find_skills((SkillFolder(content_folder("skills"), "built_in"),)).get(name)


def _candidates(place: SkillFolder) -> Iterator[Path]:
    """Yield the folders that may hold a skill; a link is none, and neither is what lies behind one."""
    above = (place.folder, place.folder.parent) if place.origin == "project" else (place.folder,)
    try:
        if any(stat.S_ISLNK(folder.lstat().st_mode) for folder in above):
            return
        folders = sorted(place.folder.iterdir())[:MOST_SKILLS]
    except OSError:
        return
    for folder in folders:
        try:
            if not folder.name.startswith(".") and stat.S_ISDIR(folder.lstat().st_mode):
                yield folder
        except OSError:
            continue


def _read(path: Path) -> bytes:
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise InputError(f"{FILE_NAME} is no plain file.")
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise InputError(f"{FILE_NAME} is no plain file.")
            content = file.read(LARGEST_SKILL + 1)
    except FileNotFoundError:
        raise InputError(f"There is no {FILE_NAME}.") from None
    except OSError:
        raise InputError(f"{FILE_NAME} cannot be read.") from None
    if len(content) > LARGEST_SKILL:
        raise InputError(f"The skill is larger than {LARGEST_SKILL // 1024} kB.")
    return content
