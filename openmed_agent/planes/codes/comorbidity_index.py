"""What a comorbidity index is: conditions with weights, found by how codes begin."""

from collections.abc import Mapping
from dataclasses import dataclass

from openmed_agent.planes.codes.contract import ComorbidCondition, Release


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, the beginnings of its codes without dot, and the severer form that counts in its place."""

    name: str
    weight: int
    starts: tuple[str, ...]
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class ComorbidityIndex:
    """An index with its source."""

    name: str
    release: Release
    conditions: tuple[Condition, ...]

    def found(self, codes: Mapping[str, str]) -> tuple[ComorbidCondition, ...]:
        """Return the conditions of ``codes``, which are given without dot and as they were written."""
        members = {
            condition.name: tuple(text for plain, text in codes.items() if plain.startswith(condition.starts))
            for condition in self.conditions
        }
        return tuple(
            ComorbidCondition(
                condition=condition.name,
                weight=condition.weight,
                codes=members[condition.name],
                superseded_by=condition.superseded_by if members.get(condition.superseded_by or "") else None,
            )
            for condition in self.conditions
            if members[condition.name]
        )
