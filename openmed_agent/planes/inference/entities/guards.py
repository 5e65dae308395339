"""What a word means in its place: abbreviations, laboratory values and ordinary words that only look like terms."""

from collections.abc import Callable
from typing import Final

from openmed_agent.planes.inference.entities.lexicon import (
    Abbreviation,
    Kind,
    Writing,
    abbreviations,
    formation_words,
    word_set,
)
from openmed_agent.planes.inference.entities.matching import Mention
from openmed_agent.planes.inference.entities.normal import Tokens
from openmed_agent.planes.inference.entities.other_senses import names_another_thing

_LONG: Final = 4
_ZIP_DIGITS: Final = 5
_TITLES: Final = word_set("dr mr mrs ms miss prof")
# Words after which a short form names a condition.
_CUES: Final = word_set(
    "with has have had having of hx history known dx diagnosis diagnosed for no not denies denied any "
    "without o w c and or probable possible likely suspected acute chronic severe moderate mild "
    "critical prior recent recurrent new active positive pmh pmhx s p from secondary bilateral saddle "
    "massive frequent daily some exertional relapsing "
)
_NOT_A_CONDITION_BEFORE: Final = word_set(
    "vaccine vaccination shot immunization booster toxoid screening screen test testing prophylaxi "
    "prophylaxis clinic center centre unit education educator team specialist foundation society "
    "association awareness "
)
_OTHER_SENSE: Final = {
    "pain": word_set("management medication medicine med clinic scale score control reliever killer specialist level"),
    "stress": word_set("test echo echocardiogram incontinence ulcer fracture dose management ball"),
    "mass": word_set("index effect spectrometry general"),
    "shock": word_set("wave therapy"),
    "flu": word_set("season"),
    "burn": word_set("unit center calories"),
    "injury": word_set("prevention"),
    "reflux": word_set("testing"),
    "strain": word_set("echo gauge"),
    "cough": word_set("drop syrup suppressant medicine etiquette"),
    "stroke": word_set("volume"),
    "hypertrophy": word_set("training"),
}
_OTHER_SENSE_BEFORE: Final = {
    "mass": word_set("body muscle lean fat bone critical"),
    "stress": word_set("oxidative"),
    "strain": word_set("bacterial viral yeast mouse"),
}
_HEADINGS: Final = word_set("allergy allergies")
_MEASURES: Final = frozenset([("muscle", "mass"), ("body", "mass"), ("bone", "mass"), ("ventricular", "mass")])
_COLD_THINGS: Final = word_set(
    "compress pack weather water drink day room environment front therapy air temperature food "
)

# Analytes and substances: a drug only when given, otherwise a value or an exposure.
_ANALYTES: Final = word_set(
    "b12 potassium sodium calcium magnesium iron glucose albumin chloride bicarbonate phosphorus "
    "phosphate zinc copper cholesterol testosterone estradiol estrogen progesterone cortisol "
    "thyroxine folate ferritin urea ammonia lactate oxygen alcohol ethanol nicotine caffeine protein "
    "hemoglobin triglyceride selenium iodine lead mercury dextrose water carbon sulfate citrate "
    "nitrogen histamine dopamine serotonin prolactin vasopressin glutamate creatine carnitine cocaine "
    "marijuana heroin cannabis opiate opioid amphetamine benzodiazepine barbiturate tobacco gluten "
    "lactose latex creatinine bilirubin fibrinogen plasminogen thrombin transferrin insulin-like "
    "cortisone-like "
)
_DOSE_UNITS: Final = word_set(
    "mg mcg g gm gram mg meq unit iu ml milligram microgram ug u cap capsule tab tablet puff spray patch gram "
)
_FORMS: Final = word_set(
    "tablet tab supplement supplementation capsule replacement repletion infusion drip gtt iv po pill "
    "gel patch cream injection oral syrup chewable gummy therapy pack gum lozenge inhaler "
)
_GIVING: Final = word_set(
    "take taking took taken oral iv po start started starting continue continued supplement replete "
    "repleted prescribed refill give given receive received administer administered resume hold held "
    "increase decrease topical transdermal "
)
_GRADES: Final = word_set("trace trivial mild moderate severe significant")
_ALL_CAPS_WORDS: Final = word_set(
    "pad gist aids cap all as nash mom arb ad ca ha ra pe or it us pid cap doe ida hap sdh pnd "
)


def keeps(tokens: Tokens, mention: Mention, kind: Kind) -> bool:
    """Return whether the mention means what its list says, where it stands."""
    if _is_surname(tokens, mention):
        return False
    match kind:
        case Kind.DISEASE | Kind.ONCOLOGY:
            return _is_condition(tokens, mention)
        case Kind.DRUG:
            return _is_medication(tokens, mention)
        case _:
            return True


def _is_surname(tokens: Tokens, mention: Mention) -> bool:
    """Return whether a title stands before: "Dr. Pain", not "MS, pain"."""
    titled = mention.first and tokens.words[mention.first - 1] in _TITLES and tokens.raw(mention.first)[0].isupper()
    return bool(titled) and "," not in tokens.gap(mention.first)


def keeps_abbreviation(tokens: Tokens, mention: Mention, entry: Abbreviation) -> bool:
    """Return whether a short form is written as it must be and stands where it can mean the entry."""
    raw = tokens.text[tokens.starts[mention.first] : tokens.ends[mention.last]]
    match entry.writing:
        case Writing.NEVER:
            return False
        case Writing.ANY:
            return True
        case Writing.EXACT:
            same = raw in {entry.form, entry.form + "s", entry.form + "'s"}
            return same and not (mention.length == 1 and raw.lower() in _ALL_CAPS_WORDS and _shouted(tokens, mention))
        case Writing.GUARDED:
            return raw == entry.form and _GUARDS.get(raw, _after_cue)(tokens, mention)


def _is_condition(tokens: Tokens, mention: Mention) -> bool:
    following = _word(tokens, mention.last + 1) if _joined(tokens, mention.last + 1) else ""
    last = tokens.words[mention.last]
    if following in _NOT_A_CONDITION_BEFORE or names_another_thing(tokens, mention):
        return False
    if mention.length > 1:
        return (tokens.words[mention.first], last) not in _MEASURES
    if last in _HEADINGS and tokens.text.startswith(":", tokens.ends[mention.last]):
        return False
    if following in _OTHER_SENSE.get(last, frozenset()):
        return False
    return _word(tokens, mention.first - 1) not in _OTHER_SENSE_BEFORE.get(last, frozenset())


def is_common_cold(tokens: Tokens, index: int) -> bool:
    """Return whether "cold" is the illness: "has a cold", "cold and flu"; not "cold weather"."""
    before, after = _word(tokens, index - 1), _word(tokens, index + 1)
    return before in {"a", "bad"} and after not in _COLD_THINGS


def is_atrial(tokens: Tokens, index: int) -> bool:
    """Return whether "fib" or "flutter" ends the short form of an arrhythmia that is written with a dot: "a. fib"."""
    return _word(tokens, index - 1) == "a" and tokens.gap(index).strip(" ") == "."


def _is_medication(tokens: Tokens, mention: Mention) -> bool:
    word = tokens.words[mention.last]
    following = _word(tokens, mention.last + 1)
    if word == "insulin" and following in {
        "resistance",
        "resistant",
        "dependent",
        "level",
        "sensitivity",
        "sensitive",
    }:
        return False
    if mention.length > 1 or word not in _ANALYTES:
        return True
    if _is_laboratory_value(tokens, mention):
        return False
    return following in _FORMS or _has_dose(tokens, mention.last + 1) or _word(tokens, mention.first - 1) in _GIVING


def _is_laboratory_value(tokens: Tokens, mention: Mention) -> bool:
    tail = tokens.text[tokens.ends[mention.last] : tokens.ends[mention.last] + 24]
    return "/dl" in tail.lower() or "/l" in tail.lower() or tail.lstrip(" ").startswith((":", "=", ">", "<"))


def _has_dose(tokens: Tokens, index: int) -> bool:
    for at in range(index, min(index + 3, len(tokens))):
        raw = tokens.raw(at).lower()
        if raw[0].isdigit() and (raw.lstrip("0123456789") in _DOSE_UNITS or _word(tokens, at + 1) in _DOSE_UNITS):
            return True
    return False


def _after_cue(tokens: Tokens, mention: Mention) -> bool:
    return not _shouted(tokens, mention) and (
        _word(tokens, mention.first - 1) in _CUES or _beside_abbreviation(tokens, mention)
    )


def _beside_abbreviation(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the form stands in a list of capitals: "HTN, DM, RA"."""
    for at, gap_at in ((mention.first - 1, mention.first), (mention.last + 1, mention.last + 1)):
        if 0 <= at < len(tokens) and tokens.gap(gap_at).strip(" ") in {",", "/", ";", "+", "&"}:
            raw = tokens.raw(at)
            if len(raw) > 1 and raw.isupper() and raw.isalnum():
                return True
    return False


def _shouted(tokens: Tokens, mention: Mention) -> bool:
    """Return whether the words around are all in capitals, so that capitals say nothing; short forms always are."""
    around = [
        tokens.raw(at)
        for at in range(max(0, mention.first - 4), min(len(tokens), mention.last + 5))
        if not mention.first <= at <= mention.last
    ]
    long_words = [raw for raw in around if len(raw) >= _LONG and raw.isalpha() and raw.lower() not in abbreviations()]
    return len(long_words) > 1 and all(raw.isupper() for raw in long_words)


def _multiple_sclerosis(tokens: Tokens, mention: Mention) -> bool:
    if _word(tokens, mention.last + 1) in {"contin", "ir", "er"} or _dose_before(tokens, mention):
        return False
    return _after_cue(tokens, mention) or _word(tokens, mention.last + 1) in word_set(
        "flare exacerbation relapse patient"
    )


def _pulmonary_embolism(tokens: Tokens, mention: Mention) -> bool:
    tail = tokens.text[tokens.ends[mention.last] : tokens.ends[mention.last] + 2]
    starts_line = "\n" in tokens.gap(mention.first) or mention.first == 0
    return not (tail.startswith(":") or _word(tokens, mention.last + 1) == "tube" or (starts_line and tail != "\n"))


def _rheumatoid_arthritis(tokens: Tokens, mention: Mention) -> bool:
    head = tokens.text[max(0, tokens.starts[mention.first] - 8) : tokens.starts[mention.first]]
    if "%" in head or _word(tokens, mention.first - 1) in word_set("on room sat sats o2 spo2 to at"):
        return False
    return _word(tokens, mention.last + 1) not in word_set("sat pressure")


def _myocardial_infarction(tokens: Tokens, mention: Mention) -> bool:
    following = tokens.raw(mention.last + 1) if mention.last + 1 < len(tokens) else ""
    in_address = (
        "," in tokens.gap(mention.first) and following[:_ZIP_DIGITS].isdigit() and len(following) >= _ZIP_DIGITS
    )
    return not in_address and not (following.isdigit() and len(following) == _ZIP_DIGITS)


def _diabetes(tokens: Tokens, mention: Mention) -> bool:
    return _word(tokens, mention.first - 1) not in word_set("robitussin mucinex guaifenesin delsym")


def _cancer(tokens: Tokens, mention: Mention) -> bool:
    return _word(tokens, mention.first - 1) in formation_words("body")


def _hydrocephalus(tokens: Tokens, mention: Mention) -> bool:
    near = {_word(tokens, mention.first - 1), _word(tokens, mention.last + 1)}
    insulin = near & (_DOSE_UNITS | {"insulin", "humulin", "novolin"}) or _has_dose(tokens, mention.last + 1)
    return not insulin and not _dose_before(tokens, mention) and _after_cue(tokens, mention)


def _dyspnea_on_exertion(tokens: Tokens, mention: Mention) -> bool:
    return "," not in tokens.gap(mention.first) and _after_cue(tokens, mention)


def _leaking_valve(tokens: Tokens, mention: Mention) -> bool:
    return tokens.joined[mention.first] and _word(tokens, mention.first - 1) in _GRADES


def _dose_before(tokens: Tokens, mention: Mention) -> bool:
    before = _word(tokens, mention.first - 1)
    return before in _DOSE_UNITS or before.isdigit()


_GUARDS: Final[dict[str, Callable[[Tokens, Mention], bool]]] = {
    "MS": _multiple_sclerosis,
    "PE": _pulmonary_embolism,
    "RA": _rheumatoid_arthritis,
    "MI": _myocardial_infarction,
    "DM": _diabetes,
    "CA": _cancer,
    "NPH": _hydrocephalus,
    "DOE": _dyspnea_on_exertion,
    "AI": _leaking_valve,
    "AR": _leaking_valve,
    "MR": _leaking_valve,
    "TR": _leaking_valve,
}


def _word(tokens: Tokens, index: int) -> str:
    return tokens.words[index] if 0 <= index < len(tokens) else ""


def _joined(tokens: Tokens, index: int) -> bool:
    return index < len(tokens) and tokens.joined[index]
