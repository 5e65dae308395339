"""How models and the services that offer them look in the list."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from textual.content import Content

from openmed_agent.settings.screen import ScreenPreferences
from openmed_agent.tui.chrome.row_list import Column, Row
from openmed_agent.tui.safe_text import shown_line
from openmed_agent.workbench.requests.models import ModelPlaces, Offered, OfferedModel

COLUMNS: Final = (Column(2), Column(), Column(28, needs=100), Column(9, "right"), Column(18, needs=70))
"""Mark, name, host, context window, what it can do."""

_NOTE_WIDTH: Final = 70
_SEPARATOR: Final = " @ "


@dataclass(frozen=True, slots=True)
class Target:
    """What a row stands for: a model at an address, or without ``name`` the address itself."""

    url: str
    name: str = ""

    @property
    def text(self) -> str:
        """Its form in a person's choices."""
        return f"{self.name}{_SEPARATOR}{self.url}"


@dataclass(frozen=True, slots=True)
class Known:
    """What the list is made of; ``offered`` by address."""

    places: ModelPlaces
    offered: Mapping[str, Offered]
    preferences: ScreenPreferences

    def model(self, target: Target) -> OfferedModel | None:
        """Return what is known of a model; None where nobody was asked."""
        offer = self.offered.get(target.url)
        return next((one for one in offer.models if one.name == target.name), None) if offer else None

    def is_used(self, target: Target) -> bool:
        """Whether this model answers now."""
        return any(one.in_use and (one.url, one.model) == (target.url, target.name) for one in self.places.places)


def target_of(text: str) -> Target:
    """Return the target of a row's identifier, or of a person's choice."""
    name, _, url = text.rpartition(_SEPARATOR)
    return Target(url, name)


def model_rows(known: Known, query: str) -> list[Row]:
    """Return favourites, recent models, then the services with what they offer."""
    rows: list[Row] = []
    shown: set[str] = set()
    preferences = known.preferences
    for title, choices in (
        ("★ Favourites", preferences.favourite_models),
        ("Recently used", preferences.recent_models),
    ):
        group = [one for one in choices if one not in shown and _fits(target_of(one), query)]
        shown.update(group)
        rows += _group(title, (_model_row(known, target_of(one)) for one in group))
    for place in known.places.places:
        rows += _group(_place_title(place.host, place.configured_by, place.key, in_use=place.in_use), ())
        if place.refused:
            rows += [_note(line) for line in wrap(f"✗ {place.refused}", _NOTE_WIDTH)]
        elif place.url not in known.offered:
            rows.append(_asking(place.url, place.host))
        else:
            rows += _offer_rows(known, known.offered[place.url], query)
    configured = {one.url for one in known.places.places}
    for url, offer in known.offered.items():
        if url not in configured:
            rows += _group(_place_title(offer.host, offer.found_by, "", in_use=False), ())
            rows += _offer_rows(known, offer, query)
    return rows[1:]  # no empty line above the first group


def detail_of(known: Known, target: Target) -> Content:
    """Return what is known of a model, and what nobody said."""
    where = shown_line(f"{target.name} at {target.url}")
    model = known.model(target)
    if model is None:
        return Content.assemble(where, ("\nThis service was not asked yet, so no more is known.", "$secondary"))
    window = f"context window {model.context_window:,} tokens" if model.context_window else "context window not said"
    said = [window, _said(model.takes_tools, "takes tools"), _said(model.reasons, "reasons")]
    return Content.assemble(where, "\n", (" · ".join(said), "$secondary"))


def _said(answer: bool | None, ability: str) -> str:  # noqa: FBT001 - an answer, not a switch
    return {True: ability, False: f"{ability}: no", None: f"{ability}: not said"}[answer]


def _group(title: str, rows: Iterator[Row] | tuple[Row, ...]) -> list[Row]:
    listed = list(rows)
    heading = Row((shown_line(title),), heading=True)
    return [_blank(), heading, *listed] if listed or isinstance(rows, tuple) else []


def _offer_rows(known: Known, offer: Offered, query: str) -> list[Row]:
    targets = [Target(offer.url, one.name) for one in offer.models]
    rows = [_model_row(known, target) for target in targets if _fits(target, query)]
    return rows or [_note("no model fits the search" if targets else "it lists no models")]


def _model_row(known: Known, target: Target) -> Row:
    model = known.model(target)
    starred = target.text in known.preferences.favourite_models
    mark = "●" if known.is_used(target) else "★" if starred else ""
    window = _short(model.context_window) if model else ""
    return Row(
        (
            Content.styled(mark, "$accent"),
            shown_line(target.name),
            shown_line(target.url.partition("//")[2].partition("/")[0], "$secondary"),
            Content.styled(window, "$secondary"),
            Content.styled(_abilities(model), "$secondary"),
        ),
        target.text,
    )


def _abilities(model: OfferedModel | None) -> str:
    if model is None:
        return ""
    tools = {True: "tools", False: "no tools", None: ""}[model.takes_tools]
    return " · ".join(word for word in (tools, "reasons" if model.reasons else "") if word)


def _asking(url: str, host: str) -> Row:
    return Row((Content("  "), shown_line(f"⏎ ask {host} for its models", "italic")), Target(url).text)


def _note(sentence: str) -> Row:
    return Row((Content("  "), shown_line(sentence, "$secondary")))


def _blank() -> Row:
    return Row(())


def _place_title(host: str, found_by: str, key: str, *, in_use: bool) -> str:
    parts = [host, found_by and f"by {found_by}" if not found_by.startswith("found") else found_by]
    if key:
        parts.append(f"no key{key.removeprefix('none')}" if key.startswith("none") else f"key {key}")
    if in_use:
        parts.append("● in use")
    return " · ".join(part for part in parts if part)


def _short(tokens: int | None) -> str:
    thousand = 1000
    if tokens is None:
        return ""
    return f"{tokens // thousand:,}k" if tokens >= thousand else str(tokens)


def _fits(target: Target, query: str) -> bool:
    wanted = query.casefold()
    return wanted in target.name.casefold() or wanted in target.url.casefold()
