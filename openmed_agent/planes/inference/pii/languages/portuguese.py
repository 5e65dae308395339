"""Portuguese, with the identifiers and forms of Brazil and Portugal."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, dateline, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("janeiro", "fevereiro", "março", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro"),
    *("novembro", "dezembro", "jan", "fev", "mar", "abr", "jun", "jul", "ago", "set", "out", "nov", "dez"),
)
_LINK: Final = r"(?:de |do |da |dos |das |d'|e |a |o |São |Santa |Santo )"
_TOWN: Final = rf"{CAPITAL}(?: (?:de|do|da|dos|das|d')?[ ]?{CAPITAL}){{0,4}}"
_WAY: Final = (
    r"rua|r\.|avenida|av\.?|travessa|tv\.|alameda|al\.|praça|pç\.?|pça\.?|largo|estrada|estr\.|rodovia|rod\.|beco|"
    r"calçada|"
    r"ladeira|viela|quadra|via|praceta|urbanização|bairro|loteamento|vila|conjunto|passagem|rotunda|escadinhas|caminho"
)
_HOUSE: Final = (
    r"[Hh]ospital(?: (?:Universitário|Geral|Regional|Municipal|Estadual|Distrital|Militar|Infantil|das Clínicas|"
    r"Central|Escolar|Federal|Materno))*|HOSPITAL(?: (?:GERAL|MUNICIPAL|REGIONAL))*|"
    r"[Cc]línica|[Cc]entro de [Ss]aúde|[Cc]entro [Hh]ospitalar(?: Universitário)?|[Ss]anta [Cc]asa|UBS|UPA|USF|UCSP|"
    r"HC|[Ff]armácia|[Dd]rogaria|[Ll]aboratório|"
    r"[Ii]nstituto|[Uu]niversidade|[Ff]undação|[Mm]aternidade|[Pp]oliclínica|[Aa]mbulatório|[Ll]ar|"
    r"[Cc]asa de [Rr]epouso|Unimed|[Cc]entro [Mm]édico|[Cc]onsultório|ULS"
)
_GENERIC: Final = (
    r"(?!(?:Cardiologia|Serviço|Medicina|Cirurgia|Unidade|Motivo|Dr|Dra|Sr|Sra|O|A|Paciente|Utente|Data|Urgência)\b)"
)

LANGUAGE: Final = Language(
    code="pt",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(
            _MONTHS,
            ordinal="º|°|o",
            link="de ",
            year_link="de |do ano de ",
            month_cues="em|desde|até|de|no mês de|início de|fim de|final de|meados de|passado|durante",
        ),
        dates.partial(
            "em|no dia|dia|de|desde|até|a partir de|até ao dia|e|segunda,?|terça,?|quarta,?|quinta,?|sexta,?|sábado,?|"
            "domingo,?|data:?",
            separators="/-",
        ),
        Pattern(
            "age",
            re.compile(r"(?<![\w.,/])(9\d|1[01]\d) ?(?i:anos|a\.)(?!\w)(?! de (?:evolução|tabagismo))"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?i:idade)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern("id_num", re.compile(r"(?<![\w.,+/-])[123]\d{8}(?![\w,/%-]|\.\d)"), 0.6, "number", check=checksums.nif),
        Pattern(
            "id_num",
            re.compile(r"(?<![\w.-])\d{3}\.?\d{3}\.?\d{3}[-/ ]?\d{2}(?![\w-]|[.,]\d)"),
            0.95,
            "number",
            0,
            checksums.cpf,
        ),
        Pattern(
            "unique_id",
            re.compile(r"(?<![\w.-])\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}(?![\w-])"),
            0.95,
            "number",
            0,
            checksums.cnpj,
        ),
        Pattern(
            "health_plan_number",
            re.compile(r"(?<![\w.-])\d{3} ?\d{4} ?\d{4} ?\d{4}(?![\w-]|[.,]\d)"),
            0.95,
            "number",
            0,
            checksums.health_card,
        ),
        keyword(
            "id_num",
            r"cpf|rg|nif|n\.i\.f\.|contribuinte|cart[ãa]o (?:de|do) cidad[ãa]o|cc|bi|bilhete de identidade|identidade|"
            r"passaporte|cnh|carteira de identidade|título de eleitor|cnpj",
        ),
        keyword("ssn", r"niss|segurança social|nis|pis(?:/pasep)?|pasep|inss|nit"),
        keyword(
            "health_plan_number",
            r"cns|cart[ãa]o (?:nacional de saúde|sus|de utente|do sus)|(?:n[.º°]*|número) (?:de |"
            r"do )?(?:utente(?: (?:do )?sns)?|beneficiário|convênio|carteirinha|apólice|cartão)|utente(?: sns)?|"
            r"sns|sus|carteirinha|convênio|plano(?: de saúde)?|adse|apólice|beneficiário|subsistema",
        ),
        keyword(
            "medical_record_number",
            r"prontuário|proc\.?|(?:n[.º°]*|número|nr\.?) (?:de |do )?(?:prontuário|proc\.?|processo(?: clínico)?|"
            r"episódio|registro|"
            r"registo|atendimento|internação|paciente|doente)|processo(?: clínico)?|episódio|"
            r"registro(?: hospitalar)?|registo|atendimento|same|matrícula|id do paciente|id doente",
        ),
        keyword(
            "unique_id",
            r"(?:n[.º°]*|número) (?:de |do |da )?(?:pedido|amostra|exame|laudo|requisição|guia|protocolo|fatura|"
            r"receita|referência)|pedido|amostra|laudo|requisição|guia|protocolo|ref(?:erência)?\.?|senha|"
            r"código de barras|biópsia|ordem de serviço|os",
        ),
        keyword(
            "certificate_number",
            r"crm(?:[-/ ]?[A-Za-z]{2})?|coren(?:[-/ ]?[A-Za-z]{2})?|crf(?:[-/ ]?[A-Za-z]{2})?|crefito|rqe|"
            r"cédula(?: profissional)?|(?:n[.º°]*|número) (?:de )?(?:cédula|ordem)|ordem dos médicos|o\.m\.|om|"
            r"carta de condução|ced\. prof\.?",
        ),
        keyword("account_number", r"conta(?: corrente| bancária)?|agência|nib|fatura|c/c"),
        keyword("device_identifier", r"(?:n[.º°]*|número)? ?(?:de )?(?:série|lote)|s/n|n/s"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:placa|matrícula)\W{1,4}([A-Z]{3}[- ]?\d[A-Z0-9]\d{2}|[A-Z\d]{2}-[A-Z\d]{2}-[A-Z\d]{2})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:efone|ef|m|f|emóvel|s)?\.?(?: (?:residencial|celular|fixo|de contato|de contacto|comercial))?|"
            r"cel(?:ular)?|whatsapp|zap|contato|contacto|ligar (?:para|ao|no)|fone|ramal|telemóvel|recado",
            fax="fax",
        ),
        *phones.national(
            r"\(?0?[1-9]\d\)? ?9 ?\d{4}[ -]?\d{4}",
            r"\(\d{2}\) ?\d{4}[ -]\d{4}",
            r"9[1236]\d[ .-]?\d{3}[ .-]?\d{3}",
            r"2\d{2}[ .-]\d{3}[ .-]\d{3}",
            r"2\d[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}",
        ),
        street(
            rf"(?<!\w)(?i:{_WAY}) {_LINK}{{0,2}}(?:[A-ZÀ-Ý0-9][\w'’.º-]{{0,30}})(?: {_LINK}{{0,2}}{CAPITAL}){{0,5}}"
            r",? ?(?:n\.?[º°]? ?|nº |lote |km )?\d{1,5}(?:[- ]?[A-D](?![A-Za-z]))?(?!\d|[./:]\d)(?:,? (?:apto?\.?|"
            r"apartamento|bloco|casa|sala|conj\.?|andar|lt\.?) ?\w{1,5}| ?[-–,] ?(?:apto?\.?|apartamento|bloco)"
            r" ?\w{1,5}|,? \d{1,2}[º°.]{1,2} ?(?:andar|[Ee]sq\.?|[Dd]to\.?|[Ff]rente|[A-D](?![A-Za-z])"
            r"){0,1}){0,3}",
        ),
        place("street_address", rf"(?:[Bb]airro:?|B\.) ((?:{CAPITAL})(?: (?:de |da |do |das |dos )?{CAPITAL}){{0,3}})"),
        place("zipcode", r"(?<![\w.])(?:CEP:? ?)?(\d{2}\.?\d{3}-\d{3})(?![\w-])", confidence=0.9),
        place("zipcode", r"(?<![\w.])(?:CEP:? ?)(\d{8})(?!\d)", confidence=0.9),
        *postal(r"\d{4}-\d{3}|\d{5}-\d{3}", _TOWN),
        place(
            "city",
            r"(?:(?:[Rr]esidente|[Mm]orador(?:a)?|[Rr]eside|[Mm]ora|[Vv]ive|[Dd]omiciliad[oa]|[Nn]ascid[oa](?: (?:a|"
            rf"em) \S{{6,10}})?) (?:em|no|na)|[Nn]atural d[eoa]|[Pp]rocedente d[eoa]|[Pp]roveniente d[eoa]|"
            rf"[Cc]idade:|[Mm]unicípio:|[Ll]ocalidade:|[Cc]oncelho:|[Nn]aturalidade:|[Pp]rocedência:) ({_TOWN})",
        ),
        place(
            "city",
            rf"(?:^|\n)({CAPITAL}(?: (?:de |do |da )?{CAPITAL}){{0,2}})(?:[/-][A-Z]{{2}})?, \d{{1,2}} de ",
            confidence=0.75,
        ),
        place(
            "city",
            rf"[-–,/] ?({CAPITAL}(?: (?:de |do |da )?{CAPITAL}){{0,2}}) ?[/-] ?(?:AC|AL|AP|AM|BA|CE|DF|ES|GO|MA|MT|MS|"
            r"MG|PA|PB|PR|PE|PI|RJ|RN|RS|RO|RR|SC|SP|SE|TO)(?!\w)",
            confidence=0.8,
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{_HOUSE})(?: (?:{_LINK}){{0,2}}{_GENERIC}{CAPITAL}){{1,5}}"),
            0.7,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:S\.A\.|Ltda\.?|Lda\.?|S/A|EPE|E\.P\.E\.)(?!\w)"),
            0.7,
            "organization",
        ),
        place("city", rf"\d ?[-–] ({_TOWN})(?=\n|$|,|/| [-–])"),
        dateline(_TOWN),
    ),
    finders=(LatinNames("pt"), Towns("pt", "em|de|do|da|no|na|para|até|desde|cidade de|por")),
    birth=re.compile(r"(?:nascid[oa]|nascimento|d\.?n\.?|nasc\.?|data de nasc\.?)(?: (?:a|em))?\W{0,5}$"),
)
