"""The head of a SKILL.md: a name and a description between two lines of ``---``, as plain YAML.

A skill may come with a project that nobody here wrote. So the head is small, has no aliases, tags or invisible
characters, and of all its fields only these two count: nothing in it can grant a tool.
"""

import re
from dataclasses import dataclass
from typing import Final

import yaml

from openmed_agent.errors import InputError
from openmed_agent.text.terminal import terminal_safe

LARGEST_HEAD: Final = 8_000
_LONGEST_DESCRIPTION: Final = 1_024
_MOST_BRACKETS: Final = 40
_HEAD: Final = re.compile(r"\ufeff?---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_NAME: Final = re.compile(r"[a-z0-9]{1,40}(?:-[a-z0-9]{1,40}){0,10}")
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a skill says of itself, and where its text begins."""

    name: str
    description: str
    body_start: int


def parse_front_matter(text: str) -> FrontMatter:
    """Return the head of a skill.

    Raises:
        InputError: there is none, or it is not one that can be trusted to say what it seems to say.

    """
    match = _HEAD.match(text, 0, LARGEST_HEAD)
    if match is None:
        raise InputError("The skill does not begin with a head between two lines of ---.")
    fields = _fields(match.group(1))
    name, description = fields.get("name"), fields.get("description")
    if name is None or len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise InputError("The skill has no name of small letters, digits and hyphens.")
    if description is None or not description.strip() or len(description) > _LONGEST_DESCRIPTION:
        raise InputError("The skill has no description of at most 1,024 characters.")
    plain = " ".join(description.split())
    if terminal_safe(plain, single_line=True) != plain:
        raise InputError("The skill's description holds control or invisible characters.")
    return FrontMatter(name, plain, match.end())


def _fields(head: str) -> dict[str, str]:
    """Return the fields that are plain text."""
    if sum(head.count(mark) for mark in "[{") > _MOST_BRACKETS:
        raise InputError("The skill's head is no plain list of fields.")
    try:
        if any(isinstance(event, yaml.AliasEvent) or _is_tagged(event) for event in yaml.parse(head, yaml.SafeLoader)):
            raise InputError("The skill's head uses YAML aliases or tags, which are refused.")
        node = yaml.compose(head, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise InputError("The skill's head is not valid YAML.") from None
    if not isinstance(node, yaml.MappingNode):
        raise InputError("The skill's head is no plain list of fields.")
    fields: dict[str, str] = {}
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value in seen:
            raise InputError("The skill's head has a field twice, or one that is no word.")
        seen.add(key.value)
        if isinstance(value, yaml.ScalarNode):
            fields[key.value] = str(value.value)
    return fields


def _is_tagged(event: yaml.Event) -> bool:
    return getattr(event, "tag", None) is not None or getattr(event, "anchor", None) is not None
