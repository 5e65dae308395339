"""Score diagnoses by a comorbidity index; what has no part in it is reported, never dropped."""

from openmed_agent.planes.codes.charlson import CHARLSON, CHARLSON_2011, age_points
from openmed_agent.planes.codes.comorbidity_index import ComorbidityIndex
from openmed_agent.planes.codes.contract import ComorbidityReply, ComorbidityRequest, Ignored
from openmed_agent.planes.codes.elixhauser import elixhauser
from openmed_agent.planes.codes.icd_concepts import IcdConcepts, normal_code
from openmed_agent.planes.codes.icd_validation import is_known


def score_comorbidity(request: ComorbidityRequest, concepts: IcdConcepts) -> ComorbidityReply:
    """Return the conditions found, their weights and sum, and for Charlson the age-adjusted sum."""
    index = _index(request.index)
    codes: dict[str, str] = {}
    ignored: list[Ignored] = []
    for text in dict.fromkeys(request.codes):
        plain = normal_code(text)
        if plain is not None and is_known(concepts, plain):
            codes[plain] = text.strip().upper()
        else:
            reason = "Not a code of ICD-10-CM" if plain is None else "In no release of ICD-10-CM that is known here"
            ignored.append(Ignored(code=text, reason=reason))
    conditions = index.found(codes)
    used = {text for condition in conditions for text in condition.codes}
    ignored.extend(
        Ignored(code=text, reason="No condition of the index") for text in codes.values() if text not in used
    )
    score = sum(condition.weight for condition in conditions if condition.superseded_by is None)
    points = None if request.age is None or request.index == "elixhauser" else age_points(request.age)
    return ComorbidityReply(
        index=request.index,
        conditions=conditions,
        score=score,
        age_points=points,
        age_adjusted_score=None if points is None else score + points,
        ignored=tuple(ignored),
        release=index.release,
    )


def _index(name: str) -> ComorbidityIndex:
    match name:
        case "charlson":
            return CHARLSON
        case "charlson_quan_2011":
            return CHARLSON_2011
        case _:
            return elixhauser()
