"""A draft as text for a model, as a person's view, and as the values of strict mode."""

from collections.abc import Sequence
from typing import Final

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.tools.code_queries import coded
from openmed_agent.tools.mentions import on_one_line
from openmed_agent.tools.tool import Display
from openmed_agent.tools.values import Count, DraftReference, Label, StrictValue, counted
from openmed_agent.workflows.decisions import must_decide_individually
from openmed_agent.workflows.draft import Draft, EvidenceSpan, Item
from openmed_agent.workflows.fhir_elements import AS_STATED

SHORT_ID: Final = 12
_SHORT_DIGEST: Final = 12
_FEW_PLACES: Final = 3
_SYSTEMS: Final = {"ICD-10-CM": "icd10cm", "RxNorm": "rxnorm", "LOINC": "loinc"}


def heading(draft: Draft) -> str:
    """Return the first line about a draft."""
    decide = sum(1 for item in draft.items if must_decide_individually(item))
    releases = ", ".join(
        f"{release.system} {release.version}{'' if release.complete else ' (partial)'}" for release in draft.releases
    )
    return (
        f"Draft {draft.draft_id[:SHORT_ID]} revision {draft.revision} of {draft.workflow}: {len(draft.items)} items, "
        f"{decide} to decide one by one. Nothing is final. Releases: {releases}"
    )


def item_lines(draft: Draft, items: Sequence[Item]) -> list[str]:
    """Return one line for each of ``items``, with evidence, support, severity and codes."""
    names = {source.digest: terminal_safe(source.name, single_line=True) for source in draft.sources}
    return [f"{number}. {_item(item, names)}" for number, item in enumerate(items, start=1)]


def _item(item: Item, names: dict[str, str]) -> str:
    marks = [item.kind, item.support, item.severity, *(("decide",) if must_decide_individually(item) else ())]
    codes = "".join(f" {code.system} {code.code}" for code in item.codes)
    places = "; ".join(_evidence(span, names) for span in item.evidence[:_FEW_PLACES])
    more = f" and {len(item.evidence) - _FEW_PLACES} more" if len(item.evidence) > _FEW_PLACES else ""
    digest = item.digest.removeprefix("sha256:")[:_SHORT_DIGEST]
    notes = f" note: {item.notes}" if item.notes else ""
    return f"{item.claim}{codes} [{', '.join(marks)}] {digest} {places}{more}{notes}".rstrip()


def _evidence(span: EvidenceSpan, names: dict[str, str]) -> str:
    return f'"{on_one_line(span.quote)}" {names[span.source]} [{span.start}-{span.end}]'


def words_of(item: Item) -> str:
    """Return an item in a few words."""
    return f"{item.claim} ({item.kind}, {item.support})"


def next_command(draft: Draft) -> str:
    """Return what a person types to decide on a draft."""
    return f"Next, for a person: openmed review {draft.draft_id[:SHORT_ID]}"


def draft_display(draft: Draft, text: str) -> Display:
    """Return what the person sees of a draft."""
    body = f"{text}\nExpires {draft.expires[:16].replace('T', ' ')} UTC."
    return Display(f"Draft {draft.draft_id[:SHORT_ID]}, {len(draft.items)} items. {next_command(draft)}", body, "draft")


def draft_values(draft: Draft) -> tuple[StrictValue, ...]:
    """Return counts and codes of vocabularies; a code as a source states it is the source's own text."""
    codes = {
        (_SYSTEMS[code.system], code.code, code.display): None
        for item in draft.items
        for code in item.codes
        if code.release != AS_STATED and code.system in _SYSTEMS
    }
    decide = sum(1 for item in draft.items if must_decide_individually(item))
    return (
        DraftReference(draft.draft_id[:SHORT_ID]),
        Count(Label("items"), len(draft.items)),
        Count(Label("to_decide"), decide),
        *counted(f"kind_{item.kind}" for item in draft.items),
        *counted(f"support_{item.support}" for item in draft.items),
        *counted(f"severity_{item.severity}" for item in draft.items),
        *(value for key in codes for value in coded(*key)),
    )
