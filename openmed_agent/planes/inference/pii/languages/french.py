"""French, with the identifiers and forms of France, Belgium and Switzerland."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("janvier", "février", "fevrier", "mars", "avril", "mai", "juin", "juillet", "août", "aout", "septembre"),
    *("octobre", "novembre", "décembre", "decembre", "janv", "févr", "fév", "avr", "juil", "sept", "oct", "nov", "déc"),
)
_LINK: Final = r"(?:d'|de |du |des |de la |de l'|la |le |les |l'|sur |en |sous |et )"
_TOWN: Final = (
    rf"{CAPITAL}(?: (?:sur|sous|en|lès|les|la|le|de|du|aux|l'|d'|et)? ?{CAPITAL}){{0,3}}(?: (?:cedex|"
    rf"CEDEX)(?: \d{{1,2}})?)?"
)
_WAY: Final = (
    r"rue|avenue|av\.?|boulevard|bd\.?|bld|place|pl\.?|allée|allées|impasse|chemin|ch\.?|route|rte|quai|cours|square|"
    r"passage|sentier|villa|cité|résidence|lotissement|faubourg|esplanade|promenade|montée|traverse|chaussée|lieu-dit|"
    r"ruelle|hameau"
)
_HOUSE: Final = (
    r"CHU|CHRU|CH|CHR|CHUV|HUG|AP-HP|APHP|[Hh]ôpital|[Hh]ôpitaux|HÔPITAL|HOPITAL|[Hh]opital|[Cc]linique|CLINIQUE|"
    r"[Pp]olyclinique|[Cc]entre [Hh]ospitalier(?: [Uu]niversitaire| [Rr]égional| [Ii]ntercommunal)?|"
    r"CENTRE HOSPITALIER(?: UNIVERSITAIRE)?|[Cc]abinet [Mm]édical|[Mm]aison de [Ss]anté|[Mm]aison de [Rr]etraite|"
    r"EHPAD|[Pp]harmacie|[Ll]aboratoire|[Ii]nstitut|[Cc]entre de [Ss]anté|"
    r"[Rr]ésidence|SSR|[Cc]entre de [Rr]ééducation|[Uu]niversité|[Mm]utuelle|CPAM|[Ff]ondation|[Cc]entre [Mm]édical"
)
_GENERIC: Final = (
    r"(?!(?:Cardiologie|Motif|Service|Médecine|Chirurgie|Urgences|Dr|Docteur|Mme|Monsieur|Madame|Le|Il|Elle)\b)"
)

LANGUAGE: Final = Language(
    code="fr",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal="er",
            month_cues="en|depuis|début|fin|mi|de|dès|jusqu'en|courant|mois de|mois d'",
        ),
        dates.partial(
            "le|du|au|depuis le|dès le|jusqu'au|et le|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|rdv:?",
            separators="/.-",
        ),
        Pattern(
            "age",
            re.compile(r"(?<![\w.,/])(9\d|1[01]\d) ?(?i:ans)(?!\w)(?! (?:de tabac|d'exposition|d'évolution))"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?i:âge|age)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern(
            "ssn",
            re.compile(
                r"(?<![\w.-])[1-478][ .]?\d{2}[ .]?(?:0[1-9]|1[0-2]|[2-9]\d)[ .]?(?:\d{2}|2[AB])[ .]?\d{3}[ .]?\d{3}"
                r"(?:[ ./|-]{0,3}\d{2})(?![\w-]|\.\d)"
            ),
            0.95,
            "number",
            check=checksums.nir,
        ),
        Pattern(
            "ssn", re.compile(r"(?<![\d.])756[. ]?\d{4}[. ]?\d{4}[. ]?\d{2}(?!\d)"), 0.95, "number", 0, checksums.ahv
        ),
        Pattern(
            "ssn",
            re.compile(r"(?<![\d.])\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}[. ]?\d{2}(?!\d)"),
            0.9,
            "number",
            0,
            checksums.belgian_register,
        ),
        keyword(
            "ssn",
            r"(?:n[°ºo]\.? ?(?:de )?)?(?:sécurité sociale|sécu|ss\b|nir|insee|numéro national|registre national|niss|"
            r"avs)|"
            r"num(?:éro|ero)? (?:de )?sécu(?:rité sociale)?|matricule ins|ins(?:-nir)?\b|n[°º] ins",
        ),
        keyword(
            "medical_record_number",
            r"ipp|iep|nip|nda|ndv|dossier|n[°ºo] ?(?:de )?(?:dossier|patient|séjour|venue|passage)|(?:numéro|num\.?)"
            r" (?:de )?(?:dossier|patient|séjour)|"
            r"identifiant(?: patient| permanent)?|séjour|id patient",
        ),
        keyword(
            "health_plan_number",
            r"mutuelle|adhérent|n[°ºo] (?:d')?(?:adhérent|assuré|contrat)|contrat|police|affiliation|bénéficiaire|amc",
        ),
        keyword(
            "unique_id",
            r"n[°ºo] (?:de )?(?:prélèvement|demande|examen|facture|échantillon|ordonnance|accession|compte[- ]rendu|"
            r"protocole)|"
            r"réf(?:érence)?\.?|demande|prélèvement|échantillon|accession|compte rendu n[°º]|examen|passeport|"
            r"carte d'identité|cni|permis",
        ),
        keyword("certificate_number", r"rpps|adeli|finess|n[°ºo] (?:d')?(?:inami|ordre)|inami|rcc|gln|am\b"),
        keyword("account_number", r"compte(?: bancaire)?|rib|facture|n[°º] (?:de )?compte"),
        keyword("device_identifier", r"n[°ºo] (?:de )?(?:série|lot)|numéro de (?:série|lot)|série|lot|s/n"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:immatricul\w{0,6}|plaque)\W{1,4}([A-Z]{2}-\d{3}-[A-Z]{2})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"t[ée]l(?:[ée]phone)?(?: (?:portable|domicile|fixe|bureau|mobile))?|portable|mobile|port|gsm|"
            r"joignable au|appeler(?: le| au)?|ligne directe|standard|secrétariat|rappeler(?: au| le)?|bip|"
            r"poste|contacter(?: le| au)?",
            fax=r"(?:télé)?fax|télécopie",
        ),
        *phones.national(
            r"0[1-9](?:[ .-]?\d{2}){4}",
            r"0\d{2} \d{3} \d{2} \d{2}",
            r"0[1-9]\d? ?/ ?\d{2,3}[. ]\d{2}[. ]\d{2}",
            r"0?4\d{2}[ /]\d{2}[. ]\d{2}[. ]\d{2}",
            r"\(?(?:418|438|450|514|581|613|819|873)\)?[ .-]?\d{3}[ .-]\d{4}",
        ),
        street(
            rf"(?<!\w)(?:\d{{1,4}}(?: ?(?:bis|ter|quater|[a-dA-D]))?,? )(?i:{_WAY}) {_LINK}{{0,2}}[\w'’-]{{1,30}}"
            rf"(?:[ -]{_LINK}{{0,2}}(?:{CAPITAL}|\d{{1,2}} {CAPITAL})){{0,4}}",
        ),
        street(
            rf"(?<!\w)(?i:{_WAY}) {_LINK}{{0,2}}{CAPITAL}(?:[ -]{_LINK}{{0,2}}{CAPITAL}){{0,3}},? \d{{1,4}}(?!\d|"
            r"[.,]\d)",
            confidence=0.75,
        ),
        *postal(r"(?:F|B|CH|L)[- ]\d{4,5}|\d{5}|[A-Z]\d[A-Z] ?\d[A-Z]\d", _TOWN),
        *postal(r"(?<=, )\d{4}|(?<=\n)\d{4}", _TOWN, confidence=0.75),
        place(
            "city",
            rf"(?:(?:habite|habitant|domiciliée?|réside|résidant|demeurant|vit|née? (?:le \S{{6,10}} )?|né\(e\) )"
            r" ?(?:actuellement )?à|originaire de|"
            rf"[Vv]ille :|[Ll]ieu de naissance ?:|[Ff]ait à|[Cc]ommune ?:) ({_TOWN})",
        ),
        Pattern(
            "organization",
            re.compile(
                rf"(?<!\w)(?:{_HOUSE})(?:(?: {_LINK}{{1,2}}| |-){_GENERIC}(?:{CAPITAL})"
                rf"(?:[ -](?:{_LINK}{{1,2}})?{_GENERIC}{CAPITAL}){{0,4}})"
            ),
            0.7,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:SA|SAS|SARL|SELARL|ASBL|Sàrl)(?!\w)"),
            0.7,
            "organization",
        ),
        dateline(_TOWN),
    ),
    finders=(LatinNames("fr"), Towns("fr", "à|de|vers|depuis|sur|ville|chez|pour|hôpital de|a")),
    birth=re.compile(r"(?:née?|né\(e\)|naissance|ddn|d\.d\.n\.?)(?: le)?\W{0,5}$"),
)
