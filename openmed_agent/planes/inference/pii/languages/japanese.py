"""Japanese, with the identifiers and forms of Japan."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.han_names import HanNames
from openmed_agent.planes.inference.pii.languages.han_organizations import HanOrganizations
from openmed_agent.planes.inference.pii.languages.han_towns import HanTowns
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.patterns import Pattern

_KANJI: Final = r"\u4e00-\u9fff々ヶケ"
_ERA: Final = r"(?:令和|平成|昭和|大正|明治|[RHSTMＲＨＳ]\.? ?)"
_PREFECTURE: Final = (
    r"(?:北海道|東京都|大阪府|京都府|(?:青森|岩手|宮城|秋田|山形|福島|茨城|栃木|群馬|埼玉|千葉|神奈川|新潟|富山|石川|"
    r"福井|山梨|長野|岐阜|静岡|愛知|三重|滋賀|兵庫|"
    r"奈良|和歌山|鳥取|島根|岡山|広島|山口|徳島|香川|愛媛|高知|福岡|佐賀|長崎|熊本|大分|宮崎|鹿児島|沖縄)県)"
)
_PLACE: Final = rf"[{_KANJI}\u3041-\u3096ァ-ヴー]"
_NO: Final = r"(?:番号|No\.?|NO\.?|ID|コード|№)?"
_BLOCK: Final = (
    r"(?:\d{1,4}|[一二三四五六七八九十]{1,3})(?:丁目|番地の?|番|号|-|‐|−|の(?=\d))(?:\d{1,4}(?:番地?|号|-|"
    r"の(?=\d))?){0,3}(?:(?:号室|号|室))?"
)
_HOUSE: Final = (
    r"(?:(?:大学)?(?:医学部)?(?:附属)?病院|医院|クリニック|診療所|医療センター|メディカルセンター|大学|薬局|"
    r"保健センター|訪問看護ステーション|老人ホーム|介護老人保健施設|デイサービス(?:センター)?|"
    r"検査センター|研究所|健診センター|(?:がん|研究|リハビリテーション|療育)センター|小学校|中学校|高校|"
    r"特別養護老人ホーム|(?:内科|外科|整形外科|"
    r"皮膚科|眼科|小児科|産婦人科|耳鼻科|歯科)(?:医院|クリニック))"
)

LANGUAGE: Final = Language(
    code="ja",
    patterns=(
        *dates.NUMERIC,
        Pattern(
            "date",
            re.compile(
                r"(?<!\d)(?:19|20)\d{2} ?年(?:\([^()\n]{2,8}\))? ?\d{1,2} ?月(?: ?\d{1,2} ?日|上旬|中旬|下旬|末|頃)?"
            ),
            0.95,
            "date",
        ),
        Pattern(
            "date",
            re.compile(rf"{_ERA}(?:\d{{1,2}}|元) ?年 ?\d{{1,2}} ?月(?: ?\d{{1,2}} ?日|上旬|中旬|下旬)?"),
            0.95,
            "date",
        ),
        Pattern(
            "date", re.compile(r"(?<![A-Za-z0-9])[RHST]\.?\d{1,2}[./-]\d{1,2}[./-]\d{1,2}(?![A-Za-z0-9])"), 0.9, "date"
        ),
        Pattern("date", re.compile(r"(?<![\d年./])\d{1,2} ?月 ?\d{1,2} ?日"), 0.85, "date"),
        Pattern(
            "date",
            re.compile(
                r"(?:昨年|本年|今年|一昨年|翌年|同年|去年|来年) ?(\d{1,2} ?月(?: ?\d{1,2} ?日|上旬|中旬|下旬)?)"
            ),
            0.7,
            "date",
            group=1,
        ),
        Pattern(
            "date",
            re.compile(
                r"(?<![\d/.])(?:1[0-2]|0?[1-9])/(?:3[01]|[12]\d|0?[1-9])(?=(?:\(|（)[月火水木金土日]| ?(?:入院|退院|"
                r"手術|受診|より|から|に|"
                r"施行|頃))"
            ),
            0.7,
            "date",
        ),
        Pattern("age", re.compile(r"(?<![\d./])(9\d|1[01]\d) ?(?:歳|才)"), 0.9, "age", group=1),
        Pattern("age", re.compile(r"年[齢令][:\s]{1,3}(9\d|1[01]\d)(?![\d./])"), 0.85, "age", group=1),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9.+-])\d{4}[ -]?\d{4}[ -]?\d{4}(?![A-Za-z0-9_-]|\.\d)"),
            0.9,
            "number",
            0,
            checksums.my_number,
        ),
        Pattern(
            "id_num",
            re.compile(r"(?:マイナンバー|個人番号)(?:カード)?(?:番号)?[:\s]{0,3}(\d{4}[ -]?\d{4}[ -]?\d{4})(?!\d)"),
            0.95,
            "number",
            group=1,
        ),
        keyword(
            "id_num",
            rf"マイナンバー{_NO}|個人{_NO}(?<=号)|旅券{_NO}|パスポート{_NO}|在留カード{_NO}|運転免許証?{_NO}|"
            rf"免許証{_NO}|基礎年金{_NO}|年金{_NO}(?<=号)",
            bounded=False,
        ),
        keyword(
            "medical_record_number",
            rf"(?:患者|カルテ|診察券|登録|診療録|入院|外来|受付|症例|整理|管理|病歴){_NO}(?<=[号ドD.№oO])|診察券|"
            r"カルテ|ID",
            shortest=4,
            bounded=False,
        ),
        keyword(
            "health_plan_number",
            r"(?:保険者|被保険者(?:証)?|保険証|公費負担者?|受給者|介護保険|医療保険|後期高齢|負担者|証)"
            rf"(?:の?記号)?(?:・)?{_NO}(?:・番号)?|記号|記号・番号|枝番",
            shortest=3,
            bounded=False,
        ),
        keyword(
            "unique_id",
            r"(?:検体|依頼|検査|報告書?|処方箋?|オーダ|病理|標本|伝票|予約|問い?合わ?せ|請求書?|領収書?|紹介状|文書|"
            rf"受付|採血|照会){_NO}(?<=[号ドD.№oO])|照会番号",
            bounded=False,
        ),
        keyword(
            "certificate_number",
            rf"(?:医籍|医師|看護師|薬剤師|登録|麻薬施用者|施用者|保険医|免許)(?:登録|免許)?{_NO}(?<=[号.№oO])|"
            r"医療機関コード",
            bounded=False,
        ),
        keyword("account_number", rf"(?:口座|普通|当座|普通預金|銀行口座){_NO}", shortest=5, bounded=False),
        keyword("device_identifier", rf"(?:製造|シリアル|ロット|機器|製品|デバイス){_NO}|S/N|Lot", bounded=False),
        Pattern(
            "license_plate",
            re.compile(
                rf"[{_KANJI}\u3041-\u3096]{{2,4}} ?\d{{2,3}} ?[\u3041-\u3096] ?(?:\d{{2}}-\d{{2}}|"
                rf"[・.]{{0,2}}\d{{1,4}})(?!\d)"
            ),
            0.9,
            "number",
        ),
        *phones.cued(
            r"(?:自宅|携帯|緊急|連絡先|勤務先|代表|直通|施設)?(?:電話|TEL|Tel|tel|ＴＥＬ|携帯|℡|PHS|内線)"
            r"(?:番号)?(?:\([^()\n]{1,8}\))?|連絡先|緊急連絡先",
            fax="FAX|Fax|ファックス|ファクス|ファクシミリ",
            bounded=False,
        ),
        *phones.national(
            r"0[5789]0[ -]?\d{4}[ -]?\d{4}",
            r"0\d{1,4}[-(（ ]\d{1,4}[-)） ]\d{4}",
            r"\(0\d{1,4}\) ?\d{1,4}-\d{4}",
            r"0120[ -]?\d{2,3}[ -]?\d{3}",
        ),
        Pattern(
            "zipcode",
            re.compile(r"〒 ?\d{3}-?\d{4}|(?<![\d-])\d{3}-\d{4}(?= ?(?:北海道|[\u4e00-\u9fff]{2,3}[都府県]))"),
            0.95,
            "place",
        ),
        Pattern(
            "person",
            re.compile(
                rf"(?<=[{_KANJI}])\(([\u3041-\u3096]{{2,6}} [\u3041-\u3096]{{2,6}}|"
                rf"[ァ-ヴー]{{2,7}}[ ・][ァ-ヴー]{{2,7}})\)"
            ),
            0.75,
            "name",
            group=1,
        ),
        Pattern("zipcode", re.compile(r"郵便番号[:\s]{0,3}(\d{3}-?\d{4})(?!\d)"), 0.95, "place", group=1),
        Pattern(
            "street_address",
            re.compile(
                rf"(?:{_PREFECTURE} ?)?(?:[{_KANJI}]{{1,6}}?郡 ?)?(?:(?:(?<![{_KANJI}])|(?<=[都道府県市郡は]))(?!住所|"
                rf"現住|自宅|本籍|所在)[{_KANJI}"
                rf"\u3041-\u3096]{{1,6}}?[市区町村] ?){{1,3}}{_PLACE}{{0,12}}?{_BLOCK}"
                r"(?: ?(?:[ァ-ヴーA-Za-z]{2,16}|[\u4e00-\u9fff]{1,6}(?:荘|ビル|マンション|団地|ハイツ))"
                r"(?: ?[A-Z]棟)? ?\d{0,4}(?:号室|号|"
                r"F|階)?)?"
            ),
            0.85,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_PREFECTURE} ?(?:[{_KANJI}]{{1,5}}?郡 ?)?(?:[{_KANJI}\u3041-\u3096]{{1,6}}?[市区町村] ?){{1,3}}"
            ),
            0.8,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(rf"(?<![{_KANJI}])[{_KANJI}]{{1,4}}市[{_KANJI}]{{1,4}}区(?:{_PLACE}{{1,6}}町)?"),
            0.75,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                r"(?:現住所|住所|所在地|自宅住所|居住地|本籍)(?:\([^()\n]{1,8}\))?[:\s]{1,3}([^\n:。|]{4,60}?)"
                r"(?=[\n。|]|\s{2,}|$|"
                r" ?(?:電話|TEL|Tel|℡|携帯|連絡先))"
            ),
            0.85,
            "place",
            group=1,
        ),
    ),
    finders=(
        HanOrganizations(
            kinds=_HOUSE,
            stops=rf"[^{_KANJI}\u3041-\u3096ァ-ヴー]|(?<=[^\s:、。|「(])[はがをにで]|より|から|へ|[0-9]+[年月日]|"
            r"紹介元|紹介先|"
            r"かかりつけ(?:の|医の)?|近くの|の診断で|受診後|勤務先|"
            r"とき|まで",
            generic=r"当|本|他|前|近|同|総合|循環器|消化器|呼吸器|神経|脳神経|一般|心臓|腎臓|血液|腫瘍|乳腺|形成|救急|"
            r"当該|近隣|紹介|地域|高次|専門|後方|療養型|急性期|代謝|内分泌|"
            r"腎臓|心臓血管|呼吸器|乳腺|脳|糖尿病|膠原病|リウマチ|総合診療|感染症|基幹|連携|近所の|大学|消化器・?一般|"
            r".*(?:の|・)",
        ),
        HanNames(
            "ja",
            titled=rf"(?<![{_KANJI}ァ-ヴー])[{_KANJI}]{{2,5}}(?=様|さん|さま|先生|氏[はがをにのと、。\s]|殿|医師)",
            given=rf"[{_KANJI}]{{1,3}}|[\u3041-\u3096]{{2,5}}|[ァ-ヴー]{{2,6}}",
            free=rf"[{_KANJI}]{{1,3}}[ ][{_KANJI}\u3041-\u3096]{{1,4}}|[ァ-ヴー]{{2,7}}[ ・][ァ-ヴー]{{2,7}}|"
            rf"[\u3041-\u3096]{{2,6}} [\u3041-\u3096]{{2,6}}|[{_KANJI}]{{2,5}}(?![{_KANJI}])",
        ),
        HanTowns(
            "ja",
            suffixes="市区町村",
            before="出身は|出身地[:]?|転居先は|住まいは|出生地[:]?|居住地[:]?",
            after="在住|出身|へ転居|から転居|より転居|に(?:居住|転居|在住|住)|市内|の自宅|から来院|生まれ|より来院|"
            "に旅行|へ旅行",
        ),
    ),
    birth=re.compile(r"(?:生年月日|出生(?:日|年月日)?|誕生日|生まれ)\W{0,5}$"),
)
