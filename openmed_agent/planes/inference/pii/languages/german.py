"""German, with the identifiers and forms of Germany, Austria and Switzerland."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("Januar", "Jänner", "Februar", "Feber", "März", "Maerz", "April", "Mai", "Juni", "Juli", "August", "September"),
    *("Oktober", "November", "Dezember", "Jan", "Feb", "Mär", "Mrz", "Apr", "Jun", "Jul", "Aug", "Sept", "Sep", "Okt"),
    *("Nov", "Dez"),
)
_TOWN: Final = (
    rf"(?:Bad |St\. |Sankt |Markt |Groß |Neu |Alt )?{CAPITAL}(?: (?:am|an der|im|in|bei|ob der|auf der|a\.|a\.d\.|"
    rf"v\.d\.|i\.|Bad|St\.)[ ]?{CAPITAL}"
    rf"| \((?:{CAPITAL})\)|/{CAPITAL})?"
)
_WAY: Final = (
    r"(?:straße|strasse|str\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|steig|stieg|pfad|markt|promenade|graben|"
    r"kamp|hof|zeile|winkel|berg|tor|wall|brücke|park|anger|rain|twiete|redder|brink|grund|garten)"
)
_NUMBER: Final = r"\d{1,4}(?: ?[a-zA-Z](?![A-Za-zäöüß]))?(?: ?[-–/] ?\d{1,4}[a-z]?)?(?!\d|[.,:]\d)"
_HOUSE: Final = (
    r"klinikum|klinik|krankenhaus|hospital|spital|kliniken|praxis|gemeinschaftspraxis|hausarztpraxis|apotheke|"
    r"pflegeheim|seniorenheim|seniorenzentrum|pflegedienst|rehaklinik|medizinisches versorgungszentrum|mvz|"
    r"universitätsklinikum|universitätsklinik|universitätsspital|kantonsspital|landeskrankenhaus|kreiskrankenhaus|"
    r"stadtspital|labor|sanitätshaus|reha-zentrum|gesundheitszentrum|altenheim|hospiz|sozialstation|landesklinikum"
)
_HOUSE_NEEDS: Final = (
    *(
        "klinik",
        "krankenhaus",
        "spital",
        "praxis",
        "apotheke",
        "pflege",
        "senioren",
        "versorgungszentrum",
        "mvz",
        "labor",
    ),
    *("sanitätshaus", "reha-zentrum", "gesundheitszentrum", "altenheim", "hospiz", "sozialstation"),
)
_GENERIC: Final = (
    r"(?!Innere|Für|Notaufnahme|Station|Abteilung|Befund|Diagnose|Werte|Kontrolle|Aufnahme|Datum|"
    r"Telefon|[IVX]{1,4}\b)"
)

LANGUAGE: Final = Language(
    code="de",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal=r"\.",
            month_cues="im|seit|ende|anfang|mitte|ab|bis|vom|von|letzten|vergangenen|kommenden|nächsten",
        ),
        dates.partial(
            "am|vom|bis|seit dem|ab dem|bis zum|vor dem|nach dem|seit|ab|zum|und|den|mo,?|di,?|mi,?|do,?|fr,?|sa,?|"
            "so,?|montag,?|dienstag,?|mittwoch,?|"
            "donnerstag,?|freitag,?|samstag,?|sonntag,?|datum:|termin:?",
            separators=".",
            closing=r"\.",
        ),
        Pattern(
            "date", re.compile(r"(?<![\w.])\d{1,2}\.\d{1,2}\.(?=\s?(?:-|–|bis)\s?\d{1,2}\.\d{1,2}\.)"), 0.8, "date"
        ),
        Pattern(
            "age",
            re.compile(
                r"(?<![\w.,/])(9\d|1[01]\d)(?:-| )?(?:jähr|jaehr|j\.|Jahre|Lj)|\bAlter:?\s{1,2}(9\d|1[01]\d)(?![\w/]|"
                r"[.,]\d)"
            ),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"\bAlter[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern(
            "id_num",
            re.compile(r"(?<![\w.-])[1-9]\d(?: ?\d{3}){3}(?![\w-]|\.\d)"),
            0.9,
            "number",
            0,
            checksums.steuer_id,
        ),
        Pattern(
            "health_plan_number",
            re.compile(r"(?<![A-Za-z0-9])[A-Z] ?\d{3} ?\d{3} ?\d{3}(?![A-Za-z0-9])"),
            0.9,
            "number",
            check=checksums.health_insured_number,
        ),
        Pattern(
            "ssn",
            re.compile(r"(?<![A-Za-z0-9])\d{2} ?\d{6} ?[A-Z] ?\d{3}(?![A-Za-z0-9])"),
            0.9,
            "number",
            check=checksums.pension_number,
        ),
        Pattern(
            "ssn", re.compile(r"(?<![\d.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)"), 0.95, "number", 0, checksums.ahv
        ),
        Pattern(
            "ssn",
            re.compile(r"(?<![\w.,+/-])\d{4} ?(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}(?![\w,/-]|\.\d)"),
            0.8,
            "number",
            check=checksums.austrian_insurance,
        ),
        keyword(
            "health_plan_number",
            r"(?:kranken)?versicherten-?(?:nummer|nr|id)?|versicherungs-?(?:nummer|nr|schein(?:nummer)?)|kvnr|kv-?nr|"
            r"mitglieds-?(?:nummer|nr)|ik-?(?:nummer|nr)|krankenkassen-?(?:nummer|nr)|police|egk(?:-nr)?|vers\.-?nr",
        ),
        keyword(
            "ssn",
            r"sozialversicherungs-?(?:nummer|nr)|sv-?(?:nummer|nr)|svnr|rentenversicherungs-?(?:nummer|nr)|rvnr|rv-nr|"
            r"ahv(?:-?(?:nummer|nr))?",
        ),
        keyword(
            "id_num",
            r"steuer-?(?:id|identifikations?nummer|nummer|nr)|idnr|tin|personalausweis(?:-?(?:nummer|nr))?|"
            r"reisepass(?:-?(?:nummer|nr))?|pass-?(?:nummer|nr)|ausweis-?(?:nummer|nr)",
        ),
        keyword(
            "medical_record_number",
            r"patienten-?(?:nummer|nr|id)|pat\.?-?(?:nr|id)|fall-?(?:nummer|nr|id|zahl)|aufnahme-?(?:nummer|nr)|"
            r"akten(?:zeichen|nummer)|krankenblatt-?(?:nummer|nr)|pid|fid|az|archiv-?(?:nummer|nr)|kis-?(?:nummer|nr|"
            r"id)|fall",
        ),
        keyword(
            "unique_id",
            r"auftrags-?(?:nummer|nr|id)|labor-?(?:nummer|nr)|proben-?(?:nummer|nr|id)|befund-?(?:nummer|nr)|"
            r"vorgangs-?(?:nummer|nr)|rezept-?(?:nummer|nr)|einsende-?nr|präparate?-?nr|journal-?(?:nummer|nr)|"
            r"histo(?:logie)?-?nr|studien-?(?:id|nr)|beleg-?nr|referenz(?:nummer)?|kunden-?(?:nummer|nr)|eingangs-?nr",
        ),
        keyword(
            "certificate_number",
            r"lanr|bsnr|arzt-?(?:nummer|nr)|betriebsstätten-?(?:nummer|nr)|führerschein(?:nummer)?|gln|zsr(?:-nr)?",
        ),
        keyword("account_number", r"konto-?(?:nummer|nr)?|kto\.?|blz|rechnungs-?(?:nummer|nr)|kassenzeichen"),
        keyword(
            "device_identifier",
            r"serien-?(?:nummer|nr)|geräte-?(?:nummer|nr)|s/n|sn|seriennr|chargen-?(?:nummer|nr)|lot|"
            r"implantat-?(?:nummer|nr)",
        ),
        Pattern(
            "license_plate",
            re.compile(r"(?i:kennzeichen|kfz-?kz|kfz)\W{1,4}([A-ZÄÖÜ]{1,3}[- ][A-Z]{1,2}[- ]?\d{1,4}[EH]?)\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:efon)?(?:nummer|nr)?|fon|mobil(?:nummer|telefon)?|handy(?:nummer|nr)?|festnetz|rufnummer|"
            r"erreichbar unter|"
            r"durchwahl|rückruf(?:nummer)?(?: unter)?|tel\. ?(?:privat|dienstl\.|mobil)|notruf|pieper|piepser|funk",
            fax=r"(?:tele)?fax(?:nummer|nr)?",
        ),
        *phones.national(
            r"0[1-9]\d{1,4}[ /-]{1,3}\d{2,8}(?:[ -]\d{1,8}){0,4}",
            r"\(0[1-9]\d{1,4}\) ?\d{2,8}(?:[ -]\d{1,8}){0,4}",
            r"0(?:15\d|16\d|17\d)\d{7,9}",
            r"0[1-9]\d \d{3} \d{2} \d{2}",
        ),
        street(
            rf"(?<!\w)(?:(?:{CAPITAL}|Von|Zum|Am|An der|St\.) ){{0,3}}(?:[A-ZÄÖÜ][\wäöüß-]{{0,30}})?(?i:{_WAY})"
            rf" {_NUMBER}",
            ends=r" \d",
        ),
        street(
            r"(?<!\w)(?:Am|An der|An den|An dem|Im|In der|In den|Zum|Zur|Auf dem|Auf der|Unter den|Hinter der|"
            r"Vor dem|Beim|"
            rf"Alte[rn]?|Neue[rn]?|Obere[rn]?|Untere[rn]?|Große[rn]?|Kleine[rn]?) {CAPITAL}(?:[ -]{CAPITAL})? {_NUMBER}"
        ),
        street(r"(?<!\w)[A-Z]\d,? \d{1,2}(?=,? \d{5} )", confidence=0.6),
        *postal(r"(?:D|DE|A|AT|CH|L)[- ]\d{4,5}|\d{5}", _TOWN),
        *postal(r"(?<=, )\d{4}|(?<=\n)\d{4}", _TOWN, confidence=0.75),
        place(
            "city",
            rf"(?:wohnhaft (?:in|zu)|wohnt (?:seit \d{{4}} )?in|lebt in|geboren (?:am \S{{6,10}} )?in|geb\. in|"
            r"gebürtig aus|stammt aus|Wohnort:|"
            rf"Geburtsort:|Ort:|zugezogen aus|ansässig in) ({_TOWN})",
        ),
        Pattern(
            "organization",
            re.compile(
                rf"(?<!\w)(?:(?:[A-ZÄÖÜ][\wäöüß.]{{1,30}}[- ]){{0,4}}[A-ZÄÖÜ]?[\wäöüß-]{{0,30}}(?i:{_HOUSE}))"
                rf"(?:(?: (?:der|des|am|an der|im|in|zum|zur|St\.|Dr\.|für|Bad|rechts der|von)){{0,2}} {_GENERIC}"
                rf"{CAPITAL}){{1,3}}"
            ),
            0.65,
            "organization",
            needs=_HOUSE_NEEDS,
        ),
        Pattern(
            "organization",
            re.compile(
                r"(?<!\w)(?:(?:St\.|Sankt|Heilig|Evangelisches|Katholisches|Städtisches|Universitäts|Charité)[- ]?"
                rf"[\wäöüÄÖÜß.-]{{0,30}}[- ]?(?i:{_HOUSE})|Charité(?: [-–] Universitätsmedizin)?(?: Berlin)?|"
                rf"[A-ZÄÖÜ][\wäöüß]{{2,30}}(?:-[A-ZÄÖÜ][\wäöüß]{{1,30}}){{0,4}}-(?i:{_HOUSE})|"
                r"(?:AOK|TK|Techniker Krankenkasse|Barmer|BARMER|DAK(?:-Gesundheit)?|IKK|BKK|KKH|HEK|Debeka|Allianz|"
                r"SVA|ÖGK|"
                rf"Knappschaft)(?: (?:{CAPITAL}))?|(?:DRK|ASB|AWO|Caritas|Diakonie|Malteser|Johanniter)"
                rf"(?:[- ]{CAPITAL}){{0,2}})"
            ),
            0.65,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:GmbH|AG|KG|e\.V\.|gGmbH|OHG|SE)(?!\w)"),
            0.7,
            "organization",
        ),
        dateline(_TOWN),
    ),
    finders=(LatinNames("de", capital_nouns=True), Towns("de", "in|aus|nach|bei|von|über|zu|raum|ort:|bis")),
    birth=re.compile(r"(?:geb(?:oren)?\.?(?: am)?|geburtsdatum|geb\.?-?(?:dat(?:um)?)?\.?|\*)\W{0,5}$"),
)
