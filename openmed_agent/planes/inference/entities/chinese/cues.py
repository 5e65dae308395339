"""The cues of assertion in Chinese clinical text, by what they do.

The categories are those of ConText (Harkema et al. 2009); the words are the project's own.
"""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final


class Cue(Enum):
    """What a word does to the mentions around it."""

    DENIES = auto()
    """Negates what follows in its clause."""
    ABSENT = auto()
    """Negates what stands before it."""
    MISSED = auto()
    """Either: what follows, or at the end of a clause what stands before."""
    NOTHING = auto()
    """Looks like a negation and says nothing of a mention: "without obvious cause"."""
    DOUBTS = auto()
    """What follows in its clause is a hypothesis."""
    UNSURE = auto()
    """What stands before it is a hypothesis."""
    IF = auto()
    """What follows in its sentence is a condition or its consequence."""
    EARLIER = auto()
    """What follows in its clause is past."""
    HISTORY = auto()
    """What stands before it is past: "history of" in Chinese follows."""
    RELATIVE = auto()
    """What follows in its sentence is another person's."""
    PATIENT = auto()
    """What follows is the patient's again."""
    BREAK = auto()
    """Ends a negation: but, with, appeared, changed to."""
    LINK = auto()
    """Joins the items of a list."""


_WORDS: Final[Mapping[Cue, str]] = {
    Cue.DENIES: """无 没有 没 否认 未 未诉 未出现 未发现 未发生 未发 未患 未再 未伴 不伴 不伴有 无明显 未见明显
        无明确 未见明确 无典型 并无 均无 从无 未曾 未有 否认有 无任何 排除 已排除 除外 停用 停服 停 未服用 未服
        未用 未使用 不用 避免使用 避免 避免服用 禁用 忌用 拒绝服用 拒用 不宜使用 暂停 不考虑 暂不考虑 不支持
        不符合 不存在 不觉得 不伴随 从未""",
    Cue.ABSENT: "阴性 (-) (—) (–) 排除 未累及 不明显 已除外 皆无 均无 (阴性)",
    Cue.MISSED: "未见 未及 未触及 未闻及 未扪及 未引出 未查见 未探及 未显示 未提示 未检出",
    Cue.NOTHING: """无明显诱因 无诱因 无好转 无缓解 无明显缓解 无明显好转 无改善 无明显改善 未缓解 未好转
        未见好转 未见缓解 未见明显好转 不缓解 未愈 无变化 无明显变化 无效 无加重 未改善 未控制 未规律 未治疗
        未诊治 未予重视 未正规 未系统 无特殊 无殊 无力 不仅 不只 不单 未进一步 未行 未予 未在意 无规律
        未规律服用 未监测 未坚持""",
    Cue.DOUBTS: """考虑 疑 疑似 疑为 怀疑 高度怀疑 可疑 可能 可能为 可能是 拟诊 拟诊断 警惕 排查 筛查 预防 鉴别
        倾向 倾向于 不能排除 不排除 未排除 不除外 不能除外 未除外 待排 待排除 待除外 需排除 以排除 进一步排除
        须排除 除外可能 恐 担心 有无 是否 是否有 是否为 似 似为 风险 防止 以防 避免发生 预防性""",
    Cue.UNSURE: """可能 可能性大 可能大 待排 待查 待排除 待除外 不除外 不能除外 不排除 不能排除 ? 可疑 可能性
        待诊 待明确 的可能 的可能性 风险 的风险""",
    Cue.IF: "如 若 如果 倘若 假如 万一 一旦 如有 若有 如出现 若出现 如果出现 一旦出现 如再 要是",
    Cue.EARLIER: """既往 既往有 曾 曾患 曾患有 曾有 曾经 曾因 以前 以往 年前 余年前 幼年 幼时 儿时 小时候 过去
        幼年时 年轻时""",
    Cue.HISTORY: "病史 史 既往史 的病史 等病史",
    Cue.RELATIVE: """父亲 母亲 父母 哥哥 弟弟 姐姐 妹妹 兄弟 姐妹 兄长 祖父 祖母 爷爷 奶奶 外公 外婆 姥姥 姥爷
        外祖父 外祖母 叔叔 舅舅 姑姑 姑妈 姨妈 姨母 伯父 儿子 女儿 子女 家族 家族中 家族史 家中 家人 亲属
        一级亲属 直系亲属 爸爸 妈妈 我妈 我爸 他妈 他爸 她妈 她爸 妈 爸 大伯 二叔 小姨 孙子 其父 其母 父 母 兄
        姐 堂兄 表姐 表哥 表妹 丈夫 妻子 爱人 配偶 同事 室友""",
    Cue.PATIENT: "患者 病人 患儿 本人 自己 患者本人 该患者 产妇 孕妇",
    Cue.BREAK: """但 但是 然而 却 不过 伴 伴有 出现 改用 换用 改为 换为 改服 有 诉 自诉 予 给予 服用 口服 可见
        示 提示 后 偶有 偶 时有 仍有 仍 因 合并 并有 同时 现 目前 见 行 诊断 诊断为 确诊 确诊为 考虑诊断 遂""",
    Cue.LINK: """、 和 及 以及 或 与 并 或者 等 / 等症状 等不适 等疾病 等慢性病 的 感 症状 征象 及其 明显 轻度
        中度 重度 阵发性 任何 其他""",
}

CUES: Final[Mapping[str, frozenset[Cue]]] = {
    form: frozenset(cue for cue, words in _WORDS.items() if form in words.split())
    for form in {form for words in _WORDS.values() for form in words.split()}
}

NO_RELATION: Final = frozenset(("丈夫", "妻子", "爱人", "配偶", "同事", "室友"))
"""Other persons who are not of the family by blood."""

SINGLE_RELATIONS: Final = frozenset("父母兄姐")
"""One character that names a relative only where an illness, a list or a colon follows."""
