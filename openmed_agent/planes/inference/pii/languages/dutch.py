"""Dutch, with the identifiers and forms of the Netherlands and Flanders."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november"),
    *("december", "jan", "feb", "mrt", "apr", "jun", "jul", "aug", "sept", "sep", "okt", "nov", "dec"),
)
_TOWN: Final = (
    rf"(?:'s-|'t |Den |De |Het |Sint-|St\. |Nieuw-|Capelle aan den )?{CAPITAL}(?: (?:aan de|aan den|aan|"
    rf"op|bij|den|de|der|a/d|en)? ?{CAPITAL}){{0,2}}"
)
_WAY: Final = (
    r"straat|str\.|laan|weg|plein|gracht|kade|singel|dijk|steeg|hof|pad|dreef|plantsoen|park|baan|lei|markt|ring|wal|"
    r"haven|burg|"
    r"hoek|kamp|veld|akker|erf|dwarsstraat|boulevard|allee|steenweg|oord|kwartier|dam|zoom|wijk|berg|hoeve"
)
_NUMBER: Final = (
    r"\d{1,4}(?:[ -]?[a-zA-Z](?![A-Za-z]))?(?: ?[-/] ?\d{1,4}| bus \d{1,4}| [IVX]{1,4}(?!\w)|-hs)?(?!\d|[.,:]\d)"
)
_HOUSE: Final = (
    r"[Zz]iekenhuis|[Mm]edisch [Cc]entrum|MC|UMC|UZ|AZ|[Uu]niversitair (?:[Mm]edisch [Cc]entrum|[Zz]iekenhuis)|"
    r"[Kk]liniek|[Hh]uisartsenpraktijk|[Hh]uisartsenpost|[Pp]raktijk|[Aa]potheek|"
    r"[Vv]erpleeghuis|[Vv]erzorgingshuis|[Zz]orgcentrum|[Zz]orggroep|[Gg]ezondheidscentrum|[Rr]evalidatiecentrum|"
    r"[Ww]oonzorgcentrum|WZC|[Hh]ospice|[Uu]niversiteit|[Ss]tichting|GGZ|GGD|[Ll]aboratorium|HAP|[Tt]huiszorg|"
    r"[Pp]olikliniek"
)
_GENERIC: Final = r"(?!(?:Cardiologie|Afdeling|Interne|Reden|Dr|Dhr|Mevr|Een|Patiënt|Datum|Spoedeisende)\b)"

LANGUAGE: Final = Language(
    code="nl",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal="e|ste|de",
            month_cues="in|sinds|vanaf|begin|eind|medio|van|tot|afgelopen|vorig|komende|per",
        ),
        dates.partial(
            "op|d\\.d\\.|dd\\.?|van|tot|sinds|per|vanaf|en|ma|di|wo|do|vr|za|zo|maandag|dinsdag|woensdag|donderdag|"
            "vrijdag|zaterdag|zondag|datum:?",
            separators="/-",
        ),
        Pattern(
            "age",
            re.compile(r"(?<![\w.,/])(9\d|1[01]\d)(?:[ -])?(?i:jaar|jarige|jr\.?|-jarige)(?!\w)(?! geleden)"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?i:leeftijd)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern(
            "ssn",
            re.compile(r"(?<![\w.,+/-])(?:\d{9}|\d{4}[. ]\d{2}[. ]\d{3}|\d{3}[. ]\d{3}[. ]\d{3})(?![\w,/%-]|\.\d)"),
            0.85,
            "number",
            0,
            checksums.bsn,
        ),
        Pattern(
            "ssn",
            re.compile(r"(?<![\d.])\d{2}\.?\d{2}\.?\d{2}[- ]\d{3}[. ]\d{2}(?!\d)"),
            0.9,
            "number",
            0,
            checksums.belgian_register,
        ),
        keyword(
            "ssn",
            r"bsn(?:-?nummer)?|burgerservice ?(?:nummer|nr)|sofi-?nummer|rijksregister(?:nummer|nr)?|rr-?nr|"
            r"insz(?:-nr)?",
        ),
        keyword(
            "medical_record_number",
            r"pati[ëe]nt(?:en)?-?(?:nummer|nr|id)|pat\.?-?nr|pati[ëe]ntnr|dossier-?(?:nummer|nr)?|opname-?(?:nummer|"
            r"nr)|epd-?(?:nummer|nr)|zis-?(?:nummer|nr)|ziekenhuisnummer|mdn|pid|cliënt-?(?:nummer|nr)|"
            r"registratie-?(?:nummer|nr)|status-?nr",
        ),
        keyword(
            "health_plan_number",
            r"polis-?(?:nummer|nr)?|verzekerden-?(?:nummer|nr)|verzekerings-?(?:nummer|nr)|uzovi(?:-code)?|"
            r"relatie-?(?:nummer|nr)|lidnummer|aansluitings-?(?:nummer|nr)|mutualiteit|zorgpas",
        ),
        keyword(
            "unique_id",
            r"order-?(?:nummer|nr)|monster-?(?:nummer|nr)|aanvraag-?(?:nummer|nr)|lab(?:oratorium)?-?(?:nummer|nr)|"
            r"referentie(?:nummer)?|kenmerk|ons kenmerk|uw kenmerk|ref\.?|accessie-?(?:nummer|nr)|"
            r"onderzoeks?-?(?:nummer|nr)|recept-?(?:nummer|nr)|"
            r"afspraak-?(?:nummer|nr)|zaak-?(?:nummer|nr)|pa-?(?:nummer|nr)|t-?nummer|verwijs-?(?:nummer|nr)|"
            r"zorgdomein(?:nummer)?|paspoort(?:nummer)?|id-?kaart(?:nummer)?|identiteits(?:kaart|bewijs)",
        ),
        keyword(
            "certificate_number",
            r"agb(?:-?code)?|big(?:-?(?:nummer|nr|registratie))?|riziv(?:-?(?:nummer|nr))?|rijbewijs(?:nummer)?|"
            r"kvk(?:-?nummer)?",
        ),
        keyword("account_number", r"rekening-?(?:nummer|nr)?|factuur-?(?:nummer|nr)|debiteur-?(?:nummer|nr)"),
        keyword("device_identifier", r"serie-?(?:nummer|nr)|lot-?(?:nummer|nr)?|batch(?:nummer)?|s/n"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:kenteken|nummerplaat)\W{1,4}([A-Z0-9]{1,3}-[A-Z0-9]{1,3}-[A-Z0-9]{1,3})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:efoon)?(?:nummer|nr)?|mobiel(?:e nummer|nummer)?|mob|gsm|thuis|bereikbaar (?:op|onder)|bellen|"
            r"doorkies(?:nummer)?|sein|pieper|noodnummer|belt? (?:met|naar)",
            fax=r"fax(?:nummer|nr)?",
        ),
        *phones.national(
            r"06[ -]?\d{8}",
            r"06(?:[ -]\d{2}){4}",
            r"06[ -]\d{4}[ -]?\d{4}",
            r"0\d{1,3}[ -]{1,3}\d{6,8}",
            r"\(0\d{1,3}\) ?\d{2,4}[ -]?\d{2,4}(?: \d{2})?",
            r"0\d{1,3}[ -]\d{2,4}[ .]\d{2,4}(?:[ .]\d{2})?",
            r"0\d{1,3}[/ ]\d{2,3}[. ]\d{2}[. ]\d{2}",
        ),
        street(
            rf"(?<!\w)(?:(?:{CAPITAL}|[Vv]an|[Dd]e|[Dd]en|[Dd]er|van der|'s|1e|2e|3e|St\.|ter|Prins|Koningin)"
            rf" ){{0,4}}(?:[A-ZÀ-Ý'][\w'’-]{{0,30}})?(?i:{_WAY}) {_NUMBER}"
        ),
        street(
            r"(?<!\w)(?:Aan de|Achter de|Op de|Voor de|Oude|Nieuwe|Lange|Korte|Grote|Kleine|Het|De|Het Hoge|"
            r"[Ll]aan van|Plein van|Weg van)"
            rf" {CAPITAL}(?: {CAPITAL})? {_NUMBER}",
            confidence=0.7,
        ),
        *postal(r"[1-9]\d{3} ?[A-Z]{2}(?![A-Za-z])", _TOWN),
        place(
            "zipcode",
            r"(?<![A-Za-z0-9.-])([1-9]\d{3} ?(?!SA|SD|SS|MG|ML|KG|CM|MM)[A-Z]{2})(?![A-Za-z0-9])",
            confidence=0.6,
        ),
        *postal(r"(?<=, )(?:B-)?[1-9]\d{3}|(?<=\n)[1-9]\d{3}", _TOWN, confidence=0.75),
        place(
            "city",
            rf"(?:[Ww]oonachtig (?:te|in)|[Ww]onende (?:te|in)|[Ww]oont (?:sinds \d{{4}} )?(?:te|in)|"
            rf"[Gg]eboren (?:op \S{{6,10}} )?te|[Aa]fkomstig uit|[Kk]omt uit|[Ww]oonplaats:|[Gg]eboorteplaats:|"
            rf"[Pp]laats:|[Gg]emeente:) ({_TOWN})",
        ),
        place("city", rf"(?:^|\n)({CAPITAL}(?: {CAPITAL})?), \d{{1,2}} [a-z]", confidence=0.7),
        Pattern(
            "organization",
            re.compile(
                rf"(?<!\w)(?:{_HOUSE})(?: (?:(?:de|het|van|St\.|Sint|aan de|in|den|der) ){{0,2}}{_GENERIC}{CAPITAL}"
                rf"){{1,4}}"
            ),
            0.7,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(
                r"(?<!\w)(?:(?:Sint|St\.|Onze|Academisch|Rode Kruis|Martini|Amphia|Catharina|Maasstad|Erasmus|Radboud|"
                r"Isala|Albert|Haga|Diakonessen|Elisabeth|Gelre|Spaarne|Franciscus)"
                rf"[ -]?)(?:[\w-]{{0,30}} ?){{0,2}}(?:[Zz]iekenhuis|MC|UMC|umc|[Gg]asthuis|[Kk]linieken|Gezondheid)|"
                rf"{CAPITAL} (?:UMC|MC|Ziekenhuis|Gasthuis)|[A-Z][\w-]{{2,30}}(?:ziekenhuis|gasthuis|kliniek)|"
                r"Amsterdam UMC|LUMC|UMCG|Radboudumc|MUMC\+?"
            ),
            0.65,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(r"(?<!\w)(?:Zilveren Kruis|VGZ|CZ|Menzis|ONVZ|DSW|Zorg en Zekerheid|CM|Achmea)(?!\w)"),
            0.6,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:B\.?V\.?|N\.?V\.?|VOF|BVBA)(?!\w)"),
            0.7,
            "organization",
        ),
        dateline(_TOWN),
    ),
    finders=(LatinNames("nl"), Towns("nl", "in|te|uit|naar|bij|van|regio|omgeving|richting|plaats")),
    birth=re.compile(r"(?:geb(?:oren)?\.?(?: op)?|geboortedatum|geb\.? ?dat(?:um)?\.?)\W{0,5}$"),
)
