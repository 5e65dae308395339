"""Italian, with the identifiers and forms of Italy."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre"),
    *(
        "novembre",
        "dicembre",
        "gen",
        "feb",
        "mar",
        "apr",
        "mag",
        "giu",
        "lug",
        "ago",
        "set",
        "sett",
        "ott",
        "nov",
        "dic",
    ),
)
_LINK: Final = r"(?:di |del |della |dello |dei |degli |delle |dell'|d'|da |e |la |lo |il |San |Santa |Sant')"
_TOWN: Final = rf"{CAPITAL}(?: (?:di|del|della|dei|sul|sulla|nel|in|al|d')?[ ]?{CAPITAL}){{0,4}}"
_WAY: Final = (
    r"via|viale|v\.le|piazza|p\.zza|p\.za|piazzale|p\.le|piazzetta|corso|c\.so|largo|l\.go|vicolo|strada|str\.|"
    r"contrada|c\.da|lungomare|"
    r"lungotevere|lungarno|località|loc\.|borgo|salita|calle|fondamenta|traversa|galleria|vico|rione|frazione|fraz\.|"
    r"circonvallazione|passaggio"
)
_HOUSE: Final = (
    r"[Oo]spedale(?: (?:Civile|Maggiore|Generale|Regionale|Pediatrico|Militare|Universitario))?|OSPEDALE(?: CIVILE)?|"
    r"[Pp]oliclinico|POLICLINICO|[Cc]linica|[Cc]asa di [Cc]ura|"
    r"[Ii]stituto(?: (?:Clinico|Nazionale|Scientifico|Ortopedico|Auxologico))?|IRCCS|ASL|ASST|AUSL|AOU|ASUR|ATS|USL|"
    r"[Aa]zienda [Oo]spedaliera(?: [Uu]niversitaria)?|[Aa]mbulatorio|[Ff]armacia|"
    r"[Ll]aboratorio|[Uu]niversità|[Ff]ondazione|RSA|[Pp]residio [Oo]spedaliero|[Ss]tudio [Mm]edico|"
    r"[Cc]entro [Mm]edico|[Cc]entro [Dd]iagnostico|[Pp]oliambulatorio|[Rr]esidenza"
)
_GENERIC: Final = (
    r"(?!(?:Cardiologia|Reparto|Medicina|Chirurgia|Unità|Motivo|Dott|Dr|Sig|Il|La|Si|Paziente|Data|Pronto)\b)"
)

LANGUAGE: Final = Language(
    code="it",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal="º|°",
            link="di ",
            year_link="del |dell'anno ",
            month_cues="a|in|da|dal|fino a|nel mese di|di|dello scorso|scorso|fine|inizio|metà",
        ),
        dates.partial(
            "il|il giorno|dal|del|al|fino al|entro il|e il|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica|"
            "in data",
            separators="/.-",
        ),
        Pattern(
            "age",
            re.compile(r"(?<![\w.,/])(9\d|1[01]\d) ?(?i:anni|aa\.?|a\.)(?!\w)(?! di (?:fumo|storia))"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?i:età|anni)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern(
            "id_num",
            re.compile(
                r"(?<![A-Za-z0-9])[A-Za-z]{3} ?[A-Za-z]{3} ?[0-9LMNPQRSTUVlmnpqrstuv]{2}[A-EHLMPRSTa-ehlmprst]"
                r"[0-9LMNPQRSTUVlmnpqrstuv]{2} ?[A-Za-z][0-9LMNPQRSTUVlmnpqrstuv]{3}[A-Za-z](?![A-Za-z0-9])"
            ),
            0.95,
            "number",
            check=checksums.codice_fiscale,
        ),
        Pattern(
            "id_num",
            re.compile(
                r"(?i:codice fiscale|cod\. ?fisc?\.|c\.? ?f\.?)\W{0,4}([A-Za-z]{6}[A-Za-z0-9]{10})(?![A-Za-z0-9])"
            ),
            0.95,
            "number",
            group=1,
        ),
        Pattern("health_plan_number", re.compile(r"(?<![\w.])80380\d{15}(?!\d)"), 0.95, "number"),
        keyword(
            "id_num",
            r"codice fiscale|cod\. ?fisc?\.?|c\.f\.|cf|carta d'identità|c\.i\.|passaporto|patente|"
            r"documento(?: d'identità)?|partita iva|p\.? ?iva",
        ),
        keyword(
            "health_plan_number",
            r"tessera sanitaria|t\.?s\.?(?= ?[:n])|polizza|tessera|codice (?:sanitario|regionale|esenzione ticket)|"
            r"(?:n[.°º]*|numero) (?:di )?(?:polizza|tessera)|assicurazione",
        ),
        keyword(
            "medical_record_number",
            r"(?:n[.°º]*|numero|num\.?) (?:di )?(?:cartella(?: clinica)?|nosologico|ricovero|paziente|accesso|pratica|"
            r"verbale|scheda)|cartella(?: clinica)?|nosologico|id paziente|codice paziente|cod\. paz\.?|accesso|"
            r"episodio|scheda|verbale(?: ps)?|nosogr?afico",
        ),
        keyword(
            "unique_id",
            r"(?:n[.°º]*|numero) (?:di )?(?:richiesta|campione|referto|esame|accettazione|protocollo|impegnativa|"
            r"fattura|ricetta|prelievo)|nre|nosologia|richiesta|campione|referto|accettazione|protocollo|"
            r"prot\.?|rif\.?|riferimento|impegnativa|barcode|esame istologico",
        ),
        keyword(
            "certificate_number",
            r"(?:n[.°º]*|numero) (?:di )?iscrizione|ordine dei medici(?: di \w{3,20})?|omceo(?: \w{2,20})?|"
            r"codice regionale|cod\. reg\.?|enpam|albo|iscr\.?",
        ),
        keyword("account_number", r"conto(?: corrente)?|c/c|fattura"),
        keyword("device_identifier", r"(?:n[.°º]*|numero)? ?(?:di )?(?:serie|lotto|matricola)|s/n|seriale"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:targa|targata)\W{1,4}([A-Z]{2} ?\d{3} ?[A-Z]{2})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:efono)?\.?(?: (?:casa|fisso|cellulare|mobile|abitazione|ufficio))?|cell(?:ulare)?|mobile|"
            r"recapito(?: telefonico)?|contatto|chiamare (?:il|al)|numero verde|centralino|utenza|reperibile al|"
            r"interno|whatsapp|telefonare al",
            fax=r"(?:tele)?fax",
        ),
        *phones.national(
            r"3\d{2}[ ./-]?\d{6,7}",
            r"3\d{2}[ ./-]\d{3}[ ./-]\d{3,4}",
            r"3\d{2}[ ./-]\d{2}[ .]\d{2}[ .]\d{3}",
            r"0\d{1,3}[ ./-]{1,3}\d{5,8}",
            r"0\d{1,3}[ ./-]\d{2,4}[ .]\d{2,4}(?:[ .]\d{2,4})?",
        ),
        street(
            rf"(?<!\w)(?i:{_WAY}) {_LINK}{{0,2}}(?:[A-ZÀ-Ý0-9][\w'’.°-]{{0,30}})(?: {_LINK}{{0,2}}{CAPITAL}){{0,4}}"
            r",? ?(?:n\.?[°º]? ?|n\. ?civ\. ?|civico )?(?:\d{1,4}(?: ?/ ?[A-Za-z0-9]{1,3}(?![A-Za-z])"
            r")?(?: ?[a-zA-Z](?![A-Za-z]))?|snc)(?!\d|[.,:]\d)",
        ),
        *postal(r"(?:I-|CAP ?)?\d{5}", rf"{_TOWN}(?: ?\([A-Z]{{2}}\))?"),
        place(
            "city",
            rf"(?:(?:[Rr]esidente|[Aa]bitante|[Aa]bita|[Vv]ive|[Dd]omiciliat[oa]|[Nn]at[oa](?: il \S{{6,10}})?|"
            r"[Rr]esiede) (?:a|ad|in)|[Oo]riginari[oa] di|[Pp]roveniente da|[Cc]omune(?: di residenza)?:|"
            rf"[Ll]uogo di nascita:|[Rr]esidenza:|[Cc]ittà:) ({_TOWN}(?: ?\([A-Z]{{2}}\))?)",
        ),
        place("city", rf"(?:^|\n)({CAPITAL}(?: {CAPITAL}){{0,2}}), (?:li |il |lì )?\d{{1,2}}[ /.]", confidence=0.75),
        Pattern(
            "organization",
            re.compile(
                rf"(?<!\w)(?:{_HOUSE})(?: (?:{_LINK}){{0,2}}{_GENERIC}(?:{CAPITAL}|\"{CAPITAL})|"
                rf" [\"«][^\"»\n]{{2,30}}[\"»]){{1,5}}(?: \d{{1,2}}(?!\d|[/.,]))?"
            ),
            0.7,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:S\.p\.A\.|S\.r\.l\.|SpA|Srl|ONLUS)(?!\w)"),
            0.7,
            "organization",
        ),
        dateline(_TOWN),
    ),
    finders=(LatinNames("it"), Towns("it", "a|ad|di|da|in|verso|presso|per|città di|comune di")),
    birth=re.compile(r"(?:nat[oa]|nascita|d\.n\.|n\.)(?: (?:il|a [\w' ()]{2,25} il))?\W{0,5}$"),
)
