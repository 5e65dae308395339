"""Writes ``docs/schemas`` from the models: python scripts/write_schemas.py [--check]."""

import json
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from openmed_agent.workflows.approval import ApprovalStatement
from openmed_agent.workflows.bundle import Manifest
from openmed_agent.workflows.decisions import DecisionsFile
from openmed_agent.workflows.draft import Draft
from openmed_agent.workflows.provenance import RunRecord
from openmed_agent.workflows.review_record import ReviewRecord
from openmed_agent.workflows.review_trust import ReviewerExport

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "schemas"
MODELS: Final[dict[str, type[BaseModel]]] = {
    "draft": Draft,
    "decisions": DecisionsFile,
    "review": ReviewRecord,
    "approval": ApprovalStatement,
    "manifest": Manifest,
    "provenance": RunRecord,
    "reviewer": ReviewerExport,
}


def schema_text(name: str) -> str:
    """Return the JSON Schema (2020-12) of a format, as the file holds it."""
    schema = MODELS[name].model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        if "schema" in part.get("properties", {}):
            part["required"] = ["schema", *part.get("required", ())]
    identity = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:openmed:schema:{name}:1",
    }
    return json.dumps({**identity, **schema}, indent=2, ensure_ascii=False) + "\n"


def main() -> int:
    """Write the files, or with ``--check`` say which are not current; return the exit status."""
    stale = [name for name in MODELS if _current(name) != schema_text(name)]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/schemas/{name}.json is not current; run: python scripts/write_schemas.py", file=sys.stderr)
        return 1 if stale else 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in MODELS:
        (FOLDER / f"{name}.json").write_text(schema_text(name), encoding="utf-8")
    return 0


def _current(name: str) -> str | None:
    path = FOLDER / f"{name}.json"
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(main())
