"""Chinese, simplified and traditional, with the identifiers of mainland China, Taiwan and Hong Kong."""

import re
from typing import Final

from openmed_agent.planes.inference.pii.languages import checksums, dates, phones
from openmed_agent.planes.inference.pii.languages.han_names import HanNames
from openmed_agent.planes.inference.pii.languages.han_organizations import HanOrganizations
from openmed_agent.planes.inference.pii.languages.han_towns import HanTowns
from openmed_agent.planes.inference.pii.languages.identifiers import keyword
from openmed_agent.planes.inference.pii.languages.language import Language
from openmed_agent.planes.inference.pii.patterns import Pattern

_HAN: Final = r"\u4e00-\u9fff"
_DIGIT_WORDS: Final = "〇零一二三四五六七八九十"
_PROVINCE: Final = (
    r"(?:北京|上海|天津|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|"
    r"贵州|云南|陕西|甘肃|青海|台湾|臺灣|內蒙古|内蒙古|广西|西藏|宁夏|新疆)"
    r"(?:省|市|自治区|壮族自治区|回族自治区|维吾尔自治区)?"
)
_NOT: Final = r"(?![于在至到由从住现入来我本该曾因患诊]|家住|地址|户籍|籍贯|暂住)"
_STREET: Final = (
    r"(?:街道|大道|大街|大馬路|路|街|巷|弄|胡同|道|段|村|镇|鎮|乡|鄉|里|小区|社区|花园|家园|公寓|大厦|"
    r"新村|苑|城|庄|广场|庭|府)"
)
_UNIT: Final = (
    r"(?:[A-Za-z0-9一二三四五六七八九十甲乙丙-]{1,6} ?(?:号楼|号院|弄|巷|段|號|号|栋|棟|幢|座|单元|單元|室|"
    r"层|樓|楼|户|组|之\d{1,2}|期|F))"
)
_PLATES: Final = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_NO: Final = r"(?:号码?|號碼?|编号|編號|碼|ID)?"

_HOUSE: Final = (
    r"(?:医院|醫院|卫生院|卫生服务中心|卫生服务站|诊所|診所|门诊部|医学院|医学中心|醫學中心|体检中心|疾控中心|养老院|"
    r"护理院|大学|大學|大药房|药房|藥局|研究所|实验室|"
    r"保健院|血站|有限公司|公司|银行|康复中心|血液中心|养老中心|中学|小学|幼儿园)(?:[\u4e00-\u9fff]{2,4}(?:院区|分院|"
    r"院區))?(?:附属第?[一二三四]?医院)?"
)

LANGUAGE: Final = Language(
    code="zh",
    patterns=(
        *dates.NUMERIC,
        Pattern(
            "date",
            re.compile(r"(?<!\d)(?:19|20)\d{2} ?年 ?\d{1,2} ?月(?:份|底|初|中旬|上旬|下旬| ?\d{1,2} ?[日号號])?"),
            0.95,
            "date",
        ),
        Pattern("date", re.compile(r"(?<![\d年.])\d{1,2} ?月 ?\d{1,2} ?[日号號](?!楼|院)"), 0.85, "date"),
        Pattern(
            "date",
            re.compile(rf"[{_DIGIT_WORDS}]{{4}}年[{_DIGIT_WORDS}]{{1,3}}月(?:[{_DIGIT_WORDS}]{{1,3}}[日号])?"),
            0.9,
            "date",
        ),
        Pattern("date", re.compile(r"民[国國] ?\d{2,3} ?年(?: ?\d{1,2} ?月)?(?: ?\d{1,2} ?[日號])?"), 0.9, "date"),
        Pattern(
            "date",
            re.compile(r"(?:去年|今年|本年|前年|农历|農曆|上年)(\d{1,2} ?月(?:份|底|初)?)"),
            0.7,
            "date",
            group=1,
        ),
        Pattern("age", re.compile(r"(?<![\d./])(9\d|1[01]\d) ?(?:岁|歲|周岁)"), 0.9, "age", group=1),
        Pattern("age", re.compile(r"年[龄齡][:\s]{1,3}(9\d|1[01]\d)(?![\d./])"), 0.85, "age", group=1),
        Pattern(
            "age",
            re.compile(r"九十[一二三四五六七八九]?(?=[岁歲])|(?:一百|一百零?[一二三四五六七八九十])(?=[岁歲])"),
            0.8,
            "age",
        ),
        Pattern(
            "id_num",
            re.compile(
                r"(?<![A-Za-z0-9])[1-9]\d{5} ?(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
                r" ?\d{3}[\dXx](?![A-Za-z0-9])"
            ),
            0.95,
            "number",
            0,
            checksums.resident_number,
        ),
        Pattern(
            "id_num",
            re.compile(r"(?<![A-Za-z0-9])[A-Z][1289]\d{8}(?![A-Za-z0-9])"),
            0.9,
            "number",
            0,
            checksums.taiwan_identity,
        ),
        Pattern("id_num", re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\([\dA]\)"), 0.9, "number"),
        Pattern("id_num", re.compile(r"(?<![A-Za-z0-9])\d{6}[*xX]{4,8}\d{3}[\dXx](?![A-Za-z0-9])"), 0.85, "number"),
        keyword(
            "id_num",
            rf"(?:居民)?身份证(?:明)?{_NO}|身分證(?:字號|號碼)?|证件{_NO}|護照{_NO}|护照{_NO}|公民身份{_NO}|"
            rf"台胞证{_NO}|居留證{_NO}|统一编号|驾驶证{_NO}|"
            rf"军官证{_NO}",
            bounded=False,
        ),
        keyword(
            "medical_record_number",
            rf"(?:住院|门诊|門診|病历|病歷|病案|登记|登記|就诊|就診|患者|病人|挂号|掛號|急诊|床位|体检|健康档案){_NO}|"
            rf"病历本{_NO}|诊疗卡{_NO}|就诊卡{_NO}|ID{_NO}",
            shortest=4,
            bounded=False,
        ),
        keyword(
            "health_plan_number",
            rf"(?:医保|醫保|社保|社会保障|健保|保险|保單|保单|医疗保险|新农合|参保|合作医疗)(?:卡|证|編)?{_NO}|"
            r"医保编码",
            bounded=False,
        ),
        keyword(
            "unique_id",
            r"(?:标本|檢體|样本|条码|条形码|申请单?|申請單?|报告单?|報告|检查|檢查|检验|处方|處方|病理|影像|影像学|"
            r"发票|订单|流水|化验单|单据|序列|参考|受理|预约|试验编|X线|CT|MR|"
            rf"超声){_NO}(?<=[号號碼码编編单單D])",
            bounded=False,
        ),
        keyword(
            "certificate_number",
            rf"(?:执业|醫師|医师|资格)(?:证书?|执照|執照)?{_NO}(?<=[号號碼码编編书書])|证书编号|执业证书?编?号",
            bounded=False,
        ),
        keyword(
            "account_number",
            rf"(?:银行卡|銀行|账户|帳戶|账|银行|卡)(?:账|帐)?{_NO}(?<=[号號碼码卡户戶])",
            bounded=False,
        ),
        keyword("device_identifier", r"(?:序列|出厂|批|产品|设备|型号序列)(?:号|編號|编号)|SN", bounded=False),
        keyword("username", r"(?:微信|QQ|qq|微博|支付宝|Line|LINE)(?:号|账号|ID)?", bounded=False),
        Pattern(
            "username",
            re.compile(r"(?:微信|Line|LINE|WeChat|wechat)(?:号|账号|ID)?[:\s]{1,3}([A-Za-z][A-Za-z0-9_-]{4,24})"),
            0.85,
            "contact",
            group=1,
        ),
        Pattern(
            "license_plate",
            re.compile(rf"[{_PLATES}][A-Z][·• ]?[A-Z0-9]{{5,6}}(?![A-Za-z0-9])"),
            0.9,
            "number",
        ),
        *phones.cued(
            r"(?:联系|聯絡|家庭|家属|手机|手機|移动|固定|办公|住宅|咨询|随访)?(?:电话|電話|手机|手機|座机|热线|专线|"
            rf"行動)(?:{_NO})|联系方式|聯絡方式|TEL|Tel|电联|致电|"
            r"拨打|短号|分机|來電",
            fax="传真|傳真|Fax",
            bounded=False,
        ),
        *phones.national(
            r"1[3-9]\d[ -]?\d{4}[ -]?\d{4}",
            r"\(?0\d{2,3}\)?[ -]?\d{7,8}(?:[-转]\d{1,5})?",
            r"09\d{2}[ -]?\d{3}[ -]?\d{3}",
            r"\(?0\d\)?[ -]\d{3,4}[ -]\d{4}",
            r"400[ -]?\d{3}[ -]?\d{4}",
            r"[2-9]\d{3} \d{4}",
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"(?:{_PROVINCE})?(?:{_NOT}[{_HAN}]{{2,7}}?(?:市|州|盟|地区|縣|县|區|区)){{0,3}}(?:{_NOT}[{_HAN}"
                rf"]{{1,8}}?{_STREET}){{0,3}}(?:{_NOT}[{_HAN}\d]{{1,8}}{_STREET})[{_HAN}]{{0,4}}?(?:{_UNIT}"
                rf"){{1,5}}"
            ),
            0.8,
            "place",
            ends=re.compile(_UNIT),
            longest=160,
        ),
        Pattern(
            "street_address",
            re.compile(
                rf"{_PROVINCE}?(?:{_NOT}[{_HAN}]{{2,6}}?(?:市|自治州|县|縣)){_NOT}[{_HAN}]{{1,6}}?(?:区|區|县|縣|镇|"
                r"鎮|乡|鄉|村|街道)"
                rf"(?:[{_HAN}]{{1,6}}?(?:镇|鎮|乡|鄉|村|街道)){{0,2}}(?:[\d一二三四五六七八九十]{{1,3}}组)?"
            ),
            0.75,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(rf"{_PROVINCE}(?:{_NOT}[{_HAN}]{{1,6}}?(?:市|州|县|縣|区|區|镇|鎮|乡|村)){{1,4}}"),
            0.75,
            "place",
        ),
        Pattern(
            "street_address",
            re.compile(
                r"(?:地址|住址|住所|居住地|户籍地|戶籍地址|籍贯|现住址|家庭住址|通讯地址|工作单位地址|寄送地址)"
                r"(?:\([^()\n]{1,8}\))?[:\s]{1,3}([^\n:;。|"
                r"]{4,60}?)(?=[\n。;|]|\s{2,}|$|,? ?(?:电话|電話|手机|联系|邮编|聯絡))"
            ),
            0.85,
            "place",
            group=1,
        ),
        Pattern(
            "zipcode", re.compile(r"(?:邮编|邮政编码|郵遞區號)[:\s]{0,3}(\d{5,6}|\d{3})(?!\d)"), 0.9, "place", group=1
        ),
    ),
    finders=(
        HanOrganizations(
            kinds=_HOUSE,
            stops=rf"[^{_HAN}·]|[于於至在到往由从從经經赴与與是向]|入住|转入|轉入|就诊|就診|转诊|送|后收入|目前|以及|"
            r"及其|曾|本次|\d[年月日]|患者|推荐|返回|前来|来自|前期|外地",
            generic=r"[我本该該外某各]|上级|当地|當地|综合|附近|社区|三甲|专科|私立|就近|本市|基层|县级|其他|其它|"
            r"家属|市级|省级|公立|下级|上級|二级|三级|教学|民营|儿童|传染病|精神病|"
            r"妇产|中医",
        ),
        HanNames(
            "zh",
            given=rf"[{_HAN}]{{1,2}}",
            free=rf"[{_HAN}]{{1,4}}·[{_HAN}]{{1,8}}|[{_HAN}]{{2,4}}(?![{_HAN}])|"
            rf"[A-Z][A-Za-z]{{1,20}} [A-Z][A-Za-z]{{1,20}}",
        ),
        HanTowns(
            "zh",
            suffixes="市县区州",
            before="籍贯[:]?|户籍|家住|现住|居住于|居住在|来自|生于|常住|出差至|前往|返回|就诊于|转至",
            after="人|籍|居住|工作|出差|务工|旅游|返回|定居|本地|市内|户籍|打工|探亲|当地",
        ),
    ),
    birth=re.compile(r"(?:出生(?:日期|年月日?|于)?|生日|生于|出生)\W{0,5}$"),
)
