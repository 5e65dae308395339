"""Hindi, with the identifiers and forms of India."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.languages.script_names import ScriptNames
from openmed_agent.planes.inference.pii.languages.script_towns import ScriptTowns
from openmed_agent.planes.inference.pii.patterns import Pattern

LETTERS: Final = "\u0900-\u0963\u0970-\u097f"
_WORD: Final = f"[{LETTERS}]{{2,20}}"
_EDGE: Final = rf"(?<![{LETTERS}])"
_END: Final = rf"(?![{LETTERS}])"
_MONTHS: Final = (
    r"जनवरी|फरवरी|फ़रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|"
    r"दिसंबर|दिसम्बर"
)
_NUMBER: Final = r"(?: ?(?:संख्या|नंबर|नं\.?|क्रमांक|सं\.?|आईडी|क्र\.?))"
_HOUSE: Final = (
    r"अस्पताल|चिकित्सालय|हॉस्पिटल|नर्सिंग होम|क्लिनिक|क्लीनिक|मेडिकल कॉलेज|आयुर्विज्ञान संस्थान|स्वास्थ्य केंद्र|"
    r"स्वास्थ्य केन्द्र|मेडिकल सेंटर|हेल्थकेयर|"
    r"विश्वविद्यालय|संस्थान|लैब|लैबोरेटरी|डायग्नोस्टिक्स|डायग्नोस्टिक सेंटर|मेडिकल स्टोर|फार्मेसी|औषधालय|ट्रस्ट|"
    r"वृद्धाश्रम|पैथोलॉजी"
)
_NOT_NAME: Final = (
    r"(?:में|के|की|का|को|से|पर|ने|और|एवं|तथा|या|है|हैं|थे|था|थी|यह|इस|उस|रोगी|मरीज|भर्ती|हमारे|किसी|निजी|सरकारी|"
    r"स्थानीय|नजदीकी|लिए|बाद|कर|द्वारा|गए|गई|विभाग|वार्ड|सारांश|डिस्चार्ज|"
    r"वह|उन्हें|उनको|जिला में)"
)

LANGUAGE: Final = Language(
    code="hi",
    patterns=(
        *dates.NUMERIC,
        Pattern(
            "date",
            re.compile(
                rf"(?<![\d.])\d{{1,2}}(?: ?(?:-|–|से) ?\d{{1,2}})? ?(?:{_MONTHS})(?:,? (?:सन् |सन )?(?:19|20)"
                rf"\d{{2}})?{_END}"
            ),
            0.9,
            "date",
        ),
        Pattern("date", re.compile(rf"{_EDGE}(?:{_MONTHS}),? (?:सन् |सन )?(?:19|20)\d{{2}}(?!\d)"), 0.8, "date"),
        Pattern("date", re.compile(rf"{_EDGE}(?:{_MONTHS}) \d{{1,2}}, ?(?:19|20)\d{{2}}(?!\d)"), 0.9, "date"),
        Pattern("date", re.compile(rf"{_EDGE}(?:{_MONTHS})(?= (?:में|से|माह|महीने|के महीने|तक))"), 0.6, "date"),
        dates.partial("दिनांक:?|तारीख:?|तिथि:?", separators="/.-"),
        Pattern(
            "age",
            re.compile(rf"(?<![\d./])(9\d|1[01]\d)[ -]?(?:वर्ष|वर्षीय|साल){_END}(?! (?:पहले|पूर्व))"),
            0.85,
            "age",
            group=1,
        ),
        Pattern("age", re.compile(r"(?:आयु|उम्र)[:\s]{1,3}(9\d|1[01]\d)(?![\d/]|[.]\d)"), 0.85, "age", group=1),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9.+-])[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9_-]|\.\d)"),
            0.95,
            "number",
            0,
            checksums.verhoeff,
        ),
        Pattern("health_plan_number", re.compile(r"(?<![\d-])\d{2}-\d{4}-\d{4}-\d{4}(?![\d-])"), 0.9, "number"),
        Pattern(
            "id_num", re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z](?![A-Za-z0-9])"), 0.9, "number"
        ),
        Pattern("id_num", re.compile(r"(?<![A-Za-z0-9])[A-Z]{3}\d{7}(?![A-Za-z0-9])"), 0.7, "number"),
        Pattern("id_num", re.compile(r"(?<![A-Za-z0-9*])[xX*]{4}[ -]?[xX*]{4}[ -]?\d{4}(?!\d)"), 0.85, "number"),
        keyword(
            "id_num",
            rf"आधार(?: कार्ड)?{_NUMBER}?|पैन(?: कार्ड)?{_NUMBER}?|मतदाता(?: पहचान)?(?: पत्र)?{_NUMBER}?|"
            rf"पासपोर्ट{_NUMBER}?|पहचान(?: पत्र)?{_NUMBER}|राशन कार्ड{_NUMBER}?|वोटर आईडी|UHID|यूएचआईडी",
        ),
        keyword(
            "medical_record_number",
            r"(?:रोगी|मरीज|मरीज़|पंजीकरण|पंजीयन|रजिस्ट्रेशन|ओपीडी|आईपीडी|फ़ाइल|फाइल|केस|एमआरडी|अस्पताल|भर्ती|एडमिशन|"
            rf"सीआर|पर्चा){_NUMBER}|एमआरएन|MRN|OPD|IPD|सीआर{_NUMBER}?|यूएचआईडी|UHID|पंजीकरण",
        ),
        keyword(
            "health_plan_number",
            r"(?:पॉलिसी|बीमा|आयुष्मान(?: भारत)?(?: कार्ड)?|सीजीएचएस|ईएसआई|ईएसआईसी|लाभार्थी|दावा|क्लेम|हेल्थ कार्ड|"
            rf"आभा){_NUMBER}?|ABHA",
        ),
        keyword(
            "unique_id",
            r"(?:नमूना|सैंपल|रिपोर्ट|जाँच|जांच|रसीद|पर्ची|संदर्भ|बिल|टोकन|ऑर्डर|पत्र|पत्रांक|लैब|रेफरल|अनुरोध|बारकोड)"
            rf"{_NUMBER}|संदर्भ|पत्रांक|क्रमांक",
        ),
        keyword(
            "certificate_number",
            r"(?:लाइसेंस|मेडिकल काउंसिल|एमसीआई|पंजीकरण|रजि\.?|ड्राइविंग लाइसेंस|डीएमसी|परिषद)"
            rf"{_NUMBER}",
        ),
        keyword("account_number", rf"(?:खाता|बैंक खाता|अकाउंट){_NUMBER}?|IFSC|आईएफएससी"),
        keyword("device_identifier", rf"(?:सीरियल|उपकरण|बैच|लॉट){_NUMBER}"),
        Pattern(
            "license_plate",
            re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[ -]?\d{1,2}[ -]?[A-Z]{1,3}[ -]?\d{4}(?![A-Za-z0-9])"),
            0.75,
            "number",
        ),
        *phones.cued(
            r"(?:फोन|फ़ोन|मोबाइल|मोबाईल|दूरभाष|टेलीफोन|टेलीफ़ोन|संपर्क|सम्पर्क|व्हाट्सएप|व्हाट्सऐप|मो\.|हेल्पलाइन|"
            rf"लैंडलाइन){_NUMBER}?(?: सूत्र)?|Mob|Ph|Tel|Mobile|Phone",
            fax="फैक्स|फ़ैक्स|fax",
        ),
        *phones.national(
            r"(?:0|91[ -]?)?[6-9]\d{4}[ -]?\d{5}",
            r"0\d{2,4}[ -]\d{6,8}",
            r"[6-9]\d{2}[ -]\d{3}[ -]\d{4}",
            r"0\d{2,4}[ -]\d{3,4}[ -]\d{4}",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}(?:पता|निवास|निवास स्थान|वर्तमान पता|स्थायी पता|आवास)(?: का पता)?\s?[:=-]\s?((?:[^\n:|।.]|"
                rf"\.(?!\s)){{4,110}}?)(?=[।\n|]|\.\s|\.$|\s{{2,}}|$|(?:[,;] ?)(?:फोन|फ़ोन|मोबाइल|दूरभाष|संपर्क|"
                r"मो\.))"
            ),
            0.85,
            "place",
            group=1,
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}(?:मकान|म\.|फ्लैट|फ़्लैट|प्लॉट|घर|भवन|दुकान|क्वार्टर){_NUMBER}"
                rf"[\s:-]{{0,3}}[A-Za-z\d/-]{{1,10}}(?:,? (?:{_WORD} ?){{1,3}}(?:[-–]? ?\d{{1,3}})?){{0,3}}"
            ),
            0.75,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"(?:(?<![\d/])\d{{1,4}}(?:/\d{{1,4}})?(?:[- ]?[A-Z](?![A-Za-z]))?,? ?)?(?:(?!{_NOT_NAME}{_END})"
                rf"{_EDGE}{_WORD} ){{1,2}}(?:नगर|मार्ग|रोड|गली|मोहल्ला|कॉलोनी|कालोनी|विहार|एन्क्लेव|चौक|बाग|गंज|"
                rf"पुरम|लेन|अपार्टमेंट|सोसाइटी|सोसायटी){_END}(?:,? ?(?:गली|फेज|ब्लॉक|सेक्टर)(?: नं\.?|"
                rf" नंबर)? ?[-–]?\d{{1,3}})?"
            ),
            0.65,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}(?:सेक्टर|ब्लॉक|वार्ड नंबर|वार्ड नं\.|फेज)[ -]{{0,2}}(?:\d{{1,3}}[A-Z]?|[A-Z](?![A-Za-z]))"
                r"(?=,)"
            ),
            0.6,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_EDGE}(?:(?<!\d )ग्राम(?! (?:दिया|दी|प्रति|की|का|वजन))|गाँव|गांव|तहसील|जिला|ज़िला|थाना|पोस्ट|"
                rf"डाकघर|मौजा)[\s:-]{{1,3}}(?!{_NOT_NAME}{_END}|"
                rf"अस्पताल|चिकित्सालय|स्वास्थ्य){_WORD}"
            ),
            0.7,
            "place",
        ),
        Pattern(
            "zipcode", re.compile(r"(?<![\d.+-])[1-9]\d{2} ?\d{3}(?![\d/.%-]|\s?(?:मि|mg|/))(?<=\d)"), 0.4, "place"
        ),
        Pattern(
            "zipcode",
            re.compile(rf"(?:[{LETTERS}]\s?[-–,]\s?|पिन(?: ?कोड)?[:\s-]{{1,3}})([1-9]\d{{5}})(?!\d)"),
            0.85,
            "place",
            group=1,
        ),
        Pattern(
            "organization",
            re.compile(rf"{_EDGE}(?:जिला|सिविल|राजकीय|सदर|ज़िला|शासकीय) (?:{_HOUSE}),? (?!{_NOT_NAME}{_END}){_WORD}"),
            0.65,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(rf"(?:(?!{_NOT_NAME}{_END}){_EDGE}{_WORD} ){{1,4}}(?:{_HOUSE}){_END}"),
            0.65,
            "organization",
        ),
        Pattern(
            "organization",
            re.compile(
                rf"{_EDGE}(?:एम्स|पीजीआई|केजीएमयू|मैक्स|फोर्टिस|अपोलो|मेदांता|सफदरजंग)(?: (?:{_HOUSE}|दिल्ली|लखनऊ|"
                rf"चंडीगढ़))?{_END}"
            ),
            0.65,
            "organization",
        ),
    ),
    finders=(
        ScriptNames(
            "hi",
            LETTERS,
            ends=r"\s?(?:[,।|\n()<:;]|\.\s|$)|\s(?:ने|को|के|की|का|से|द्वारा|जी|और|तथा|एवं|में)"
            r"(?![\u0900-\u0963])",
        ),
        ScriptTowns(
            "hi",
            LETTERS,
            cues="ग्राम|जिला|शहर|स्थान|निवासी",
            after=r"में|के निवासी|की निवासी|निवासी|से|का रहने|की रहने|के रहने|शहर|जिला|स्थित|का|की|के",
        ),
    ),
    birth=re.compile(r"(?:जन्म(?: ?तिथि| की तारीख| तारीख| दिनांक)?|जन्मतिथि|डीओबी|DOB)\W{0,5}$", re.IGNORECASE),
)
