"""Reading a policy of one's own from a YAML file; every error names file, line and field, and no value."""

from collections.abc import Hashable
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from openmed_agent.errors import InputError
from openmed_agent.planes.inference.pii.policy import POLICIES, Policy, PolicyName
from openmed_agent.text.terminal import terminal_safe

_LARGEST: Final = 512 * 1024
_NAMES: Final[dict[str, PolicyName]] = {name.replace("_", "-"): name for name in POLICIES}
_REMEDY: Final = "See 'Policies' in docs/inference.md."


def find_policy(given: str) -> Policy:
    """Return the policy with a built-in name (``safe-harbor``, ``limited-data-set``...) or in the file at a path.

    Raises:
        InputError: there is no such file, or it is not a policy.

    """
    if given in _NAMES:
        return POLICIES[_NAMES[given]]
    return read_policy(Path(given))


def read_policy(file: Path) -> Policy:
    """Return the policy that a YAML file describes.

    Raises:
        InputError: the file cannot be read, is no YAML, or a field is unknown or wrong.

    """
    shown = terminal_safe(str(file), single_line=True)
    try:
        if not file.is_file():
            names = ", ".join(_NAMES)
            raise InputError(f"There is no policy file {shown}.", remedy=f"Give a file, or one of: {names}.")
        content = file.read_bytes()[: _LARGEST + 1]
    except OSError:
        raise InputError(f"The policy file {shown} cannot be read.", remedy="Check its permissions.") from None
    if len(content) > _LARGEST:
        raise InputError(f"The policy file {shown} is larger than 512 kB.", remedy=_REMEDY)
    try:
        text = content.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        if not isinstance(node, yaml.MappingNode):
            raise InputError(f"The policy file {shown} holds no fields.", remedy=_REMEDY)
        _refuse_doubled(node, shown)
        fields = {"name": file.stem[:100], **yaml.safe_load(text)}
    except UnicodeDecodeError:
        raise InputError(f"The policy file {shown} is not UTF-8 text.", remedy="Save it as UTF-8.") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(f"{shown}, {_place(error)}: this is not YAML.", remedy=_REMEDY) from None
    try:
        return Policy.model_validate(fields)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(terminal_safe(str(part), single_line=True)[:60] for part in first["loc"])
        line = _line_of(node, first["loc"])
        raise InputError(
            f"{shown}, line {line}, field {field}: {first['msg'].removeprefix('Value error, ')}.", remedy=_REMEDY
        ) from None


def _refuse_doubled(node: yaml.MappingNode, shown: str) -> None:
    seen: set[Hashable] = set()
    for key, _ in node.value:
        if key.value in seen:
            raise InputError(f"{shown}, line {key.start_mark.line + 1}: a field stands twice.", remedy=_REMEDY)
        seen.add(str(key.value))


def _line_of(root: yaml.MappingNode, location: tuple[int | str, ...]) -> int:
    """Return the line, from 1, of the innermost node that an error's location names."""
    node: yaml.Node = root
    line = root.start_mark.line
    for part in location:
        match node, part:
            case yaml.MappingNode(), _:
                pair = next((pair for pair in node.value if pair[0].value == part), None)
                if pair is None:
                    break
                line, node = pair[0].start_mark.line, pair[1]
            case yaml.SequenceNode(), int() if part < len(node.value):
                node = node.value[part]
                line = node.start_mark.line
            case _:
                break
    return int(line) + 1


def _place(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    return f"line {mark.line + 1}" if mark is not None else "line 1"
