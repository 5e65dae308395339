"""Diseases, symptoms and drugs that Chinese text mentions."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from openmed_agent.planes.inference.entities.chinese.lexicon import WordKind, chinese_lexicon
from openmed_agent.planes.inference.entities.chinese.segmentation import Word, is_term, words_of
from openmed_agent.planes.inference.entities.finding import EntityFinding

CHINESE_LABELS: Final[Mapping[WordKind, str]] = {
    WordKind.DISEASE: "DISEASE",
    WordKind.SYMPTOM: "SYMPTOM",
    WordKind.DRUG: "DRUG",
}

_OWN: Final = 0.95
_LISTED: Final = 0.85
# Beside these a term names a department, a test, a germ or a treatment.
_BEFORE: Final = frozenset("抗 防 止 退 镇 防治 缓解 抗病毒 预防性 控制".split())  # noqa: SIM905 - one word beside another
_AFTER: Final = frozenset(
    """科 门诊 专科 疫苗 病毒 杆菌 抗体 抗原 菌素 医院 中心 评分 量表 知识 宣教 教育 时间 试验 科室 病房 病区
    支原体 筛查 指数 学会 指南 防治 家族 药水 糖浆""".split()  # noqa: SIM905
)
# A disease that is told with its place.
_PLACED: Final = frozenset(
    """感染 出血 骨折 结石 肿瘤 癌 炎 脓肿 积液 损伤 栓塞 血栓 狭窄 溃疡 梗死 心肌梗死 囊肿 息肉 脱位 缺血 梗阻
    穿孔 转移瘤 静脉血栓 血栓形成 占位""".split()  # noqa: SIM905
)


def find_chinese(text: str, kinds: frozenset[WordKind], *, threshold: float = 0.0) -> tuple[EntityFinding, ...]:
    """Return the mentions of ``kinds`` in ``text``, in order and without overlap."""
    words = words_of(text)
    return tuple(found for found in _mentions(words, kinds) if found.confidence >= threshold)


def _mentions(words: Sequence[Word], kinds: frozenset[WordKind]) -> Iterator[EntityFinding]:
    lexicon = chinese_lexicon()
    taken = 0
    for index, word in enumerate(words):
        kind = word.kind
        if kind is None or kind not in kinds or not is_term(word) or _means_another(words, index):
            continue
        first = _first(words, index) if kind is WordKind.DISEASE else index
        start = max(words[first].start, taken)
        end = _end(word, words[index + 1] if index + 1 < len(words) else None)
        own = word.form in lexicon.own
        source = "own list" if own else "PyCMeKG"
        yield EntityFinding(start, end, CHINESE_LABELS[kind], _OWN if own else _LISTED, sources=(source,))
        taken = end


def _means_another(words: Sequence[Word], index: int) -> bool:
    word = words[index]
    before = words[index - 1] if index else None
    after = words[index + 1] if index + 1 < len(words) else None
    if before is not None and before.end == word.start and before.form in _BEFORE:
        return True
    return after is not None and after.start == word.end and after.form in _AFTER


def _first(words: Sequence[Word], index: int) -> int:
    """Return where a disease begins with its course and place: "acute inferior-wall infarction"."""
    allowed = {WordKind.COURSE, WordKind.SITE} if words[index].form in _PLACED else {WordKind.COURSE}
    first = index
    while first and words[first - 1].end == words[first].start and words[first - 1].kind in allowed:
        first -= 1
    return first


def _end(word: Word, after: Word | None) -> int:
    """Return the end without the first half of "history of": the list has both "hypertension" and "- disease"."""
    is_cut = word.form.endswith("病") and after is not None and after.form == "史" and after.start == word.end
    shorter = chinese_lexicon().kinds.get(word.form[:-1])
    return word.end - 1 if is_cut and shorter is WordKind.DISEASE else word.end
