"""The published schemas are those of the models, and real documents fit them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from review_samples import NOON, SITE, Ward

from openmed_agent.workflows.finalize import finalize
from openmed_agent.workflows.review_trust import export_reviewer

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
NAMES = ("draft", "decisions", "review", "approval", "manifest", "provenance", "reviewer")


def schema(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return content


def test_the_schemas_are_current() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / "write_schemas.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.stem for path in SCHEMAS.glob("*.json")} >= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_one_and_refuses_unknown_fields(name: str) -> None:
    content = schema(name)
    jsonschema.Draft202012Validator.check_schema(content)
    assert content["additionalProperties"] is False


def test_what_a_review_writes_fits_the_schemas(ward: Ward) -> None:
    session = ward.reviewed()
    token = ward.sign(session)
    bundle = finalize(ward.store, token, home=ward.home, now=NOON, policy=SITE).destination
    documents = {
        "draft": session.draft.model_dump(mode="json", by_alias=True),
        "decisions": session.file().model_dump(mode="json", by_alias=True),
        "review": json.loads((bundle / "decisions.json").read_bytes()),
        "approval": json.loads(token.statement.content()),
        "manifest": json.loads((bundle / "manifest.json").read_bytes()),
        "provenance": json.loads((bundle / "provenance.json").read_bytes()),
        "reviewer": json.loads(export_reviewer(ward.signer.reviewer)),
    }
    assert set(documents) == set(NAMES)
    for name, document in documents.items():
        validator = jsonschema.Draft202012Validator(schema(name))
        validator.validate(document)
        assert document["schema"].startswith("openmed.")
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**document, "more": 1})
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({**document, "schema": "openmed.something/1"})
        with pytest.raises(jsonschema.ValidationError):
            validator.validate({key: value for key, value in document.items() if key != "schema"})
