"""The card as Markdown, for people.

Text from the chart is untrusted: it is put in with every Markdown and HTML character escaped and every
control character made visible, so that no note can add a link, an image or a heading of its own.
"""

import re
from collections.abc import Iterator
from typing import Final

from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.draft import Card, Item
from openmed_agent.workflows.drafting import Artifact, DraftContent

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()<>#+!|~&$])")
_LONGEST_QUOTE: Final = 160
_MARKS: Final = {
    "supported": "",
    "contradicted": " **[contradicted]**",
    "unsupported": " **[not in the sources]**",
    "uncertain": " **[uncertain]**",
}


def render_markdown(name: str, title: str, content: DraftContent) -> Artifact:
    """Return the Markdown artifact."""
    text = "\n".join(_lines(title, content)) + "\n"
    return Artifact(name=name, media_type="text/markdown; charset=utf-8", content=text.encode())


def markdown_safe(text: str) -> str:
    """Return ``text`` on one line with nothing in it that Markdown, HTML or a terminal would act on."""
    return _SPECIAL.sub(r"\\\1", terminal_safe(" ".join(text.split()), single_line=True))


def _lines(title: str, content: DraftContent) -> Iterator[str]:
    yield f"# {title}"
    yield ""
    names = {source.digest: source.name for source in content.sources}
    yield f"Drafted from {_listed(markdown_safe(name) for name in names.values())}."
    yield "Every line names where it stands in the source. Marked lines are not plainly supported by it: what the"
    yield "reviewer decided on each, and why, is in decisions.json of the signed bundle."
    items = {item.digest: item for item in content.items}
    for card in content.cards:
        yield from _card(card, items, names)
    yield ""
    yield "## Releases"
    yield ""
    for release in content.releases:
        extent = "complete" if release.complete else "partial"
        named = f"{markdown_safe(release.system)} {markdown_safe(release.version)}"
        yield f"- {release.plane}: {named} ({extent})"
    if any(code.system == "LOINC" for item in content.items for code in item.codes):
        yield ""
        yield LOINC_NOTICE


LOINC_NOTICE: Final = (
    "This material contains content from LOINC (http://loinc.org). LOINC is copyright © Regenstrief"
    " Institute, Inc. and the Logical Observation Identifiers Names and Codes (LOINC) Committee and is"
    " available at no cost under the license at http://loinc.org/license. LOINC® is a registered United"
    " States trademark of Regenstrief Institute, Inc."
)


def _card(card: Card, items: dict[str, Item], names: dict[str, str]) -> Iterator[str]:
    if not card.items:
        return
    yield ""
    yield f"## {card.title}"
    yield ""
    for digest in card.items:
        yield from _item(items[digest], names)


def _item(item: Item, names: dict[str, str]) -> Iterator[str]:
    severity = " **[high]**" if item.severity == "high" else ""
    codes = "".join(f" · {code.system} {markdown_safe(code.code)}" for code in item.codes)
    yield f"- {markdown_safe(item.claim)}{codes}{_MARKS[item.support]}{severity}"
    for span in item.evidence:
        quote = " ".join(span.quote.split())
        shown = quote if len(quote) <= _LONGEST_QUOTE else f"{quote[:_LONGEST_QUOTE]}…"
        yield f"  - “{markdown_safe(shown)}” ({markdown_safe(names[span.source])} {span.start}–{span.end})"
    if item.notes:
        yield f"  - {markdown_safe(item.notes)}"


def _listed(names: Iterator[str]) -> str:
    return ", ".join(names)
