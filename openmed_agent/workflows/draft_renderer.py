"""Renders the artifacts of a draft anew, with the workflow that made it and no other."""

from openmed_agent.errors import NotPermittedError
from openmed_agent.settings.paths import Paths, content_folder
from openmed_agent.workflows.artifacts.registry import artifact_renderer
from openmed_agent.workflows.definition import find_workflow
from openmed_agent.workflows.draft_store import StoredDraft
from openmed_agent.workflows.drafting import Artifact, ArtifactRenderer, DraftContent


def renderer_of(stored: StoredDraft, paths: Paths) -> ArtifactRenderer:
    """Return what renders the draft's artifacts; it looks for the workflow when it is first needed.

    The renderer raises ``UsageError`` where the workflow is gone, and ``NotPermittedError`` where workflow or
    program changed since, so that the same items would give other bytes.
    """

    def render(content: DraftContent) -> tuple[Artifact, ...]:
        workflow = find_workflow(stored.draft.workflow, (content_folder("workflows"), paths.user_workflows))
        renderer = artifact_renderer(workflow.definition)
        if workflow.definition.version != stored.draft.workflow_version or renderer(stored.content) != stored.artifacts:
            raise NotPermittedError(
                "The workflow was changed since the draft was made, so its final revision cannot be rendered.",
                remedy="Run the workflow again.",
            )
        return renderer(content)

    return render
