"""The embedded entity models: what a text mentions, by alias of the OpenMed model that each stands in for.

Dictionaries and rules, no statistics: a confidence here ranks how a mention was found and is no probability.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from openmed_agent.planes.inference.entities import formation, guards
from openmed_agent.planes.inference.entities.definitions import defined_mentions
from openmed_agent.planes.inference.entities.genes import gene_symbols
from openmed_agent.planes.inference.entities.lexicon import Kind, Lexicon, abbreviations, lexicon
from openmed_agent.planes.inference.entities.matching import Mention, dictionary_mentions, longest_first
from openmed_agent.planes.inference.entities.normal import Tokens, tokenize


@dataclass(frozen=True, slots=True)
class EntityModel:
    """One embedded model: the alias it answers to, what it looks for and the label it gives."""

    alias: str
    kind: Kind
    label: str


@dataclass(frozen=True, slots=True)
class EntityFinding:
    """A mention in a text: code points, label, rank in [0, 1], what found it, and a word of severity before it."""

    start: int
    end: int
    label: str
    confidence: float
    sources: tuple[str, ...]
    severity: str | None


MODELS: Final[Mapping[str, EntityModel]] = {
    model.alias: model
    for model in (
        EntityModel("disease_detection_superclinical", Kind.DISEASE, "DISEASE"),
        EntityModel("pharma_detection_superclinical", Kind.DRUG, "DRUG"),
        EntityModel("anatomy_detection_electramed", Kind.ANATOMY, "ANATOMY"),
        EntityModel("oncology_detection_superclinical", Kind.ONCOLOGY, "CANCER"),
        EntityModel("genome_detection_bioclinical", Kind.GENE, "GENE"),
        EntityModel("chemical_detection_pubmed", Kind.CHEMICAL, "CHEMICAL"),
    )
}


def find_entities(text: str, *, model: str, threshold: float = 0.0) -> tuple[EntityFinding, ...]:
    """Return what ``text`` mentions, in order and without overlap.

    Raises:
        KeyError: no embedded model has that alias.

    """
    chosen = MODELS[model]
    tokens = tokenize(text)
    mentions = _mentions(tokens, chosen.kind)
    return tuple(_finding(tokens, mention, chosen) for mention in mentions if mention.confidence >= threshold)


def _with_modifiers(tokens: Tokens, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield each mention with its modifiers, unless those belong to the next: "hypertension, type 2 diabetes"."""
    taken = {index: number for number, one in enumerate(mentions) for index in range(one.first, one.last + 1)}
    for number, mention in enumerate(mentions):
        widened = formation.joined_modifiers(tokens, mention)
        others = (taken.get(index, number) for index in range(widened.first, widened.last + 1))
        yield widened if all(other == number for other in others) else mention


def _mentions(tokens: Tokens, kind: Kind) -> tuple[Mention, ...]:
    known = list(dictionary_mentions(tokens, lexicon(kind)))
    plain = [mention for mention in known if guards.keeps(tokens, mention, kind)]
    # What a guard refused must not come back in part by a rule: "hepatitis" of "hepatitis B vaccine".
    refused = {index for mention in set(known) - set(plain) for index in range(mention.first, mention.last + 1)}
    formed = [m for m in _by_rule(tokens, kind) if refused.isdisjoint(range(m.first, m.last + 1))]
    mentions = longest_first([*plain, *_abbreviated(tokens, kind), *formed])
    if kind is not Kind.ANATOMY:
        mentions = longest_first([*mentions, *defined_mentions(tokens, mentions)])
    if kind in {Kind.DISEASE, Kind.ONCOLOGY}:
        mentions = longest_first(list(_with_modifiers(tokens, mentions)))
        mentions = tuple(formation.with_complications(tokens, mentions))
    return mentions


def _by_rule(tokens: Tokens, kind: Kind) -> Iterator[Mention]:
    match kind:
        case Kind.DISEASE:
            yield from (m for m in formation.formed_mentions(tokens) if guards.keeps(tokens, m, kind))
            for index, word in enumerate(tokens.words):
                if word == "cold" and guards.is_common_cold(tokens, index):
                    yield Mention(index, index, 0.7, ("clinical",))
        case Kind.ONCOLOGY:
            yield from formation.formed_cancers(tokens)
        case Kind.DRUG | Kind.CHEMICAL:
            yield from (m for m in formation.drug_like_mentions(tokens) if guards.keeps(tokens, m, kind))
        case Kind.GENE:
            yield from gene_symbols(tokens)
        case Kind.ANATOMY:
            return


def _abbreviated(tokens: Tokens, kind: Kind) -> Iterator[Mention]:
    kinds = {
        Kind.DISEASE: {Kind.DISEASE, Kind.ONCOLOGY},
        Kind.ONCOLOGY: {Kind.ONCOLOGY},
        Kind.DRUG: {Kind.DRUG},
        Kind.CHEMICAL: {Kind.DRUG},
    }.get(kind, set())
    if not kinds:
        return
    for mention in dictionary_mentions(tokens, _short_forms()):
        phrase = " ".join(tokens.words[mention.first : mention.last + 1])
        if any(
            entry.kind in kinds and guards.keeps_abbreviation(tokens, mention, entry)
            for entry in abbreviations()[phrase]
        ) and guards.keeps(tokens, mention, kind):
            yield Mention(mention.first, mention.last, 0.9, ("abbreviation",))


@cache
def _short_forms() -> Lexicon:
    phrases = dict.fromkeys(abbreviations(), "clinical")
    longest: dict[str, int] = {}
    for phrase in phrases:
        first, words = phrase.split(" ", 1)[0], phrase.count(" ") + 1
        longest[first] = max(words, longest.get(first, 0))
    return Lexicon(phrases, longest)


def _finding(tokens: Tokens, mention: Mention, model: EntityModel) -> EntityFinding:
    severity = formation.severity_of(tokens, mention) if model.kind is Kind.DISEASE else None
    return EntityFinding(
        start=tokens.starts[mention.first],
        end=tokens.ends[mention.last],
        label=model.label,
        confidence=mention.confidence,
        sources=mention.sources,
        severity=severity,
    )
