"""How medication directions are written: numbers, units, forms, routes, frequencies.

Each table pairs a pattern with the plain phrase it stands for; the first pattern that matches wins, so the
longer spellings come first. Written from common prescribing usage (US and UK); patterns are ASCII-only and hold
no nested repetition.
"""

import re
from typing import Final

FLAGS: Final = re.IGNORECASE | re.ASCII

WORD_NUMBERS: Final = {
    "a": "1",
    "an": "1",
    "once": "1",
    "one": "1",
    "two": "2",
    "twice": "2",
    "three": "3",
    "thrice": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
    "ten": "10",
    "twelve": "12",
    "fourteen": "14",
    "half": "0.5",
    "one-half": "0.5",
    "½": "0.5",
    "¼": "0.25",
    "1½": "1.5",
}

_WORDS: Final = "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen"
NUMBER: Final = (
    r"(?:[0-9]{1,3}(?:,[0-9]{3}){1,3}(?:\.[0-9]{1,6})?|[0-9]{0,9}\.[0-9]{1,6}|"
    rf"[0-9]{{1,9}}|{_WORDS})"
)
_SMALL: Final = rf"(?:[0-9]{{1,3}}|{_WORDS})"
_SPELT: Final = r"(?:\s?\([a-z]{3,8}\))?"  # every 6 (six) hours
_TO: Final = r"\s{0,2}(?:-|–|—|to|or)\s{0,2}"

MASS_UNITS: Final = (
    (r"(?:mcg|micrograms?|ug|µg|μg)", "mcg"),
    (r"(?:mg|mgs|milligrams?|msg)", "mg"),
    (r"(?:gm|gms|g|grams?)", "g"),
    (r"(?:meq|milliequivalents?)", "mEq"),
    (r"(?:mmol)", "mmol"),
    (r"(?:million units)", "million units"),
    (r"(?:international units?|i\.u\.|iu)", "units"),
    (r"(?:units?|u)", "units"),
    (r"(?:ml|mls|milliliters?|millilitres?|cc|ccs)", "mL"),
    (r"(?:l|liters?|litres?)", "L"),
    (r"(?:teaspoons?|teaspoonfuls?|tsp)", "teaspoon"),
    (r"(?:tablespoons?|tablespoonfuls?|tbsp)", "tablespoon"),
    (r"(?:ounces?|oz)", "ounce"),
    (r"%", "%"),
)

COUNT_UNITS: Final = (
    (
        (
            r"(?:(?:chewable |oral |delayed[- ]release |extended[- ]release )?(?:tablets?|tabs?\.?|"
            r"tablet\(s\)|tab\(s\)|pills?))"
        ),
        "tablet",
    ),
    (r"(?:(?:oral )?(?:capsules?|caps?\.?|capsule\(s\)|cap\(s\)|softgels?|caplets?))", "capsule"),
    (r"(?:puffs?|inhalations?|actuations?|puff\(s\))", "puff"),
    (r"(?:drops?|gtts?\.?|drop\(s\))", "drop"),
    (r"(?:sprays?|squirts?)", "spray"),
    (r"(?:patch(?:es)?)", "patch"),
    (r"(?:suppositor(?:y|ies))", "suppository"),
    (r"(?:lozenges?|troches?)", "lozenge"),
    (r"(?:packets?|sachets?|scoops?|capfuls?)", "packet"),
    (r"(?:nebs?|nebulizers?|vials?|ampules?)", "vial"),
    (r"(?:applications?|applicatorfuls?)", "application"),
    (r"(?:films?|strips?)", "film"),
    (r"(?:pens?|syringes?)", "pen"),
    (r"(?:doses?)", "dose"),
)

FORMS: Final = (
    (r"(?:chewable|chew(?:able)? tab(?:let)?s?)", "chewable tablet"),
    (r"(?:tablets?|tabs?\b\.?|pills?)", "tablet"),
    (r"(?:capsules?|caps?\b\.?|softgels?|caplets?)", "capsule"),
    (r"(?:puffs?)", "puff"),
    (r"(?:(?:hfa )?inhalers?|hfa|mdi|diskus|respimat|ellipta)", "inhaler"),
    (r"(?:nebuli[sz]er solution|nebuli[sz]ers?|nebs?)", "nebulizer solution"),
    (r"(?:patch(?:es)?)", "patch"),
    # Without an eye, an ear or a number, "gtt" is a drip: "heparin gtt".
    (r"(?:(?:eye|ear) ?drops?|drops?|gtts|gtt\.?(?=.{0,24}\b(?:o[uds]|a[uds]|eyes?|ears?|ophth\w*|otic)\b))", "drops"),
    (r"(?:nasal spray|sprays?)", "spray"),
    (r"(?:suppositor(?:y|ies)|supp)", "suppository"),
    (r"(?:cream)", "cream"),
    (r"(?:ointment|oint)", "ointment"),
    (r"(?:gel)", "gel"),
    (r"(?:lotion)", "lotion"),
    (r"(?:shampoo)", "shampoo"),
    (r"(?:foam)", "foam"),
    (r"(?:suspension|susp)", "suspension"),
    (r"(?:solution|soln)", "solution"),
    (r"(?:syrup|elixir|liquid)", "liquid"),
    (r"(?:injection|shots?|infusion|ivpb)", "injection"),
    (r"(?:pen injector|kwikpen|solostar|flexpen|pens?)", "pen"),
    (r"(?:lozenges?)", "lozenge"),
    (r"(?:powder|packets?)", "powder"),
    (r"(?:drip|gtt\.?)", "infusion"),
)

ROUTES: Final = (
    (r"(?:by mouth|per os|p\.o\.?|po|orally|oral)", "by mouth"),
    (r"(?:iv push|ivp|ivpb|intravenous(?:ly)?|i\.v\.?|iv)", "intravenous"),
    (r"(?:sub-?cutaneous(?:ly)?|subcut|sub-?q|s\.c\.|s\.q\.|sub q|sc|sq|under the skin)", "subcutaneous"),
    (r"(?:intramuscular(?:ly)?|i\.m\.?|im)", "intramuscular"),
    (r"(?:intra-?articular(?:ly)?)", "intra-articular"),
    (r"(?:intrathecal(?:ly)?)", "intrathecal"),
    (r"(?:sub-?lingual(?:ly)?|s\.l\.?|sl|under (?:the|your) tongue)", "sublingual"),
    (r"(?:buccal(?:ly)?)", "buccal"),
    (r"(?:per rectum|rectal(?:ly)?|p\.r\.|pr)", "rectal"),
    (r"(?:per vagina|vaginal(?:ly)?|intravaginal(?:ly)?|pv)", "vaginal"),
    (r"(?:transdermal(?:ly)?)", "transdermal"),
    (r"(?:topical(?:ly)?|to (?:the )?(?:affected )?(?:skin|areas?|rash)|to affected areas?)", "topical"),
    (r"(?:via nebuli[sz]er|nebuli[sz]ed|by nebuli[sz]er|per nebuli[sz]er)", "nebulized"),
    (r"(?:inhaled|inhalation|by inhalation|inh)", "inhaled"),
    (r"(?:in(?:to)? (?:both|each) eyes?|in(?:to)? each eye)", "in both eyes"),
    (r"(?:in(?:to)? (?:the )?right eye)", "in the right eye"),
    (r"(?:in(?:to)? (?:the )?left eye)", "in the left eye"),
    (r"(?:in(?:to)? (?:the )?(?:affected )?eyes?|ophthalmic|ophth)", "ophthalmic"),
    (r"(?:in(?:to)? (?:the )?(?:right |left |both |each |affected )?ears?|otic)", "otic"),
    (
        (
            r"(?:intranasal(?:ly)?|nasal(?:ly)?|in(?:to)? (?:each|both|the) nostrils?|each nostril|per "
            r"nostril|in nose)"
        ),
        "nasal",
    ),
    (
        (
            r"(?:via (?:the )?(?:peg|g-?tube|j-?tube|ng(?: ?tube)?|feeding tube|dobhoff)|per (?:peg|g-?tube|"
            r"ng(?: ?tube)?)|ng)"
        ),
        "by feeding tube",
    ),
)

CASED_ROUTES: Final = ((r"OU\b", "in both eyes"), (r"OS\b", "in the left eye"))

_DAY: Final = r"(?:\s{0,2}(?:a|per|each|every|/|in a)\s{0,2}day|\s{0,2}daily|/d\b)"
_WEEK: Final = r"(?:\s{0,2}(?:a|per|each|every|/)\s{0,2}(?:week|wk)|\s{0,2}weekly)"

# Group 1 and 2 of a pattern fill {0} and {1} of its phrase; number words become digits on the way.
FREQUENCIES: Final = (
    (
        (
            r"(?:every|each) (?:other|second|2nd) day|q\.?\s?o\.?d\b\.?|qod|on alternate days|alternate "
            r"days|every 48 ?(?:hours|hrs|h)"
        ),
        ("every other day"),
    ),
    (r"(?:every|each) (?:other|second|2nd) week|q ?2 ?(?:weeks|wks|wk)|biweekly|fortnightly", "every 2 weeks"),
    (r"every (?:other|second) night", "every other night"),
    (rf"(?:q\.?|every|each)\s?({_SMALL}){_TO}({_SMALL})\s?-?(?:hours?|hourly|hrs?|h)\b\.?", ("every {0} to {1} hours")),
    (rf"(?:q\.?|every|each)\s?({_SMALL}){_SPELT}\s?-?(?:hours?|hourly|hrs?|h)\b\.?", "every {0} hours"),
    (rf"(?:q\.?|every|each)\s?({_SMALL})\s?-?(?:minutes?|mins?)\b", "every {0} minutes"),
    (rf"(?:q\.?|every)\s?({_SMALL}){_TO}({_SMALL})\s?-?(?:days?|d)\b", "every {0} to {1} days"),
    (rf"(?:q\.?|every)\s?({_SMALL})\s?-?(?:days|d)\b", "every {0} days"),
    (rf"(?:q\.?|every)\s?({_SMALL})\s?-?(?:weeks?|wks?|w)\b", "every {0} weeks"),
    (rf"(?:q\.?|every)\s?({_SMALL})\s?-?(?:months?|mos?)\b", "every {0} months"),
    (r"q\.?\s?h\b|every hour|hourly", "every hour"),
    (rf"({_SMALL}){_TO}({_SMALL})\s?(?:times|x){_DAY}", "{0} to {1} times daily"),
    (rf"({_SMALL}){_SPELT}\s?(?:times|x){_DAY}", "{0} times daily"),
    (rf"x\s?({_SMALL}){_DAY}", "{0} times daily"),
    (r"(?:q\.\s?i\.\s?d\.?|qid|qds|four times daily)\b", "4 times daily"),
    (r"(?:t\.\s?i\.\s?d\.?|tid|tds|thrice(?: a day| daily))\b", "3 times daily"),
    (rf"(?:b\.\s?i\.\s?d\.?|bid\b|bd\b|twice{_DAY}|twice)", "twice daily"),
    (rf"(?:once|one time){_DAY}|one a day|once every day", "once daily"),
    (
        (
            rf"(?:once{_WEEK}|one time{_WEEK}|weekly|every week|each week|q\.? ?(?:week|wk|wkly)\b|qw\b|per "
            r"week)"
        ),
        ("weekly"),
    ),
    (rf"twice{_WEEK}", "2 times weekly"),
    (rf"({_SMALL})\s?(?:times|x){_WEEK}", "{0} times weekly"),
    (r"tiw\b|t\.i\.w\.?", "3 times weekly"),
    (r"(?:once )?(?:a|per|every|each) month|(?:once )?monthly|q ?month\b", "monthly"),
    (r"(?:once )?(?:a year|yearly|annually)", "yearly"),
    (r"(?:every|each|on) (?:mon|tues|wednes|thurs|fri|satur|sun)days?", "weekly"),
    (
        r"mwf\b|m/w/f\b|(?:on )?(?:mon|monday)s?[,/ ]+(?:wed|wednesday)s?[,/ ]+(?:and )?(?:fri|friday)s?",
        ("3 times weekly"),
    ),
    (r"(?:q\.?\s?a\.?m\b\.?|(?:every|each) (?:morning|a\.?m\b\.?)|mane\b)", "every morning"),
    (r"(?:q\.?\s?p\.?m\b\.?|(?:every|each) (?:evening|p\.?m\b\.?))", "every evening"),
    (
        (
            r"(?:q\.?\s?h\.?\s?s\b\.?|nightly|nocte\b|(?:every|each) (?:night|bedtime)(?: at bedtime)?|"
            r"qnight|q night)"
        ),
        ("at bedtime"),
    ),
    (
        (
            r"(?:q\.?\s?d\b\.?|q\.?\s?day\b|every day|each day|everyday|once-daily|daily|per day|a day|/day|"
            r"od\b)"
        ),
        ("once daily"),
    ),
    (r"(?:one[- ]time(?: dose)?|once only|single dose|x ?1(?: dose)?\b|stat\b|once)", "once"),
    (r"as directed", "as directed"),
    (r"continuous(?:ly)?", "continuously"),
)

TIMINGS: Final = (
    (r"(?:at bed ?time|at night|before bed(?:time)?|in the evening at bedtime|h\.?s\b\.?)", "at bedtime"),
    (r"(?:first thing )?in the morning|in (?:the )?a\.?m\b\.?|a\.m\.?", "in the morning"),
    (r"in the (?:evening|afternoon)|in (?:the )?p\.?m\b\.?|p\.m\.?", "in the evening"),
    (r"at (?:noon|lunch(?:time)?)", "at noon"),
    (
        (
            r"with (?:each |every |his |her |your )?(?:meals?|food|breakfast|lunch|dinner|supper)|at "
            r"mealtimes?|with milk"
        ),
        ("with meals"),
    ),
    (r"(?:before|prior to) (?:each |every )?(?:meals?|breakfast|dinner|eating)|a\.?c\b\.?", "before meals"),
    (r"after (?:each |every )?(?:meals?|breakfast|dinner|eating)|p\.?c\b\.?", "after meals"),
    (r"on an empty stomach", "on an empty stomach"),
)

PRN: Final = r"(?:p\.?r\.?n\b\.?|as[- ]needed|if needed|when needed|as required|if required|as necessary)"
DURATION: Final = (
    rf"(?:for|x|×|times)\s?(?:a total of |the next |another |up to |the )?(?P<low>{_SMALL})"
    rf"(?:{_TO}(?P<high>{_SMALL}))?(?:\s?more)?\s?-?(?P<unit>days?|d|weeks?|wks?|w|months?|mos?|"
    r"hours?|doses)\b"
    r"|for (?:a |an |one |the next )(?P<one>day|week|month)\b"
)

# Words of a direction that carry no dose, route or time of their own.
FILLERS: Final = frozenset(
    [
        "take", "takes", "taking", "taken", "took", "give", "given", "use", "uses", "using", "used",
        "apply", "applied", "inhale", "inject", "injected", "instill", "place", "insert", "chew",
        "dissolve", "swallow", "drink", "sig", "sig:", "instructions", "directions", "dose",
        "doses", "dosage", "total", "each", "per", "of", "to", "the", "a", "an", "at", "in", "on",
        "by", "and", "or", "then", "his", "her", "their", "your", "my", "it", "is", "was", "be",
        "been", "being", "that", "which", "she", "he", "patient", "pt", "currently", "now", "will",
        "does", "did", "has", "have", "been", "from", "started", "prescribed", "increased",
        "decreased", "reduced", "continued", "resumed", "maintained", "up", "down", "titrate",
        "titrated", "strength", "quantity", "qty", "disp", "dispense", "refill", "refills", "rf",
        "number", "no", "er", "xr", "sr", "xl", "la", "cr", "dr", "ec", "odt", "cd", "oral",
        "extended", "release", "delayed", "immediate", "enteric", "coated", "hcl", "hydrochloride",
        "sodium", "potassium", "calcium", "besylate", "tartrate", "succinate", "maleate", "sulfate",
        "citrate", "acetate", "mesylate", "fumarate", "therapy", "treatment", "supplement",
        "regimen", "maintenance", "home", "maximum", "max",
    ]
)  # fmt: skip
# Words that end a direction: what follows speaks of a change, a reason for it, or something else.
STOPPERS: Final = frozenset(
    [
        "hold", "held", "stop", "stopped", "discontinue", "discontinued", "stopping", "off",
        "until", "ran", "due", "transitioned",
        "switched", "converted", "replaced", "because", "but", "although", "which-was", "also", "plus", "rash",
        "hives", "anaphylaxis", "if", "unless",
    ]
)  # fmt: skip
PRONOUNS: Final = frozenset(["he", "she", "we", "i", "they", "patient", "pt"])
INSTRUCTION_VERBS: Final = frozenset(
    [
        "take", "takes", "give", "use", "apply", "inhale", "inject", "instill", "place", "insert",
        "chew", "dissolve", "swallow", "drink", "sig", "dose",
    ]
)  # fmt: skip
