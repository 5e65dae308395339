"""The artifact renderers that a workflow definition may name."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from openmed_agent.workflows.artifacts.evidence import render_evidence_json
from openmed_agent.workflows.artifacts.fhir import render_fhir_bundle
from openmed_agent.workflows.artifacts.markdown import render_markdown
from openmed_agent.workflows.definition import RendererName, WorkflowDefinition
from openmed_agent.workflows.drafting import Artifact, ArtifactRenderer, DraftContent

_RENDERERS: Final[Mapping[RendererName, Callable[[str, str, DraftContent], Artifact]]] = {
    "markdown": render_markdown,
    "evidence_json": lambda name, _, content: render_evidence_json(name, content),
    "fhir_bundle": lambda name, _, content: replace(render_fhir_bundle(content), name=name),
}


def artifact_renderer(definition: WorkflowDefinition) -> ArtifactRenderer:
    """Return the function that renders all artifacts of ``definition``, in its order."""

    def render(content: DraftContent) -> tuple[Artifact, ...]:
        return tuple(
            _RENDERERS[artifact.renderer](artifact.name, definition.title, content) for artifact in definition.artifacts
        )

    return render
