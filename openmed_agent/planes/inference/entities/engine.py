"""The embedded entity models: what a text mentions, by alias of the OpenMed model that each stands in for.

Dictionaries and rules; diseases and chemicals are read by a sequence model too (`union`). A confidence ranks how a
mention was found; where a model speaks it is about the share of such mentions that are right.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from openmed_agent.planes.inference.entities import formation, guards
from openmed_agent.planes.inference.entities.definitions import defined_mentions
from openmed_agent.planes.inference.entities.finding import EntityFinding
from openmed_agent.planes.inference.entities.genes import gene_symbols
from openmed_agent.planes.inference.entities.heredity import speaks_of_heredity
from openmed_agent.planes.inference.entities.lexicon import Abbreviation, Kind, Lexicon, abbreviations, lexicon
from openmed_agent.planes.inference.entities.matching import Mention, dictionary_mentions, longest_first
from openmed_agent.planes.inference.entities.normal import Tokens, tokenize
from openmed_agent.planes.inference.entities.repeats import repeated_mentions
from openmed_agent.planes.inference.entities.sequence import SequenceModel, heredity_model, sequence_model
from openmed_agent.planes.inference.entities.set_apart import closed
from openmed_agent.planes.inference.entities.union import united


@dataclass(frozen=True, slots=True)
class EntityModel:
    """One embedded model: the alias it answers to, what it looks for and the label it gives."""

    alias: str
    kind: Kind
    label: str


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


_ATRIAL: Final = frozenset({"fib", "flutter"})
_SHORT_KINDS: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.DISEASE: frozenset({Kind.DISEASE, Kind.ONCOLOGY}),
    Kind.ONCOLOGY: frozenset({Kind.ONCOLOGY}),
    Kind.DRUG: frozenset({Kind.DRUG}),
    Kind.CHEMICAL: frozenset({Kind.DRUG}),
}


def find_entities(
    text: str, *, model: str, threshold: float = 0.0, reader: SequenceModel | None = None
) -> tuple[EntityFinding, ...]:
    """Return what ``text`` mentions, in order and without overlap.

    A ``reader`` stands in for the shipped sequence model, so that one can be measured on what the other learned from.

    Raises:
        KeyError: no embedded model has that alias.

    """
    chosen = MODELS[model]
    apart = closed(text)
    tokens = tokenize(text if apart is None else apart.text)
    mentions = _mentions(tokens, chosen.kind, reader or _shipped(tokens, chosen.kind))
    found = (_finding(tokens, mention, chosen) for mention in mentions if mention.confidence >= threshold)
    return tuple(found if apart is None else map(apart.restored, found))


def _shipped(tokens: Tokens, kind: Kind) -> SequenceModel | None:
    """Return the model that reads a kind in a text."""
    return heredity_model() if kind is Kind.DISEASE and speaks_of_heredity(tokens) else sequence_model(kind)


def _with_modifiers(tokens: Tokens, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield each mention with its modifiers, unless those belong to the next: "hypertension, type 2 diabetes"."""
    taken = {index: number for number, one in enumerate(mentions) for index in range(one.first, one.last + 1)}
    for number, mention in enumerate(mentions):
        widened = formation.joined_modifiers(tokens, mention)
        others = (taken.get(index, number) for index in range(widened.first, widened.last + 1))
        yield widened if all(other == number for other in others) else mention


def _mentions(tokens: Tokens, kind: Kind, model: SequenceModel | None) -> tuple[Mention, ...]:
    known, refused = _listed_and_formed(tokens, kind)
    if model is not None:
        reading = model.read(tokens)
        meant = tuple(mention for mention in reading.mentions if guards.keeps(tokens, mention, kind))
        known = united(tokens, known, replace(reading, mentions=meant), refused=refused)
        known = longest_first([*known, *repeated_mentions(tokens, known, reading, refused=refused)])
    if kind is not Kind.ANATOMY:
        known = longest_first([*known, *defined_mentions(tokens, known)])
    return known


def _listed_and_formed(tokens: Tokens, kind: Kind) -> tuple[tuple[Mention, ...], frozenset[int]]:
    """Return what lists and rules find, and the words of the names that a guard refused."""
    candidates = (*dictionary_mentions(tokens, lexicon(kind)), *_abbreviations(tokens, kind))
    plain = [mention for mention in candidates if _means_it(tokens, mention, kind)]
    # What a guard refused must not come back in part by a rule: "hepatitis" of "hepatitis B vaccine".
    refused = frozenset(place for m in set(candidates) - set(plain) for place in range(m.first, m.last + 1))
    formed = [m for m in _by_rule(tokens, kind) if refused.isdisjoint(range(m.first, m.last + 1))]
    mentions = longest_first([*plain, *formed])
    if kind is not Kind.ANATOMY:
        mentions = longest_first([*mentions, *defined_mentions(tokens, mentions)])
    if kind in {Kind.DISEASE, Kind.ONCOLOGY}:
        mentions = longest_first(list(_with_modifiers(tokens, mentions)))
        mentions = tuple(formation.with_complications(tokens, mentions))
    return mentions, refused


def _means_it(tokens: Tokens, mention: Mention, kind: Kind) -> bool:
    """Return whether a listed name or short form means its entry where it stands."""
    if mention.sources == ("abbreviation",) and not any(
        guards.keeps_abbreviation(tokens, mention, entry) for entry in _entries(tokens, mention, kind)
    ):
        return False
    return guards.keeps(tokens, mention, kind)


def _by_rule(tokens: Tokens, kind: Kind) -> Iterator[Mention]:
    match kind:
        case Kind.DISEASE:
            yield from (m for m in formation.formed_mentions(tokens) if guards.keeps(tokens, m, kind))
            for index, word in enumerate(tokens.words):
                if word == "cold" and guards.is_common_cold(tokens, index):
                    yield Mention(index, index, 0.7, ("clinical",))
                elif word in _ATRIAL and guards.is_atrial(tokens, index):
                    yield Mention(index - 1, index, 0.9, ("clinical",))
        case Kind.ONCOLOGY:
            yield from formation.formed_cancers(tokens)
        case Kind.DRUG | Kind.CHEMICAL:
            yield from (m for m in formation.drug_like_mentions(tokens) if guards.keeps(tokens, m, kind))
        case Kind.GENE:
            yield from gene_symbols(tokens)
        case Kind.ANATOMY:
            return


def _abbreviations(tokens: Tokens, kind: Kind) -> Iterator[Mention]:
    """Yield the words that are written like short forms of a kind, whatever they mean."""
    for mention in dictionary_mentions(tokens, _short_forms()):
        if _entries(tokens, mention, kind):
            yield Mention(mention.first, mention.last, 0.9, ("abbreviation",))


def _entries(tokens: Tokens, mention: Mention, kind: Kind) -> tuple[Abbreviation, ...]:
    phrase = " ".join(tokens.words[mention.first : mention.last + 1])
    return tuple(entry for entry in abbreviations()[phrase] if entry.kind in _SHORT_KINDS.get(kind, ()))


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
