"""What the screen asks to see what de-identification makes of a text, and to save exactly what it showed."""

from typing import ClassVar, Literal

from openmed_agent.workbench.wire import Request, WireModel

MethodName = Literal["mask", "remove", "replace", "hash", "shift_dates", "redact"]
PolicyName = Literal["safe_harbor", "safe_harbor_parts", "limited_data_set", "file"]
"""A policy that is built in, or one of the person's own in a file."""


class DescribeDeidentification(Request):
    """Answered by ``DeidentificationPlace``; nobody is asked."""

    kind: ClassVar[str] = "privacy.describe"


class DeidentificationPlace(WireModel):
    """Where a text would go to be de-identified; empty for the embedded plane."""

    address: str = ""
    remote: bool = False


class PreviewDeidentified(Request):
    """Answered by ``Preview``; of ``text``, or of the file at ``path``. ``keep`` are labels that stay as they are.

    Where ``policy`` is ``file``, it is the one that the YAML file at ``policy_file`` describes.
    """

    kind: ClassVar[str] = "privacy.preview"
    text: str = ""
    path: str = ""
    method: MethodName = "mask"
    policy: PolicyName = "safe_harbor"
    policy_file: str = ""
    keep: tuple[str, ...] = ()


class Piece(WireModel):
    """A stretch of a text; ``label`` is the kind of identifier that stood there, empty for all else."""

    text: str
    label: str = ""


class LabelCount(WireModel):
    """How many identifiers of one kind were treated."""

    label: str
    count: int


class Preview(WireModel):
    """Original and result, each whole, in pieces; ``digest`` is of the result's bytes in UTF-8."""

    original: tuple[Piece, ...]
    result: tuple[Piece, ...]
    counts: tuple[LabelCount, ...]
    digest: str
    repaired: int = 0
    """How many this machine treated because the service had left them."""


class SaveResult(Request):
    """Write a result that was shown. Answered by ``SavedResult``; ``replacing`` says that a file may be replaced."""

    kind: ClassVar[str] = "privacy.save"
    text: str
    digest: str
    path: str
    source: str = ""
    """The file that the text came from, which is never replaced."""
    replacing: bool = False


class SavedResult(WireModel):
    """What was written, or, with ``exists``, that nothing was because a file is there."""

    path: str
    exists: bool = False
    digest: str = ""
    bytes: int = 0
