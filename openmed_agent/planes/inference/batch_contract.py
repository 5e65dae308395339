"""The messages of ``POST /batch``, one JSON object a line (NDJSON) each way.

A line of the request is a request of one of the other routes with an ``id`` of the caller's own and the name of the
``operation``. Every line that is not blank gets one line in the answer, in the same order.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from openmed_agent.planes.inference.contract import (
    AnalyzeReply,
    AnalyzeRequest,
    DeidentifyReply,
    DeidentifyRequest,
    ExtractRequest,
)
from openmed_agent.planes.serving import validation_details

MAXIMUM_DOCUMENT_BYTES: Final = 1024 * 1024
"""Most bytes of UTF-8 that one document of a batch may have, as one note of a chart."""

# JSON may write one byte of text as six (\u0041); the rest is for the other fields.
MAXIMUM_LINE_BYTES: Final = 6 * MAXIMUM_DOCUMENT_BYTES + 64 * 1024

LineId = Annotated[str, Field(min_length=1, max_length=200)]


class AnalyzeLine(AnalyzeRequest):
    """One document for ``/analyze``."""

    id: LineId
    operation: Literal["analyze"]


class ExtractLine(ExtractRequest):
    """One document for ``/pii/extract``."""

    id: LineId
    operation: Literal["extract"]


class DeidentifyLine(DeidentifyRequest):
    """One document for ``/pii/deidentify``."""

    id: LineId
    operation: Literal["deidentify"]


BatchLine = Annotated[AnalyzeLine | ExtractLine | DeidentifyLine, Field(discriminator="operation")]
_LINE: Final[TypeAdapter[AnalyzeLine | ExtractLine | DeidentifyLine]] = TypeAdapter(BatchLine)
_ID: Final[TypeAdapter[str]] = TypeAdapter(LineId)


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class BatchError(_Out):
    """Why a line has no result: a code and a sentence as in the error envelope, and no text of the document."""

    code: str
    message: str
    details: Any = None


class BatchReply(_Out):
    """The answer to line number ``line`` (from 1, blank ones counted); ``id`` is missing where it cannot be read."""

    line: int
    id: str | None = None
    status: Literal["ok", "error"]
    result: AnalyzeReply | DeidentifyReply | None = None
    error: BatchError | None = None

    def encoded(self) -> bytes:
        """Return the reply as one line."""
        return self.model_dump_json(exclude_none=True).encode() + b"\n"


def read_line(line: bytes) -> AnalyzeLine | ExtractLine | DeidentifyLine:
    """Return the request that a line holds.

    Raises:
        ValidationError: it holds none; ``line_error`` says why without any of its values.

    """
    return _LINE.validate_json(line)


def line_error(error: ValidationError) -> BatchError:
    """Return the reason in the words of the service's error envelope."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for one in found:
        if one["type"] == "union_tag_invalid":  # its sentence quotes what stood there
            one["msg"] = "The operation is none of 'analyze', 'extract', 'deidentify'"
    details = validation_details(found)
    return BatchError(code="validation_error", message="The line is not a request", details=details)


def id_of(line: bytes) -> str | None:
    """Return the id of a line that is no valid request, if it can be read."""
    try:
        value = from_json(line)
        return _ID.validate_python(value["id"], strict=True) if isinstance(value, dict) else None
    except (ValueError, KeyError):  # pydantic's errors are ValueErrors
        return None
