"""The residual risk of one text and of a collection: what is left, what stands out, and which records are alone."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final

from openmed_agent.planes.inference.pii.finding import PiiFinding
from openmed_agent.planes.inference.pii.labels import safe_harbor_category
from openmed_agent.planes.inference.pii.policy import SAFE_HARBOR, Policy
from openmed_agent.planes.inference.pii.residual import residual_identifiers
from openmed_agent.planes.inference.pii.surrogate_numbers import is_reserved
from openmed_agent.planes.inference.risk.findings import RiskFinding, RiskKind
from openmed_agent.planes.inference.risk.passages import find_passages
from openmed_agent.planes.inference.risk.traits import Trait, traits_of
from openmed_agent.text.spans import Span

_LARGEST_COMBINATION: Final = 3
_TELLING: Final = 3
_KEPT: Final = {"date": RiskKind.DATE, "date_time": RiskKind.DATE, "date_of_birth": RiskKind.DATE, "age": RiskKind.AGE}
_KINDS: Final = tuple(RiskKind)


@dataclass(frozen=True, slots=True)
class TextRisk:
    """What one text shows: findings in the order of their kinds and places, and the traits of its person.

    ``unjudged`` counts what looks like an identifier and was taken for a stand-in, since the caller said so.
    """

    findings: tuple[RiskFinding, ...]
    traits: tuple[Trait, ...]
    unjudged: int = 0

    @property
    def has_direct(self) -> bool:
        """Whether a direct identifier is left."""
        return any(finding.kind is RiskKind.DIRECT for finding in self.findings)


def assess_text(text: str, *, policy: Policy = SAFE_HARBOR, is_replaced: bool = False) -> TextRisk:
    """Return what could single a person out in a text that was de-identified.

    Identifiers that the policy acts on are direct ones; those it keeps, such as the dates of a limited data set, are
    risks of their own. With ``is_replaced`` the text holds stand-ins, which nothing tells from identifiers, so names,
    numbers, dates and places are counted and not judged.
    """
    left = residual_identifiers(text, ())
    acted_on = [f for f in policy.chosen(text, left) if not is_reserved(f.label, text[f.start : f.end])]
    direct = () if is_replaced else tuple(map(_direct, acted_on))
    passages = tuple(p for p in find_passages(text) if not _touches(p, direct))
    kept = tuple(_kept(f) for f in left if not policy.acts_on(f.label) and f.label in _KEPT)
    traits = traits_of(text, passages)
    found = [*direct, *passages, *kept, *_combination(traits)]
    found.sort(key=lambda f: (_KINDS.index(f.kind), f.span.start if f.span else 0))
    return TextRisk(tuple(found), traits, len(acted_on) if is_replaced else 0)


def with_unique_records(risks: Sequence[TextRisk]) -> tuple[TextRisk, ...]:
    """Return the risks of a collection, where a record whose traits no other one shares says so.

    The smallest such combination, of three traits at most, is named: these values occur once (k = 1).
    """
    if len(risks) < len(("one", "another")):
        return tuple(risks)
    counts: Counter[tuple[Trait, ...]] = Counter()
    for risk in risks:
        counts.update(_subsets(risk.traits))
    return tuple(_judged(risk, counts, len(risks)) for risk in risks)


def _judged(risk: TextRisk, counts: Counter[tuple[Trait, ...]], records: int) -> TextRisk:
    alone = next((subset for subset in _subsets(risk.traits) if counts[subset] == 1), None)
    if alone is None:
        return risk
    listed = ", ".join(f"{name} {value}" for name, value in alone)
    reason = f"no other of the {records} records here has: {listed}"
    return replace(risk, findings=(*risk.findings, RiskFinding(RiskKind.UNIQUE, None, reason)))


def _subsets(traits: Sequence[Trait]) -> Iterator[tuple[Trait, ...]]:
    """Yield the combinations of traits, smallest first; a record has each once."""
    ordered = sorted(traits)
    for size in range(1, _LARGEST_COMBINATION + 1):
        yield from combinations(ordered, size)


def _combination(traits: Sequence[Trait]) -> Iterator[RiskFinding]:
    names = sorted({name for name, _ in traits})
    telling = [name for name in names if name not in {"age", "sex"}]
    if len(names) >= _TELLING and telling:
        yield RiskFinding(
            RiskKind.COMBINATION, None, f"{', '.join(names)} are all stated: together they fit few people"
        )


def _direct(finding: PiiFinding) -> RiskFinding:
    reason = f"looks like a {safe_harbor_category(finding.label)}"
    return RiskFinding(RiskKind.DIRECT, Span(finding.start, finding.end), reason)


def _kept(finding: PiiFinding) -> RiskFinding:
    reason = "kept by the policy; whoever knows when the person was seen can use it"
    return RiskFinding(_KEPT[finding.label], Span(finding.start, finding.end), reason)


def _touches(finding: RiskFinding, others: Sequence[RiskFinding]) -> bool:
    return finding.span is not None and any(o.span is not None and o.span.overlaps(finding.span) for o in others)
