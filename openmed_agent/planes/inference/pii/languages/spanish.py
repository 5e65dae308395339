"""Spanish, with the identifiers and forms of Spain, Mexico, Argentina, Chile and Colombia."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "setiembre", "octubre"),
    *("noviembre", "diciembre", "ene", "feb", "mar", "abr", "jun", "jul", "ago", "sept", "sep", "oct", "nov", "dic"),
)
_LINK: Final = r"(?:de |del |de la |de las |de los |la |las |los |el |y |San |Santa )"
_TOWN: Final = rf"{CAPITAL}(?: (?:de|del|de la|de los|de las|la|el)?[ ]?{CAPITAL}){{0,4}}"
_WAY: Final = (
    r"calle|c/|cl\.|avenida|avda\.?|av\.?|plaza|plza\.?|pza\.?|pl\.|paseo|pº|ps\.|camino|cno\.|carretera|ctra\.?|"
    r"ronda|rda\.|"
    r"travesía|glorieta|urbanización|urb\.|callejón|pasaje|pje\.|boulevard|blvd\.?|bulevar|calzada|carrera|cra\.?|"
    r"cr\.|kr\.?|"
    r"diagonal|transversal|vía|gran vía|rambla|costanilla|cuesta|barrio|colonia|col\.|polígono|privada|autopista|"
    r"circuito"
)
_HOUSE: Final = (
    r"Hospital(?:es)?(?: (?:Universitario|General|Clínico|Clinico|Regional|Comarcal|Provincial|Infantil|Militar|"
    r"Central|Materno|Civil|Nacional|Público))*|"
    r"HOSPITAL(?: (?:UNIVERSITARIO|GENERAL|CLÍNICO|REGIONAL))*|[Cc]línica|Clinica|[Cc]entro de [Ss]alud|C\.S\.|"
    r"[Cc]entro [Mm]édico|CAP|[Cc]onsultorio|"
    r"[Aa]mbulatorio|[Ff]armacia|[Ll]aboratorios?|[Ii]nstituto|[Ss]anatorio|[Rr]esidencia|[Uu]niversidad|[Ff]undación|"
    r"[Pp]oliclínica|"
    r"[Pp]olicl[íi]nico|[Mm]utua|[Cc]omplejo [Hh]ospitalario|IMSS|Colegio|[Gg]eriátrico"
)
_GENERIC: Final = (
    r"(?!(?:Urgencias|Servicio|Cardiología|Medicina|Cirugía|Unidad|Motivo|Dr|Dra|Sr|Sra|Se|Paciente|Fecha)\b)"
)

LANGUAGE: Final = Language(
    code="es",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal="º|°|ro|er",
            link="de |del mes de ",
            year_link="de |del |del año ",
            month_cues="en|desde|hasta|de|a principios de|a finales de|mediados de|pasado|mes de|durante",
        ),
        dates.partial(
            "el|el día|día|del|al|desde el|hasta el|lunes,?|martes,?|miércoles,?|jueves,?|viernes,?|sábado,?|"
            "domingo,?|cita:?",
            separators="/-",
        ),
        Pattern(
            "age",
            re.compile(r"(?<![\w.,/])(9\d|1[01]\d) ?(?i:años|a\.)(?!\w)(?! de (?:evolución|tabaquismo))"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?i:edad)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9.])(?:\d{8}|\d{2}\.\d{3}\.\d{3}|[XYZ][- ]?\d{7})[- ]?[A-Za-z](?![A-Za-z0-9])"),
            0.95,
            "number",
            check=checksums.dni,
        ),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9.])\d{1,2}\.?\d{3}\.?\d{3}-[\dkK](?![A-Za-z0-9])"),
            0.9,
            "number",
            0,
            checksums.rut,
        ),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9.-])(?:20|23|24|27)-?\d{8}-?\d(?![A-Za-z0-9-])"),
            0.9,
            "number",
            0,
            checksums.cuit,
        ),
        Pattern(
            "id_num", re.compile(r"(?<![A-Za-z0-9])[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d(?![A-Za-z0-9])"), 0.95, "number"
        ),
        Pattern("id_num", re.compile(r"(?<![A-Za-z0-9])[A-ZÑ&]{3,4}\d{6}[A-Z0-9]{3}(?![A-Za-z0-9])"), 0.8, "number"),
        Pattern(
            "ssn",
            re.compile(r"(?<![\w.,+/-])\d{2}[ /-]?\d{8}[ /-]?\d{2}(?![\w,/-]|\.\d)"),
            0.9,
            "number",
            0,
            checksums.spanish_affiliation,
        ),
        keyword(
            "id_num",
            r"dni|nie|nif|d\.n\.i\.|n\.i\.f\.|documento(?: (?:nacional )?de identidad)?|"
            r"c[ée]dula(?: de (?:ciudadan[íi]a|identidad))?|c\.c\.|cc|c\.i\.|rut|run|curp|rfc|cuil|cuit|"
            r"pasaporte|identificación|tarjeta de residencia",
        ),
        keyword(
            "ssn",
            r"(?:número de la |n[º°]\.? ?(?:de la )?)?seguridad social|nuss|n\.?ss\.?|naf|n[º°] ?(?:de )?ss|nss|"
            r"afiliación|número de afiliación",
        ),
        keyword(
            "medical_record_number",
            r"nhc|n\.h\.c\.|(?:n[º°]\.? (?:de )?|número de |num\.? )?(?:historia(?: clínica)?|h\.? ?c\.?|expediente|"
            r"episodio|ingreso|registro|ficha|paciente)|hc|historia clínica|expediente(?: clínico)?|episodio|"
            r"icu|folio",
        ),
        keyword(
            "health_plan_number",
            r"cip(?:-?(?:sns|aut))?|tarjeta sanitaria|tsi|t\.s\.i\.|sip|póliza|poliza|asegurad[oa]|mutua(?:lista)?|"
            r"n[º°] (?:de )?(?:póliza|asegurado|tarjeta)|eps|isapre|obra social|credencial|cuna|beneficiario",
        ),
        keyword(
            "unique_id",
            r"(?:n[º°]\.? (?:de )?|número de )?(?:petición|muestra|solicitud|referencia|orden|receta|informe|caso|"
            r"biopsia|estudio|protocolo|factura)|ref\.?|petición|muestra|solicitud|accession|folio",
        ),
        keyword(
            "certificate_number",
            r"(?:n[º°]\.? (?:de )?|núm\.? (?:de )?|número de )?colegiad[oa]|col\.?|colegiación|c[ée]dula profesional|"
            r"c\.p\.|matrícula(?: (?:nacional|provincial))?|m\.n\.|m\.p\.|mn|mp|registro médico|r\.m\.|t\.p\.|licencia|"
            r"carnet de conducir",
        ),
        keyword("account_number", r"cuenta(?: bancaria| corriente)?|ccc|factura|tarjeta de crédito"),
        keyword("device_identifier", r"(?:n[º°]\.? (?:de )?|número de )?(?:serie|lote)|s/n|serial"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:matrícula|placas?)\W{1,4}(\d{4}[ -]?[A-Z]{3}|[A-Z]{1,3}[- ]?\d{3,4}[- ]?[A-Z]{0,3})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:éf(?:ono)?|ef(?:ono)?|f)?\.?(?: (?:móvil|fijo|de contacto|celular|casa|particular))?|tfno|"
            r"tlf(?:no)?|móvil|movil|cel(?:ular)?|whatsapp|contacto|llamar al|fono|busca|extensión|ext|fijo|"
            r"teléfonos",
            fax="fax",
        ),
        *phones.national(
            r"[6-9]\d{2}[ .-]\d{3}[ .-]\d{3}",
            r"[6-9]\d{2}(?:[ .-]\d{2}){3}",
            r"9\d[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}",
            r"[6789]\d{8}",
            r"\(?\d{2,3}\)?[ -]\d{4}[ -]\d{4}",
            r"\(0?\d{2,4}\) ?\d{3,4}[ -]\d{4}",
            r"\d{2}[ -]\d{4}[ -]\d{4}",
            r"55 \d{4} \d{4}",
        ),
        street(
            rf"(?<!\w)(?i:{_WAY}) ?{_LINK}{{0,3}}(?:[\w'’ºª.-]{{1,30}})(?: {_LINK}{{0,2}}{CAPITAL}){{0,5}}"
            r"(?:,? (?:n[º°.]?\.?|núm\.?|No\.?|#|número)? ?\d{1,5}(?:[ -]?[A-D](?![A-Za-z])"
            r")?(?: ?[-–#] ?\d{1,4}){0,2}(?:,? ?\d{1,2}[º°ª](?: ?[A-Z](?![a-z])| ?(?:izq|dcha|der)"
            r"\w{0,7}\.?)?)?"
            r"(?:,? (?:piso|depto\.?|apto\.?|int\.?|interior|puerta|bajo|esc\.?|local|oficina) ?\w{0,4})?|,? s/n)",
        ),
        *postal(r"(?:C\.?P\.? ?)?\d{5}|C\d{4}[A-Z]{3}", _TOWN),
        place("zipcode", r"(?:C\.?P\.?|[Cc]ódigo [Pp]ostal)[:\s]{1,3}(\d{4,5})", confidence=0.9),
        place(
            "city",
            rf"(?:(?:[Rr]eside|[Rr]esidente|[Vv]ive|[Dd]omiciliad[oa]|[Nn]acid[oa](?: el \S{{6,10}})?|"
            r"[Ee]mpadronad[oa]|[Pp]rocede|[Ee]n) (?:actualmente )?en|[Nn]atural de|[Pp]rocedente de|"
            r"[Ll]ocalidad:|[Mm]unicipio:|"
            rf"[Pp]oblación:|[Cc]iudad:|[Ll]ugar de nacimiento:) ({_TOWN})",
        ),
        place("city", rf"(?:^|\n)({CAPITAL}(?: {CAPITAL}){{0,2}}), (?:a )?\d{{1,2}} de ", confidence=0.75),
        Pattern(
            "organization",
            re.compile(
                rf"(?<!\w)(?:{_HOUSE})(?: (?:{_LINK}){{0,2}}{_GENERIC}(?:{CAPITAL}|\d{{1,2}} de {CAPITAL})){{1,5}}"
            ),
            0.7,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:S\.A\.|S\.L\.|SA|SL|S\.A\. de C\.V\.)(?!\w)"),
            0.7,
            "organization",
        ),
        dateline(_TOWN),
    ),
    finders=(LatinNames("es"), Towns("es", "en|de|a|desde|hacia|ciudad de|por|hasta")),
    birth=re.compile(r"(?:nacid[oa]|nacimiento|f\.? ?nac\.?|fn|f\.n\.)(?: el)?\W{0,5}$"),
)
