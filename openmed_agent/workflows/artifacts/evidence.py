"""The card as JSON with its evidence, for programs."""

import json

from openmed_agent.workflows.canonical import canonical_json
from openmed_agent.workflows.drafting import Artifact, DraftContent


def render_evidence_json(name: str, content: DraftContent) -> Artifact:
    """Return the JSON artifact: sources, releases, cards and items, with keys in canonical order."""
    document = {
        "schema": "openmed.card/1",
        "workflow": content.workflow,
        "workflow_version": content.workflow_version,
        "sources": [{"name": source.name, "digest": source.digest} for source in content.sources],
        "releases": [release.model_dump(mode="json") for release in content.releases],
        "cards": [card.model_dump(mode="json") for card in content.cards],
        "items": [item.model_dump(mode="json") for item in content.items],
    }
    ordered = json.loads(canonical_json(document))
    text = json.dumps(ordered, ensure_ascii=False, indent=2) + "\n"
    return Artifact(name=name, media_type="application/json", content=text.encode())
