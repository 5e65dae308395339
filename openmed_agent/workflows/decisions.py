"""What a reviewer decides on the items of a draft (schema ``openmed.decisions/1``), and the rules for it.

Errors name an item by its number in the draft and its kind, never by its text.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from openmed_agent.errors import InputError, NotPermittedError
from openmed_agent.text.terminal import terminal_safe
from openmed_agent.workflows.draft import Card, Digest, Draft, Item, Record, make_item
from openmed_agent.workflows.visible import holds_unseen, seems_equal

MAXIMUM_DECISIONS_BYTES: Final = 8 * 1024 * 1024
EDITED_NOTE: Final = "edited by reviewer"
_FORMAT: Final = "Its format is docs/schemas/decisions.json."
_LONGEST_CLAIM: Final = 4000
_LONGEST_REASON: Final = 2000

Action = Literal["accept", "edit", "reject"]


class Decision(Record):
    """One decision on one item; ``text`` is the new claim of an edit."""

    item: Digest
    action: Action
    text: str | None = None
    reason: str | None = None

    @model_serializer(mode="wrap")
    def _leave_out_what_is_absent(self, handler: SerializerFunctionWrapHandler) -> dict[str, str]:
        return {name: value for name, value in handler(self).items() if value is not None}


class DecisionsFile(Record):
    """The decisions on all items of one revision."""

    schema_: Annotated[Literal["openmed.decisions/1"], Field(alias="schema")] = "openmed.decisions/1"
    draft_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
    revision: Annotated[int, Field(ge=1, lt=2**31)]
    payload_digest: Digest
    decisions: tuple[Decision, ...]

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


def parse_decisions(content: bytes) -> DecisionsFile:
    """Return the decisions file in ``content``.

    It is read strictly: no number in quotes, no field twice, ``schema`` by that name only.

    Raises:
        InputError: it is too large or not a decisions file; the message names the field.

    """
    if len(content) > MAXIMUM_DECISIONS_BYTES:
        raise InputError("The decisions file is too large.", remedy="Pass the decisions on one draft.")
    try:
        file = DecisionsFile.model_validate_json(content, strict=True, by_alias=True, by_name=False)
        json.loads(content, object_pairs_hook=_each_field_once)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = terminal_safe(".".join(str(part) for part in first["loc"]), single_line=True)[:200]
        expected = first.get("ctx", {}).get("expected")
        problem = f"expected {expected}" if first["type"] == "literal_error" and expected else first["type"]
        raise InputError(
            f"The decisions file is not valid at {place or 'its start'} ({problem}).",
            remedy=_FORMAT,
        ) from None
    except (ValueError, RecursionError):
        raise InputError("The decisions file has a field twice.", remedy=_FORMAT) from None
    if "schema_" not in file.model_fields_set:
        raise InputError("The decisions file does not name its schema.", remedy=_FORMAT)
    return file


def check_decisions(draft: Draft, file: DecisionsFile) -> tuple[Decision, ...]:
    """Return the decisions in the order of the draft's items.

    Raises:
        InputError: the file is for another draft or revision; an item is missing, doubled or unknown; or a
            decision breaks a rule of ``check_decision``.

    """
    if (file.draft_id, file.revision, file.payload_digest) != (
        draft.draft_id,
        draft.revision,
        draft.payload_digest,
    ):
        raise InputError(
            "The decisions are for another draft or another revision of it.",
            remedy=f"Decide on revision {draft.revision} of this draft.",
        )
    items = {item.digest: (item, f"Item {number} ({item.kind})") for number, item in enumerate(draft.items, start=1)}
    decided: dict[str, Decision] = {}
    for number, decision in enumerate(file.decisions, start=1):
        if decision.item not in items:
            raise InputError(f"Decision {number} is on an item that is not in the draft.")
        if decision.item in decided:
            raise InputError(f"{items[decision.item][1]} is decided twice.")
        _check_on(*items[decision.item], decision)
        decided[decision.item] = decision
    for item in draft.items:
        if item.digest not in decided:
            raise InputError(f"{item_label(draft, item.digest)} is not decided.")
    return tuple(decided[item.digest] for item in draft.items)


def check_decision(draft: Draft, decision: Decision) -> Item:
    """Return the item that is decided.

    An edit needs a text that differs from the claim, a rejection a reason, and so does accepting what is not
    supported; nothing else carries a text.

    Raises:
        InputError: a rule is broken, or the item is not in the draft.

    """
    item = next((one for one in draft.items if one.digest == decision.item), None)
    if item is None:
        raise InputError("The decision is on an item that is not in the draft.")
    _check_on(item, item_label(draft, item.digest), decision)
    return item


def _check_on(item: Item, label: str, decision: Decision) -> None:
    if decision.reason is not None:
        _check_plain(decision.reason, f"The reason for {label}", _LONGEST_REASON)
    match decision.action:
        case "edit":
            _check_edit(decision, item, label)
        case _ if decision.text is not None:
            raise InputError(f"{label} has a new text without being edited.", remedy="Use the action edit.")
        case "reject" if decision.reason is None:
            raise InputError(f"{label} is rejected without a reason.", remedy="Give a reason.")
        case "accept" if item.support != "supported" and decision.reason is None:
            raise InputError(f"{label} is {item.support} and accepted without a reason.", remedy="Give a reason.")
        case _:
            pass


def must_decide_individually(item: Item) -> bool:
    """Return whether the item may not be decided together with others.

    Physicians miss planted errors in drafts more often than they find them; what weighs heavily, or what the
    source does not support, is therefore always put before the reviewer on its own.
    """
    return item.severity == "high" or item.support != "supported"


def accept_together(draft: Draft, digests: Iterable[str]) -> tuple[Decision, ...]:
    """Return acceptances of several items at once.

    Raises:
        InputError: an item is not in the draft.
        NotPermittedError: one of them must be decided on its own.

    """
    decisions = tuple(Decision(item=digest, action="accept") for digest in digests)
    items = {item.digest: item for item in draft.items}
    for decision in decisions:
        item = items.get(decision.item)
        if item is not None and must_decide_individually(item):
            raise NotPermittedError(
                f"{item_label(draft, item.digest)} must be decided on its own: its severity is "
                f"{item.severity} and it is {item.support}."
            )
        check_decision(draft, decision)
    return decisions


def decided_item(item: Item, decision: Decision) -> Item | None:
    """Return what a decision makes of an item; None where it is rejected.

    An edited claim is the reviewer's word: nothing has compared it with the evidence, so it is uncertain, and
    the codes of the former words are dropped. Kind, assertion, severity and evidence stay; where one of those
    is wrong, the item is to be rejected.
    """
    match decision.action:
        case "accept":
            return item
        case "reject":
            return None
        case "edit":
            return make_item(
                kind=item.kind,
                claim=decision.text or "",
                support="uncertain",
                severity=item.severity,
                assertion=item.assertion,
                evidence=item.evidence,
                notes=EDITED_NOTE,
            )


def decided_items(draft: Draft, decisions: tuple[Decision, ...]) -> Mapping[str, Item | None]:
    """Return for each item's digest what the checked ``decisions`` make of it.

    Raises:
        InputError: an edit makes an item equal to another one.

    """
    becomes = {item.digest: decided_item(item, decision) for item, decision in zip(draft.items, decisions, strict=True)}
    kept = [item.digest for item in becomes.values() if item is not None]
    if len(set(kept)) != len(kept):
        raise InputError("An edit makes an item equal to another one.", remedy="Reject one of the two.")
    return becomes


def revised_cards(draft: Draft, becomes: Mapping[str, Item | None]) -> tuple[Card, ...]:
    """Return the cards with each item replaced by what became of it; a card may end up empty."""
    return tuple(
        Card(
            id=card.id,
            type=card.type,
            title=card.title,
            items=tuple(item.digest for digest in card.items if (item := becomes[digest]) is not None),
        )
        for card in draft.cards
    )


def item_label(draft: Draft, digest: str) -> str:
    """Return ``Item 3 (medication)``, which names an item without its text."""
    for number, item in enumerate(draft.items, start=1):
        if item.digest == digest:
            return f"Item {number} ({item.kind})"
    return "An unknown item"


def _each_field_once(pairs: list[tuple[str, object]]) -> None:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a field twice")


def _check_edit(decision: Decision, item: Item, label: str) -> None:
    if decision.text is None:
        raise InputError(f"{label} is edited without a text.", remedy="Give the new text.")
    _check_plain(decision.text, f"The new text of {label}", _LONGEST_CLAIM)
    if seems_equal(decision.text, item.claim):
        raise InputError(f"The new text of {label} is the old one.", remedy="Accept the item instead.")


def _check_plain(text: str, what: str, longest: int) -> None:
    """Refuse what a reviewer could not see as it is: what is signed must be what was read."""
    if not any(character.isalnum() for character in text):
        raise InputError(f"{what} says nothing.", remedy="Write it in words.")
    if len(text) > longest:
        raise InputError(f"{what} is longer than {longest} characters.", remedy="Shorten it.")
    if terminal_safe(text, single_line=True) != text or holds_unseen(text):
        raise InputError(f"{what} holds control or invisible characters.", remedy="Write it on one plain line.")
