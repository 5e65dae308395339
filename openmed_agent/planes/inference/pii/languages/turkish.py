"""Turkish, with the identifiers and forms of Turkey."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.addresses import CAPITAL, Towns, place, postal, street
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.latin_names import LatinNames
from openmed_agent.planes.inference.pii.patterns import Pattern

_MONTHS: Final = (
    *("Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım", "Aralık"),
    *("Oca", "Şub", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"),
)
_TOWN: Final = rf"{CAPITAL}(?:[ /-]{CAPITAL}){{0,2}}"
_KIND: Final = (
    r"(?:Hastanesi|HASTANESİ|Hst\.?|Tıp Merkezi|Sağlık Ocağı|Aile Sağlığı Merkezi|ASM|Kliniği|Polikliniği|Eczanesi|"
    r"Huzurevi|Tıp Fakültesi(?: Hastanesi)?|"
    r"Üniversitesi(?: Tıp Fakültesi)?(?: Hastanesi)?|Laboratuvarı|Laboratuarı|Vakfı|Enstitüsü|Bakımevi|Sigorta|"
    r"Muayenehanesi|Diyaliz Merkezi|Görüntüleme Merkezi)"
)
_SUFFIX: Final = r"(?:['’][a-zçğıöşü]{1,6})?"

LANGUAGE: Final = Language(
    code="tr",
    patterns=(
        *dates.NUMERIC,
        *dates.worded(_MONTHS, ordinal="", month_cues="geçen|bu yıl|her yıl|önümüzdeki|tarihi:|geçtiğimiz"),
        Pattern(
            "date",
            re.compile(
                rf"(?<!\w)(?:{'|'.join(_MONTHS[:12])})(?=(?:['’]?(?:da|de|ta|te|dan|den|tan|ten)(?!\w)| ayı| sonu|"
                r" başı| ortası))"
            ),
            0.6,
            "date",
        ),
        dates.partial(
            "tarih:?|günü|kontrol:?|randevu:?|pazartesi|salı|çarşamba|perşembe|cuma|cumartesi|pazar", separators="/."
        ),
        Pattern(
            "date",
            re.compile(r"(?<![\w.,/])(?:3[01]|[12]\d|0[1-9])[./](?:1[0-2]|0[1-9])(?=['’](?:da|de|ta|te|dan|den))"),
            0.65,
            "date",
        ),
        Pattern("age", re.compile(r"(?<![\w.,/])(9\d|1[01]\d) ?(?i:yaş|yaşında|yaşındaki|y\.)"), 0.85, "age", group=1),
        Pattern("age", re.compile(r"(?i:yaş[ıi]?)[:\s]{1,3}(9\d|1[01]\d)(?![\w/]|[.,]\d)"), 0.85, "age", group=1),
        Pattern("ssn", re.compile(r"(?<![\w.,+/-])[1-9]\d{10}(?![\w,/%-]|\.\d)"), 0.95, "number", 0, checksums.kimlik),
        Pattern(
            "ssn",
            re.compile(r"(?<![\w.,+/-])[1-9]\d{2} \d{3} \d{3} \d{2}(?![\w,/%-]|\.\d)"),
            0.95,
            "number",
            0,
            checksums.kimlik,
        ),
        keyword(
            "ssn",
            r"t\.?c\.?(?: ?k\.?n\.?| ?kimlik)?(?: ?(?:no|numaras[ıi]))?|tckn|kimlik(?: ?(?:no|numaras[ıi]))?|"
            r"sgk(?: ?(?:no|sicil no|numaras[ıi]))?|ssk(?: sicil)? no|vatandaşlık (?:no|numaras[ıi])",
        ),
        keyword(
            "medical_record_number",
            r"protokol(?: ?(?:no|numaras[ıi]))?|dosya(?: ?(?:no|numaras[ıi]))?|hasta (?:no|numaras[ıi]|id|kodu)|"
            r"başvuru (?:no|numaras[ıi])|yat[ıi]ş (?:no|numaras[ıi])|kay[ıi]t (?:no|numaras[ıi])|arşiv (?:no|"
            r"numaras[ıi])|takip (?:no|numaras[ıi])|vaka (?:no|numaras[ıi])|geliş no",
        ),
        keyword(
            "health_plan_number",
            r"poliçe(?: ?(?:no|numaras[ıi]))?|sigorta (?:no|numaras[ıi]|sicil)|provizyon(?: ?(?:no|numaras[ıi]))?|"
            r"karne (?:no|numaras[ıi])|sicil no",
        ),
        keyword(
            "unique_id",
            r"rapor (?:no|numaras[ıi])|numune (?:no|numaras[ıi])|barkod(?: ?(?:no|numaras[ıi]))?|reçete (?:no|"
            r"numaras[ıi])|e-reçete(?: (?:no|kodu))?|istem (?:no|numaras[ıi])|referans(?: (?:no|numaras[ıi]))?|"
            r"biyopsi (?:no|numaras[ıi])|sıra no|pasaport(?: (?:no|numaras[ıi]))?|ref\.?|accession(?: no)?|"
            r"evrak (?:no|sayısı)|sayı|randevu no|ehliyet(?: no)?",
        ),
        keyword(
            "certificate_number",
            r"diploma(?: tescil)?(?: (?:no|numaras[ıi]))?|tescil (?:no|numaras[ıi])|dip\.? ?(?:tes\.? ?)?no|"
            r"sicil(?: (?:no|numaras[ıi]))?",
        ),
        keyword("account_number", r"hesap(?: (?:no|numaras[ıi]))?|fatura(?: (?:no|numaras[ıi]))?"),
        keyword("device_identifier", r"seri (?:no|numaras[ıi])|lot(?: no)?|cihaz (?:no|numaras[ıi])"),
        Pattern(
            "license_plate",
            re.compile(r"(?i:plaka(?:sı)?)\W{1,4}((?:0[1-9]|[1-7]\d|8[01]) ?[A-Z]{1,3} ?\d{2,5})\b"),
            0.85,
            "number",
            group=1,
        ),
        *phones.cued(
            r"tel(?:efon)?(?: ?(?:no|numaras[ıi]))?(?: ?\((?:cep|ev|iş)\))?|cep(?: ?(?:tel(?:efonu)?|no))?|gsm|"
            r"ev tel(?:efonu)?|iletişim|iş tel(?:efonu)?|irtibat|dahili|aranacak numara|numaras[ıi]",
            fax=r"faks|fax|belgegeçer",
        ),
        *phones.national(
            r"\(?0 ?\(?[2-5]\d{2}\)?[ .-]?\d{3}[ .-]?\d{2}[ .-]?\d{2}",
            r"\([2-5]\d{2}\) ?\d{3}[ .-]?\d{2}[ .-]?\d{2}",
            r"5\d{2}[ .-]\d{3}[ .-]\d{2}[ .-]\d{2}",
        ),
        street(
            rf"(?<![\w.,/-])(?:(?:{CAPITAL}|\d{{1,4}}\.?) ){{1,4}}(?:[Mm]ah(?:allesi|\.)?|MAH(?:ALLESİ|\.)?)"
            rf"(?:,? (?:(?:{CAPITAL}|\d{{1,5}}\.?) ){{1,4}}(?:[Cc]ad(?:desi|\.)?|[Ss]ok(?:ağı|ak|\.)?|[Ss]k\.?|"
            rf"[Bb]ulvarı|[Bb]lv\.?|CAD\.?|SOK\.?)){{0,2}}"
            r"(?:,? ?(?:[Nn]o|[Nn]umara|NO|[Kk]at|[Dd]aire|[Dd]|K|D)[.:]{0,2} ?\d{1,4}(?:/\d{1,4})?(?:[A-Z](?!\w)"
            r")?){0,3}"
        ),
        street(
            rf"(?<![\w.,/-])(?:(?:{CAPITAL}|\d{{1,5}}\.?) ){{1,4}}(?:[Cc]ad(?:desi|\.)|[Ss]ok(?:ağı|ak|\.)|[Ss]k\.|"
            r"[Bb]ulvarı|[Bb]lv\.)"
            r"(?:,? ?(?:[Nn]o|[Nn]umara|NO|[Kk]at|[Dd]aire|[Dd]|K|D)[.:]{0,2} ?\d{1,4}(?:/\d{1,4})?(?:[A-Z](?!\w))?|"
            r" \d{1,4}(?:/\d{1,3})?(?!\d|[.,:]\d)){0,3}"
        ),
        *postal(r"\d{5}", _TOWN),
        place(
            "city",
            rf"(?<!\w)({CAPITAL} ?/ ?(?:Adana|Ankara|Antalya|Bursa|Diyarbakır|Erzurum|Eskişehir|Gaziantep|Hatay|"
            r"İstanbul|İzmir|İSTANBUL|ANKARA|İZMİR|Kayseri|Kocaeli|Konya|Malatya|Manisa|Mersin|Muğla|Sakarya|"
            r"Samsun|Trabzon|Tekirdağ|Denizli|Aydın|Balıkesir|Van|Mardin|Ordu|Rize|Sivas|Tokat|Bolu|Çorum|"
            r"Edirne|Isparta))",
            confidence=0.8,
        ),
        place(
            "city",
            r"(?:[Dd]oğum [Yy]eri|[İi]kamet(?:i| yeri)?|[Şş]ehir|[İi]lçe|[İi]l|[Mm]emleket(?:i)?|[Yy]aşadığı yer)"
            rf"\s?: ?({_TOWN})",
        ),
        place(
            "city",
            rf"(?<!\w)({CAPITAL})['’](?:da|de|ta|te) (?:yaşayan|yaşıyor|yaşamakta|ikamet|oturan|oturuyor|oturmakta|"
            r"doğmuş|doğan|doğumlu)",
        ),
        place("city", rf"(?<!\w)({CAPITAL})['’](?:dan|den|tan|ten) (?:gelen|gelmiş|sevk|başvuran|getirilen)"),
        Pattern(
            "organization",
            re.compile(rf"(?<!\w)(?:(?:{CAPITAL}|T\.C\.|ve) ){{1,7}}{_KIND}{_SUFFIX}"),
            0.7,
            "organization",
        ),
        Pattern(
            "organization", re.compile(rf"(?<!\w)(?:{CAPITAL} ){{1,3}}(?:A\.Ş\.|Ltd\.? ?Şti\.?)"), 0.7, "organization"
        ),
    ),
    finders=(LatinNames("tr"), Towns("tr", "ili|şehri|ilçesi|il:|doğum yeri:")),
    birth=re.compile(r"(?:doğum(?: tarihi)?|d\. ?tarihi|doğ\.? ?tar\.?|d\.t\.?)\W{0,5}$"),
)
