"""Arabic, with the identifiers and forms of the Gulf, Egypt, the Levant and North Africa."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.script_names import ScriptNames
from openmed_agent.planes.inference.pii.languages.script_towns import ScriptTowns
from openmed_agent.planes.inference.pii.patterns import Pattern

LETTERS: Final = "\u0621-\u063a\u0640-\u0652\u0671-\u06d3"
_WORD: Final = f"[{LETTERS}]{{2,20}}"
_MONTHS: Final = (
    r"يناير|فبراير|مارس|أبريل|ابريل|إبريل|مايو|يونيو|يونيه|يوليو|يوليه|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر|"
    r"كانون الثاني|شباط|آذار|اذار|نيسان|أيار|ايار|حزيران|تموز|آب|أيلول|ايلول|تشرين الأول|تشرين الثاني|كانون الأول|"
    r"جانفي|فيفري|أفريل|ماي|جوان|جويلية|أوت|محرم|صفر|ربيع الأول|ربيع الآخر|ربيع الثاني|جمادى الأولى|جمادى الآخرة|"
    r"جمادى الثانية|رجب|شعبان|"
    r"رمضان|شوال|ذو القعدة|ذي القعدة|ذو الحجة|ذي الحجة"
)
_HIJRI: Final = r"(?: ?(?:هـ|ه)(?![\u0621-\u064a]))?"
_YEAR: Final = r"(?:1[34]\d{2}|19\d{2}|20\d{2})"
_N: Final = r"(?:ال)?(?:رقم|كود|رمز)"
_EDGE: Final = rf"(?<![{LETTERS}])"

LANGUAGE: Final = Language(
    code="ar",
    patterns=(
        *dates.NUMERIC,
        Pattern(
            "date",
            re.compile(
                rf"(?<!\d)\d{{1,2}} ?(?:من )?(?:شهر )?(?:{_MONTHS})(?:(?: ?/ ?(?:{_MONTHS}))?,?،? ?(?:من )?(?:عام |"
                rf"سنة )?{_YEAR}{_HIJRI})?(?![{LETTERS}\d])"
            ),
            0.9,
            "date",
        ),
        Pattern(
            "date", re.compile(rf"{_EDGE}[وفبل]?(?:{_MONTHS}) (?:من )?(?:عام |سنة )?({_YEAR})(?!\d)"), 0.75, "date"
        ),
        Pattern("date", re.compile(rf"(?<=شهر )(?:{_MONTHS})(?![{LETTERS}])"), 0.6, "date"),
        Pattern(
            "date",
            re.compile(
                rf"(?<![\d/])(?:\d{{1,2}}[/-]\d{{1,2}}[/-]1[34]\d{{2}}|1[34]\d{{2}}[/-]\d{{1,2}}[/-]\d{{1,2}}){_HIJRI}"
                r"(?![\d/])"
            ),
            0.85,
            "date",
        ),
        Pattern(
            "age", re.compile(r"(?<![\d./])(9\d|1[01]\d) ?(?:سنة|عاما|عامًا|عاماً|عام|سنه)(?! مضت)"), 0.85, "age", group=1
        ),
        Pattern(
            "age", re.compile(r"(?:العمر|عمره|عمرها|السن)[:\s]{1,3}(9\d|1[01]\d)(?![\d/]|[.]\d)"), 0.85, "age", group=1
        ),
        Pattern("id_num", re.compile(r"(?<![\w.+-])[12]\d{9}(?![\w-]|\.\d)"), 0.85, "number", 0, checksums.luhn_number),
        Pattern("id_num", re.compile(r"(?<!\d)784-?(?:19|20)\d{2}-?\d{7}-?\d(?!\d)"), 0.95, "number"),
        Pattern("id_num", re.compile(r"(?<!\d)[23]\d{13}(?!\d)"), 0.9, "number", 0, checksums.egyptian_identity),
        keyword(
            "id_num",
            rf"(?:{_N} )?(?:ال)?(?:هوية|هويه|بطاقة|إقامة|اقامة|جواز(?: السفر)?|قومي|وطني|مدني|سجل المدني|"
            r"بطاقة الشخصية|بطاقة الوطنية)(?: (?:ال)?(?:وطنية|شخصية|مدنية|سفر|قومية))?|الرقم (?:القومي|الوطني|"
            r"المدني)",
        ),
        keyword(
            "medical_record_number",
            rf"{_N}? ?(?:ال)?(?:ملف|سجل|إضبارة|اضبارة|مريض|دخول|زيارة|حالة)(?: (?:ال)?(?:طبي|طبية|مريض))?(?: {_N})?|"
            r"الرقم الطبي|رقم الملف(?: الطبي)?|MRN",
        ),
        keyword(
            "health_plan_number",
            rf"{_N}? ?(?:ال)?(?:تأمين|بوليصة|وثيقة|عضوية|ضمان|مؤمن عليه|بطاقة التأمين)(?: (?:ال)?(?:صحي|اجتماعي|تأمين)"
            rf")?(?: {_N})?",
        ),
        keyword(
            "unique_id",
            rf"{_N} (?:ال)?(?:طلب|عينة|تقرير|وصفة|فاتورة|مرجع|مرجعي|معاملة|موعد|فحص|حجز|مراجعة|باركود)"
            rf"(?: (?:ال)?{_WORD})?|الرقم المرجعي|المرجع",
        ),
        keyword(
            "certificate_number",
            rf"{_N} (?:ال)?(?:ترخيص|رخصة|قيد|نقابة|تسجيل|هيئة)(?: (?:ال)?{_WORD})?|ترخيص(?: {_N})?|رخصة(?: {_N})?",
        ),
        keyword("account_number", rf"{_N} (?:ال)?حساب|الحساب(?: البنكي)?|آيبان"),
        keyword("device_identifier", rf"{_N} (?:ال)?(?:تسلسلي|جهاز|تشغيلة)|الرقم التسلسلي"),
        *phones.cued(
            r"(?:رقم )?(?:ال)?(?:هاتف|جوال|تلفون|تليفون|محمول|موبايل|نقال|خلوي|واتساب|اتصال|تواصل|تحويلة)"
            r"(?: (?:ال)?(?:جوال|محمول|منزل|عمل|أرضي|متحرك))?|هاتف رقم|للتواصل|ت|ج",
            fax=r"(?:رقم )?(?:ال)?فاكس",
        ),
        *phones.national(
            r"05\d[ -]?\d{3}[ -]?\d{4}",
            r"01[0125]\d{8}",
            r"0[1-9]\d?[ -]\d{3}[ -]?\d{4}",
            r"07\d{8,9}",
            r"0[567](?:[ -]?\d{2}){4}",
            r"01[0125]\d[ -]?\d{3}[ -]?\d{4}",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}[وب]?(?:ال)?(?:شارع|طريق|حي|حارة|ميدان|منطقة|محلة|جادة|زقاق|زنقة|نهج|ضاحية|مدينة نصر)"
                rf"(?: (?:ال)?(?:ملك|أمير|الملك|الأمير|عبد|بن|ابن|أبو|الشيخ|الإمام))?(?: {_WORD}){{1,2}}"
                r"(?:[،,]? ?(?:مبنى|بناية|عمارة|منزل|شقة|فيلا|رقم|الدور|الطابق|عقار|بلوك|قطعة|طابق)"
                r"(?: رقم)? ?\d{1,5}){0,4}"
            ),
            0.6,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(rf"{_EDGE}\d{{1,4}}[،,]? ?(?:شارع|طريق|حي|نهج|زنقة|زقاق)(?: {_WORD}){{1,3}}"),
            0.75,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                r"(?:مبنى|بناية|عمارة|منزل|شقة|فيلا|الدور|الطابق|بلوك|قطعة)(?: رقم)? ?\d{1,5}(?:[،,]? ?(?:مبنى|بناية|"
                r"عمارة|منزل|شقة|فيلا|الدور|الطابق|بلوك|قطعة)(?: رقم)? ?\d{1,5}){0,3}"
            ),
            0.65,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}(?:ال)?عنوان(?: {_WORD})?\s?:\s?((?:[^\n:|.]|\.(?!\s)){{4,90}}?)(?=[\n|]|\.\s|\.$|\s{{2,}}|"
                r"$|(?:[،,-] ?)(?:ال)?(?:هاتف|جوال|رقم|تلفون))"
            ),
            0.85,
            "place",
            group=1,
        ),
        Pattern(
            "zipcode",
            re.compile(r"(?:الرمز البريدي|ص\.? ?ب\.?|صندوق بريد)[:\s]{1,3}(\d{3,6})(?!\d)"),
            0.85,
            "place",
            group=1,
        ),
        Pattern(
            "organization",
            re.compile(
                rf"{_EDGE}[وبلف]?(?:ال)?(?:مستشفى|مستشفي|مستوصف|عيادة|عيادات|مجمع|مركز|صيدلية|مختبر|مختبرات|جامعة|"
                r"مدينة|معهد|مؤسسة|دار|شركة)"
                rf"(?: (?:(?:ال)?(?:طبي|طبية|جامعي|عام|تخصصي|عسكري|صحي|للرعاية الصحية|طب الأسرة))){{0,2}}"
                r"(?: (?!(?:في|من|على|إلى|بعد|بتاريخ|قسم|يعاني|بسبب|حيث|وقد|يوم|وتم|لإجراء|مع|عن|حسب|الطوارئ|العيون|"
                rf"لمدة)(?![{LETTERS}]))(?:الملك|الأمير|الشيخ|الأميرة|القوات|قصر|عين|أبو|ابن|بن|آل|{_WORD})"
                rf"){{1,3}}"
            ),
            0.6,
            "organization",
        ),
    ),
    finders=(
        ScriptNames("ar", LETTERS, surname_prefix="ال"),
        ScriptTowns(
            "ar",
            LETTERS,
            prefixes="وفلبك",
            cues=r"(?:في|من|إلى|الى|مدينة|محافظة|بمدينة|منطقة|يسكن|تسكن|مقيم|مقيمة|المقيم|العنوان:|مواليد)",
        ),
    ),
    birth=re.compile(r"(?:الميلاد|ميلاد|مواليد|ولد في|ولدت في|المولود في|المولودة في)\W{0,5}$"),
)
