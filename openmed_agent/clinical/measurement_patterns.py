"""The patterns around a measured value: what leads to it, its unit, flag, reference range and date.

Every repetition is bounded, and each pattern is only matched at a known place, so that cost stays linear. Up to 40
blanks may stand between two columns of a table.
"""

import re

_SEPARATOR = r"[ \t]{0,12}[|\t:][ \t|]{0,12}"
LEAD_WORDS = (
    "is|was|of|at|level|levels|value|result|resulted|count|today|currently|now|noted|to be|reading|measured|"
    "measures|recorded|remains|remained|came back|returned|found|on admission|on discharge|"
    "on arrival|this morning|"
    "yesterday|initially|down to|up to|increased to|decreased to|rose to|fell to|dropped to|"
    "improved to|trended to|"
    "stable at|approximately|approx|about|around|only|still|in the|has been|repeat|peaked|peak|"
    "in clinic|in office|at home|home|in the ed|in ed|sitting|standing|supine|lying|manual|"
    "nadir|dropped|low as|as low as|as high as|"
    "are|were|be|been|score|scale|rate|max|oral|elevated|high|low|critically|markedly|mildly|slightly|normal|"
    "abnormal|and|most recently|most recent|last|also|to|total|serum|plasma|blood|here|reported|as"
)
LEAD = re.compile(
    rf"(?:[ \t]{{0,8}}(?:[:=|~]|[-–](?=[ \t])|,(?=[ \t]\d)|\*\*|(?:{LEAD_WORDS})\b|"
    rf"\((?=[ \t]?[A-Za-z])[A-Za-z .,/]{{1,20}}\)|\((?=\d{{2,3}}(?:/|\.)\d)|"
    r"\(?(?:on[ \t])?(?P<date>\d{1,2}/\d{1,2}/\d{2,4}|\d{4}-\d{2}-\d{2}|"
    r"\d{1,2}/\d{4})\)?(?=[ \t:,]))){0,7}[ \t]{0,40}",
    re.IGNORECASE,
)
NUMBER = r"\d{1,3}(?:,\d{3}){1,3}(?:\.\d{1,4})?|\d{1,7}(?:\.\d{1,18})?|\.\d{1,4}"
VALUE = re.compile(rf"(?P<comparator>[<>≤≥]=?)?[ \t]?(?P<number>{NUMBER})")
# A name at the end of a wrapped line and its value at the start of the next; "2. " there is a number of a list.
WRAP = re.compile(
    r"[ \t]{0,3}\r?\n[ \t]{0,8}"
    r"(?=\d{1,4}(?:\.\d{1,4}(?![\d.])|/\d|,\d{3}|[ \t]?(?:%|mg/|mmol|mEq|bpm|lb|kg)))"
)
# A short name written in another case counts before its value only: "hr 84", "bp 118/64", "CR 1.4".
OTHER_CASE = re.compile(r"(?:[ \t]?[:=][ \t]?|[ \t]{1,2})(?=[<>]?\d{1,3}(?:[./]\d|[ \t,;%]|\.?(?:\s|$)))")
LOOSE_NAMES = frozenset(("bp", "hr", "rr", "wt", "ht", "na", "k", "cl", "cr", "t", "p", "r"))
LOOSE_SINGLE = frozenset(("t", "p", "r"))
VITALS_NEAR = re.compile(r"\b(?:vs|vss|vitals|bp|hr|temp|pulse|spo2|sats?)\b", re.IGNORECASE)
_MONTHS = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
COLUMN_DATE = re.compile(
    r"(?:\d{1,2}[/.-]\d{1,2}(?:[/.-]\d{2,4})?|\d{4}-\d{2}-\d{2}|"
    rf"\d{{1,2}}[ -]?{_MONTHS}[a-z]{{0,6}}(?:[ -]\d{{2,4}})?|{_MONTHS}"
    r"[a-z]{0,6}\.?[ ]\d{1,2}(?:,?[ ]\d{4})?)"
    r"(?:[ T]\d{1,2}:?\d{2}(?::\d{2})?(?:[ ]?[ap]m)?)?",
    re.IGNORECASE,
)
PRESSURE = re.compile(r"(?P<systolic>\d{2,3})[ \t]?/[ \t]?(?P<diastolic>\d{2,3})(?![\d/])")
NEXT_PRESSURE = re.compile(r"[ \t]{0,3}(?:,|;|and|then|to)[ \t]{1,3}(?=\d{2,3}[ \t]?/[ \t]?\d{2,3}(?![\d/]))")
FRACTION_RANGE = re.compile(r"(?P<low>\d{1,2})[ \t]?%?[ \t]?(?:-|–|to)[ \t]?(?P<high>\d{2})(?=[ \t]?%)")
OUT_OF_TEN = re.compile(r"(?P<number>\d{1,2})(?:[ \t]?/[ \t]?|[ \t]out[ \t]of[ \t])10\b")
OF_TEN = re.compile(r"(?:[ \t]?/[ \t]?|[ \t]out[ \t]of[ \t])10")
FEET = re.compile(
    r"(?P<feet>[3-7])[ \t]?(?:'|’|′|ft\.?|feet|"
    r"foot)[ \t]?(?P<inches>\d{1,2}(?:\.\d)?)?[ \t]?(?:\"|”|″|''|in(?:ches)?\b\.?)?"
)
PAIR = re.compile(rf"(?P<first>{NUMBER})[ \t]?/[ \t]?(?P<second>{NUMBER})(?![\d/])")
UNIT = re.compile(
    r"(?:[ \t]{0,4}(?:[|\t][ \t|]{0,12})?|[ ]{5,40})(?P<unit>"
    r"(?:mg|mcg|µg|μg|ug|g|ng|pg|gm|mmol|µmol|μmol|umol|nmol|pmol|mEq|meq|mU|mIU|uIU|µIU|μIU|µU|"
    r"IU|U|units|kU|mOsm|copies)"
    r"/(?:dL|dl|DL|mL|ml|ML|L|l|kg|g|mmol|h|hr|24[ \t]?h(?:r|ours?)?|day|"
    r"mg)(?:[ \t]?FEU)?(?:/1\.73[ \t]?m\^?[2²])?|"
    r"m[Ll]/min(?:/1\.73[ \t]?m\^?[2²])?|"
    r"(?:[x×*][ \t]?)?10[ \t]?(?:\^|\*|E|e)?[ \t]?(?:3|6|9|12|³|⁶|⁹)[ \t]?/[ \t]?(?:[uµμm]?L|"
    r"[uµμm]?l|mm3|mm\^3|cumm)|"
    r"(?:K|k|M|thousand|thou|Thousand|million|cells?)/(?:[uµμm]L|[uµμm]l|mm3|mm\^3|cumm|mcL)|/[uµμ]L|/mm3|"
    r"kg/m\^?[2²]|mm/h(?:r|our)?|mm[ \t]?Hg|mm[ \t]?hg|mmHg|bpm|BPM|beats[ \t]per[ \t]minute|"
    r"beats/min|breaths[ \t]per[ \t]minute|"
    r"breaths/min(?:ute)?|/min|per[ \t]minute|%|°[ \t]?[FCfc]|º[ \t]?[FCfc]|˚[ \t]?[FCfc]|"
    r"deg(?:rees)?\.?(?:[ \t](?:F(?:ahrenheit)?|C(?:elsius)?))?|"
    r"[FC](?![a-z])|fahrenheit|celsius|kgs?|kilograms?|lbs?|pounds|cm|inches|in(?=[ \t.,;)]|$)|"
    r"meters?|m(?=[ \t.,;)]|$)|"
    r"fL|fl|pg|seconds|secs?|s(?=[ \t.,;)]|$)|ratio|IU|U/L)(?![A-Za-z/])",
)
FLAG = re.compile(
    r"(?:[ \t]{0,6}[|\t]?[ \t|]{0,12}|[ ]{19,40})(?P<open>[(\[]?)(?P<flag>HH|LL|H|L|A|C|\*{1,2}|↑|↓|"
    r"(?i:critical(?:ly)?(?:[ \t](?:high|low))?|crit|high|low|"
    r"abnormal|elevated|flag:?[ \t]?[HL]))(?P<close>[)\]]?)(?![\w/*])"
)
RANGE = re.compile(
    r"(?:[ \t]{0,6}(?:,[ \t])?[|\t]?[ \t|]{0,12}|[ ]{19,40})(?:[(\[][ \t]?(?:(?i:ref(?:erence)?|normal|nl|range|"
    r"rr)[a-z.: \t]{0,18})?|"
    r"(?i:ref(?:erence)?|normal)[a-z.: \t]{1,18}|(?<=[|\t])[ \t]{0,4}|(?<=[ ]{2}))"
    rf"(?P<range>(?:{NUMBER})[ \t]?(?:-|–|to)[ \t]?(?:{NUMBER})|"
    rf"[<>≤≥]=?[ \t]?(?:{NUMBER}))(?:[ ]?(?!(?:HH|LL|H|L)\b)[A-Za-z%µμ/]{{1,10}})?[ ]?[)\]]?",
)
DATE = re.compile(
    r"[ \t]{0,4},?[ \t]{0,2}\(?(?:(?:on|as of|from|dated|"
    r"in)[ \t])?(?P<date>\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}|"
    r"\d{1,2}/\d{4}|(?:(?<=on )|(?<=\())\d{1,2}/\d{1,2}|"
    r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|"
    r"Dec)[a-z]{0,6}\.?[ \t](?:\d{1,2},?[ \t])?(?:19|20)\d\d)(?![\d/])\)?"
)
# A saturation that is told by what was breathed: "92% RA", "95% on 2L NC". `air` stands for the name.
SATURATION = re.compile(
    r"(?<![\d.,/-])(?P<number>[5-9]\d|100)[ \t]?%[ \t](?:(?:on|at)[ \t])?"
    r"(?P<air>RA\b|(?i:room[ \t]air)\b|NC\b|NRB\b|"
    r"\d{1,2}(?:\.\d)?[ \t]?(?:L|lpm|LPM|liters?)\b(?:[ \t](?:NC|nasal cannula))?)"
)
# "in the 110s" is a range and no value.
DECADE = re.compile(r"0s\b")
# What after a number says that it is a dose, a count, an age or a duration.
NOT_A_VALUE = re.compile(
    r"(?-i:[MF])\b|[ \t]{0,3}(?:(?:mg|mcg|µg|μg|ug|(?-i:g)|gm|grams?|units?|iu|meq|mmol|ml|(?-i:l)|liters?|"
    r"tabs?|tablets?|caps?|capsules?|puffs?|drops?|gtts?|"
    r"sprays?|patch(?:es)?|packs?|ppd|lpm)\b(?![ \t]?/[ \t]?(?:d?l|ml|kg|g|mmol|h|hr|24|day|mg|min)\b)|"
    r"(?:po|iv|im|bid|tid|qid|qd|daily|qhs|weekly|nightly|prn|every|per[ \t]day|once|twice|times|"
    r"x[ \t]|x\d|tries|attempts|times/|"
    r"years?|yrs?|yo\b|y/o|months?|mos?|weeks?|wks?|days?|hours?|(?-i:hrs?)(?![ ]?[0-9])|minutes?|mins?|doses?|"
    r"sessions?|visits?|am\b|pm\b|"
    r"st\b|nd\b|rd\b|th\b|o'clock|readings?|measurements?|checks?|points?|out[ \t]of))"
    r"|[ \t]?(?:-|–|to[ \t])[ \t]?\d|[ \t]?/[ \t]?\d|\d|\.\d|[ \t]?-[ \t]?(?:year|month|week|day|"
    r"hour|mg|mcg)",
    re.IGNORECASE,
)
# What before a name says that no measurement follows: goals, conditions, orders.
NOT_MEASURED = frozenset(
    (
        *("goal", "goals", "target", "targets", "targeting", "keep", "maintain", "aim", "aiming", "threshold", "hold"),
        *(
            "if",
            "when",
            "whenever",
            "unless",
            "until",
            "parameters",
            "should",
            "call",
            "notify",
            "titrate",
            "less",
            "held",
            "holding",
        ),
        *("greater", "replace", "replete", "repletion", "give", "given", "take", "takes", "start", "started"),
    )
)
# What was done with a drug: after a comma, a value may follow that was measured.
DONE_WITH_A_DRUG = frozenset(("held", "given", "started", "takes"))
COMPARED = re.compile(r"[ \t]{0,3}[<>≤≥]")
# What directly before a name makes it another name: "fundal height".
OTHER_NAME_BEFORE = frozenset(("fundal", "uterine", "sitting-rising", "bed"))
STATEMENT_START = re.compile(r"[.;:\n|]")
RAISED_BEFORE = re.compile(r"\b(?P<flag>elevated|high|low|critical|abnormal)[ \t]{1,3}(?:serum[ \t])?$", re.IGNORECASE)
STATED_IN_LEAD = re.compile(r"\b(?P<flag>elevated|high|low|critically|abnormal)\b", re.IGNORECASE)
ARROW = re.compile(r"[ \t]{0,3}(?:->|→|-->|=>|>>)[ \t]{0,3}")
