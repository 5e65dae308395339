"""Whose chart a note is: name, birth date, sex and record number as its header states them, and their comparison."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from openmed_agent.clinical.identity_dates import DATE, iso_date
from openmed_agent.clinical.identity_names import same_name
from openmed_agent.text.spans import Span

IdentityField = Literal["name", "birth_date", "sex", "record_number"]
Verdict = Literal["same", "different", "conflicting", "unknown"]

HEADER: Final = 20_000
"""How many characters of a note are searched for a header."""


@dataclass(frozen=True, slots=True)
class Stated:
    """One fact of a header: the value for comparison, and where it is written. `value` is None when it is ambiguous."""

    span: Span
    value: str | None


@dataclass(frozen=True, slots=True)
class PatientIdentity:
    """What a note says about who its patient is; what it does not say is None.

    `birth_date` is an ISO date, `sex` is `female` or `male`, `record_number` has no spaces or punctuation.
    """

    name: Stated | None = None
    birth_date: Stated | None = None
    sex: Stated | None = None
    record_number: Stated | None = None


@dataclass(frozen=True, slots=True)
class IdentityComparison:
    """The verdict on two identities, and the fields that led to it."""

    verdict: Verdict
    agreeing: tuple[IdentityField, ...]
    differing: tuple[IdentityField, ...]


_I: Final = re.IGNORECASE
# Letters of any script, so that Zoë and Nuñez are whole words.
_LETTER: Final = r"[^\W\d_]"
_WORD: Final = rf"{_LETTER}{{1,30}}(?:['’‐-]{_LETTER}{{1,30}}){{0,2}}\.?"
_CAPITAL: Final = rf"(?:(?-i:(?!\d)[A-ZÀ-ÖØ-ÞĀŁŚŠŽČĆĐ]){_LETTER}{{0,30}}(?:['’‐-]{_LETTER}{{1,30}}){{0,2}}\.?)"
_STOP_WORD: Final = (
    r"(?!(?:DOB|D\.O\.B|MRN|Age|Sex|Gender|Date|Birth|Admit|Admission|Discharge|Visit|Medical|"
    r"Record|Account|Acct|SSN|Phone|"
    r"Address|Room|Provider|Attending|Physician|Dr|Doctor|Referring|Male|Female|M|F|ID|DOS|"
    r"Encounter|Location|Unit|Service|Patient|Name|"
    r"Insurance|PCP|Unknown|Is|Was|The|Presents|History|Chief|Number|No|Hospital|Clinic|Race|"
    r"Marital|Status|Preferred|Pronouns|"
    r"AKA|Pt|Chart|Case|Report|Ref|Re|Seen|For|And|With|Has|Born|Year|Yo|Results?|Appointment|"
    r"Authorization|"
    r"Prior|Referral|Follow|Lab|Labs|Request|Letter|Appeal|Claim|Denial|Consult|Message|Refill|Test|"
    r"Reports|Denies|States|"
    r"Education|Instructions|Information|Complains|Summary|Note|Progress|Consultation|Emergency|"
    r"Department)\b)"
)
_ONE: Final = rf"{_STOP_WORD}{_CAPITAL}"
_ANY_CASE: Final = rf"{_STOP_WORD}{_WORD}"
_TITLE: Final = r"(?:(?:Mr|Mrs|Ms|Miss|Mx)\.?[ ])?"
# The comma form allows suffixes and middle initials; M and F are initials only when a full stop or more name follows.
_SUFFIX: Final = r"(?:,?[ ](?:Jr|Sr|II|III|IV)\b\.?)?"
_FULL: Final = (
    rf"{_TITLE}(?:{_ONE}(?:[ ]{_ONE})?,[ ]?{_ONE}(?:[ ](?:[A-Z]\.|{_ONE})){{0,2}}|{_ONE}(?:[ ]"
    rf"(?:[A-Z]\.|[A-Z](?=[ ][A-Z])|{_ONE}|(?:de|la|van|von|der|del|da|di|bin|al)(?=[ ]))){{1,4}}){_SUFFIX}"
)
_LOOSE: Final = (
    rf"{_TITLE}(?:{_ANY_CASE}(?:[ ]{_ANY_CASE})?,[ ]?{_ANY_CASE}(?:[ ]{_ANY_CASE}){{0,2}}|"
    rf"{_ANY_CASE}(?:[ ]{_ANY_CASE}){{1,3}})"
)

_LABELLED_NAME: Final = re.compile(
    (
        r"(?:(?<=\n)|(?<=[|;\t])|(?<=[ ][ ])|\A)[ \t*#>|_-]{0,8}(?:(?:patient|pt\.?|member|client|"
        r"resident|beneficiary|subscriber)(?:['’]s)?"
        r"(?:[ ](?:full[ ]|legal[ ])?name)?|(?:full[ ]|legal[ ])?name(?:[ ]of[ ]patient)?|RE|Regarding|"
        r"Subject|Name[ ]\(last,[ ]?first\))"
        r"[ \t*_]{0,4}[:=#|\t][ \t*_|:]{0,8}"
        rf"(?P<name>{_FULL}|{_LOOSE}(?=[ \t]*(?:[\n,;|(]|\Z|[ ][ ]|DOB|MRN)))"
    ),
    _I,
)
_UNLABELLED: Final = re.compile(
    (
        rf"(?:(?<=\n)|\A)[ \t*#]{{0,8}}(?P<name>{_FULL})(?=[ \t,;|()-]{{1,6}}(?:MRN|DOB|D\.O\.B|(?:M|F|"
        r"Male|Female)\b[ ,;|/]|\(?[0-9]{1,3}[ -]?(?:Y\b|y\.?o|yr|year)|"
        r"Medical[ ]Record|(?:is[ ]an?[ ])(?:[a-z-]{3,20}[ ]){0,2}[0-9]{1,3}[ -]?(?:y\.?/?o|yr|"
        r"year)|\([MF]\)))"
    ),
    _I,
)
_PROSE: Final = re.compile(
    (
        rf"(?<![\w.'’-])(?P<name>{_TITLE}{_ONE}(?:[ ](?:[A-Z]\.|{_ONE})){{0,3}})(?:,)?[ ](?:who[ ])?(?:is|"
        r"was)[ ](?:an?|the)[ ]"
        r"(?:[a-z-]{3,20},?[ ]){0,3}[0-9]{1,3}[ -]?(?:y\.?/?o\b|yo\b|yr|year)"
    ),
    _I,
)
# A patient named in a running line: "Pt: Ada Lind, 29 F", "re: patient Ada Lind, 84 yo".
_NAMED_WITH_AGE: Final = re.compile(
    (
        rf"(?<![A-Za-z])(?:patient|pt)(?:[ ]name)?[ ]?:?[ ](?P<name>{_FULL})(?=[,;]?[ ]\(?[0-9]{{1,3}}[ -]?"
        r"(?:y\.?/?o\b|yo\b|yr|year|y\b|[MF]\b))"
    ),
    _I,
)
_BIRTH: Final = re.compile(
    (
        r"(?:\bD\.?O\.?B\b\.?|\b(?:date[ ]of[ ]birth|birth[ -]?date|birthdate|born(?:[ ]on)?|"
        rf"b\.?d\.?(?=:)))[ \t*_]{{0,4}}[:=#|(]?[ \t*_|:]{{0,8}}(?P<date>{DATE})"
    ),
    _I | re.ASCII,
)
_RECORD: Final = re.compile(
    (
        r"\b(?:M\.?R\.?N\b\.?|med(?:ical)?\.?[ ]rec(?:ord)?\.?(?:[ ](?:number|num|no\.?))?|"
        r"MR[ ]?(?:number|no\.?|\#)|MR(?=[ ]?[#:])|"
        r"(?:patient|pt\.?|chart|hospital|unit|record)[ ]?(?:id|number|no\.?|\#)|NHS[ ](?:number|"
        r"no\.?))(?:[ ]?(?:number|no\.?|\#))?"
        r"[ \t*_]{0,4}[:=#|]{0,2}[ \t*_|:#]{0,8}"
        r"(?P<number>[A-Z]{0,4}-?[0-9][0-9A-Z-]{2,19}(?:[ ][0-9]{2,4}){0,3})(?![\w/])"
    ),
    _I | re.ASCII,
)
_SEX_LABELLED: Final = re.compile(
    (
        r"\b(?:sex|gender|legal sex|sex at birth)[ \t*_]{0,4}[:=|][ \t*_|]{0,8}(?P<sex>female|male|"
        r"woman|man|f|m)\b"
    ),
    _I | re.ASCII,
)
_SEX_AGE: Final = re.compile(
    (
        r"\b[0-9]{1,3}[ -]?(?:y\.?/?[ ]?o\b\.?|yo\b|yrs?\.?(?:[ -]old)?|years?(?:[ -]old|"
        r"[ -]of[ -]age)?|y\b)[ ,/-]{0,3}(?:[a-z-]{3,20}[ ]){0,3}"
        r"(?P<sex>female|male|woman|man|lady|gentleman|girl|boy|f|m)\b"
    ),
    _I | re.ASCII,
)
_SEX_HEADER: Final = re.compile(
    (
        r"(?:(?<=[A-Z][A-Z])|(?<=[a-z]{2}))[ \t,;|(]{1,4}(?P<sex>F|M|Female|"
        r"Male)[ \t,;|/)]{1,4}(?=[0-9]{1,3}[ -]?(?:y|Y|\b)|DOB|MRN)"
    ),
    re.ASCII,
)
# "72F COPD", "29 F." where a sentence or an item begins or after a name; "T 99 F" and "Temp: 99 F" are temperatures.
_SEX_LETTER: Final = re.compile(
    r"(?:\A|\n|[.,;][ ]|(?<!mp)(?<!mperature)(?<!\bT):[ ])[ \t]{0,8}[0-9]{1,3}[ ]?"
    r"(?:y/?o?[ ])?(?P<sex>[MF])(?=[ ,.;]|\Z)",
    re.ASCII,
)
_FEMALE: Final = frozenset(("female", "woman", "f", "lady", "girl"))
# A label or kinship word just before a name gives the line to somebody else.
_OTHERS: Final = re.compile(
    (
        r"(?:mother|father|parent|guardian|spouse|wife|husband|son|daughter|sister|brother|emergency|"
        r"contact|attending|provider|"
        r"physician|doctor|dr\.?|surgeon|nurse|author|dictated|signed|cc|referr|guarantor|relative|kin|"
        r"caregiver|partner|aunt|uncle|"
        r"insured|subscriber|employer|pharmacy|resident physician)[^\n]{0,40}$"
    ),
    _I | re.ASCII,
)
_CLINICIAN_AFTER: Final = re.compile(
    r",?[ ](?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A(?:-C)?|Ph\.?D|FNP|DPM|PharmD|MBBS|DNP)\b", re.ASCII
)


def read_identity(text: str) -> PatientIdentity:
    """Return what the first `HEADER` characters say about who the patient is.

    Names come from labelled lines, from a first line with a record number, age or birth date beside the name, or
    from an opening sentence (`Jane Public is a 72 y.o. female`); never from a clinician's or a relative's line.
    """
    head = text[:HEADER]
    return PatientIdentity(
        name=_name(head), birth_date=_birth_date(head), sex=_sex(head), record_number=_record_number(head)
    )


def _name(head: str) -> Stated | None:
    for pattern in (_LABELLED_NAME, _UNLABELLED, _NAMED_WITH_AGE, _PROSE):
        for match in pattern.finditer(head):
            if pattern is not _NAMED_WITH_AGE and _belongs_to_another(head, match.start("name"), match.end("name")):
                continue
            written = match["name"].rstrip(" ,.-")
            if pattern is _PROSE and " " not in written:
                continue
            span = Span(match.start("name"), match.start("name") + len(written))
            return Stated(span, " ".join(written.split()))
    return None


def _belongs_to_another(head: str, start: int, end: int) -> bool:
    line = head.rfind("\n", max(0, start - 60), start) + 1 or max(0, start - 60)
    return bool(_OTHERS.search(head[line:start])) or bool(_CLINICIAN_AFTER.match(head, end))


def _birth_date(head: str) -> Stated | None:
    for match in _BIRTH.finditer(head):
        line = head.rfind("\n", max(0, match.start() - 60), match.start()) + 1
        if _OTHERS.search(head[max(line, match.start() - 60) : match.start()]):
            continue
        return Stated(Span(*match.span("date")), iso_date(match["date"]))
    return None


def _record_number(head: str) -> Stated | None:
    match = _RECORD.search(head)
    if match is None:
        return None
    number = "".join(character for character in match["number"] if character.isalnum()).upper()
    return Stated(Span(*match.span("number")), number)


def _sex(head: str) -> Stated | None:
    for pattern in (_SEX_LABELLED, _SEX_HEADER, _SEX_AGE, _SEX_LETTER):
        for match in pattern.finditer(head):
            if pattern in {_SEX_AGE, _SEX_LETTER} and _KIN.search(head[max(0, match.start() - 30) : match.start()]):
                continue
            value = "female" if match["sex"].lower() in _FEMALE else "male"
            return Stated(Span(*match.span("sex")), value)
    return None


_KIN: Final = re.compile(
    r"\b(?:mother|father|wife|husband|son|daughter|sister|brother|child|partner|his|her)\b", _I | re.ASCII
)


def compare_identities(a: PatientIdentity, b: PatientIdentity) -> IdentityComparison:
    """Return whether two notes speak of one person.

    `different`: name and birth date differ; or the record number and one of these; or nothing but the names can be
    compared and they differ. `conflicting`: some fields agree and another differs, or one differs alone. `same`:
    name, birth date or record number agree and none differs. `unknown`: none of the three is in both.
    """
    agreeing: list[IdentityField] = []
    differing: list[IdentityField] = []
    for field, same in _compared(a, b):
        (agreeing if same else differing).append(field)
    return IdentityComparison(_verdict(frozenset(agreeing), frozenset(differing)), tuple(agreeing), tuple(differing))


def _compared(a: PatientIdentity, b: PatientIdentity) -> list[tuple[IdentityField, bool]]:
    pairs: tuple[tuple[IdentityField, Stated | None, Stated | None], ...] = (
        ("name", a.name, b.name),
        ("birth_date", a.birth_date, b.birth_date),
        ("sex", a.sex, b.sex),
        ("record_number", a.record_number, b.record_number),
    )
    compared: list[tuple[IdentityField, bool]] = []
    for field, first, second in pairs:
        if first is None or second is None or first.value is None or second.value is None:
            continue
        same = (
            same_name(first.value, second.value) if field == "name" else _same_value(field, first.value, second.value)
        )
        compared.append((field, same))
    return compared


def _same_value(field: IdentityField, a: str, b: str) -> bool:
    return a.lstrip("0") == b.lstrip("0") if field == "record_number" else a == b


def _verdict(agreeing: frozenset[IdentityField], differing: frozenset[IdentityField]) -> Verdict:
    decisive: frozenset[IdentityField] = frozenset(("name", "birth_date", "record_number"))
    if len(differing & decisive) > 1:
        return "different"
    if differing == {"name"} and not agreeing & decisive:
        return "different"
    if differing:
        return "conflicting"
    return "same" if agreeing & decisive else "unknown"
