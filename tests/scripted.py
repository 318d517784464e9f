"""Drafts as a language model might write them, made from true sentences: some left true, some spoilt in a known way."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.claims import Claim, Evidence
from assistant.figures import figures
from vectorstore.records import Unit
from vectorstore.store import Store

OFFERED = 6
ADDED = (
    "并给予每家企业300万元一次性奖励", "同时免费提供办公场地三年", "由市财政局负责兑现补贴", "并纳入年度免检企业名录", "还可优先获得海外上市辅导",
)  # fmt: skip
BOUNDS = {
    "不低于": "不超过",
    "不少于": "不超过",
    "以上": "以下",
    "超过": "低于",
    "突破": "不超过",
    "不超过": "不低于",
    "左右": "以上",
    "力争": "",
}
UNITS = {
    "亿元": "万元",
    "万元": "亿元",
    "万": "亿",
    "%": "‰",
    "家": "万家",
    "公里": "米",
    "年": "个月",
    "个": "万个",
    "吨": "公斤",
}


@dataclass(frozen=True)
class Scripted:
    """A claim with how it was spoilt (true, figure, unit, crossed, bound, swapped, added, uncited) and the ids that really hold it."""

    claim: Claim
    kind: str
    held_by: frozenset[int]


@dataclass(frozen=True)
class ScriptedDraft:
    """What was offered and what the model wrote of it."""

    evidence: tuple[Evidence, ...]
    claims: tuple[Scripted, ...]


def scripted_drafts(store: Store, count: int, seed: int = 7) -> list[ScriptedDraft]:
    """Return ``count`` drafts over the sentences of ``store``, the same for the same seed."""
    chance = random.Random(seed)
    units = [u for u in store.units() if u.type.citable and len(u.sentences) > 1]
    return [_draft(chance.sample(units, OFFERED), chance, store) for _ in range(count)]


def _draft(units: Sequence[Unit], chance: random.Random, store: Store) -> ScriptedDraft:
    texts = [_sentence(unit, chance) for unit in units]
    evidence = tuple(
        Evidence(n, text, " ".join((unit.label, *unit.heading_path, store.document(unit.document_id).title)))
        for n, (unit, text) in enumerate(zip(units, texts, strict=True), 1)
    )
    kinds = ("true", "true", "true", "true", "figure", "unit", "crossed", "bound", "swapped", "added", "uncited")
    claims = [_spoil(chance.choice(evidence), kind, evidence, chance) for kind in chance.sample(kinds, 5)]
    return ScriptedDraft(evidence, tuple(claim for claim in claims if claim))


def _sentence(unit: Unit, chance: random.Random) -> str:
    long_enough = [s for s in unit.sentences if s.end - s.start > 15] or list(unit.sentences)
    span = chance.choice(long_enough)
    return unit.text[span.start - unit.start : span.end - unit.start]


def _reworded(text: str, chance: random.Random) -> str:
    """What a clerk makes of a sentence without changing what it says."""
    body = re.sub(r"^\d+[.．]", "", text).rstrip("。；;，,")
    clauses = [c for c in re.split(r"[,，;；]", body) if c]
    whole = "，".join(clauses)
    ways = [body, f"根据方案，{whole}", f"方案提出，{whole}", f"同时，将{whole}", f"在这方面，{whole}"]
    if len(clauses) > 2:
        ways.append("，".join(clauses[:-1]))
    return chance.choice(ways) + "。"


def _spoil(source: Evidence, kind: str, evidence: Sequence[Evidence], chance: random.Random) -> Scripted | None:
    text, right = _reworded(source.text, chance), frozenset({source.id})
    other = chance.choice([one.id for one in evidence if one.id != source.id])
    if kind == "true":
        return Scripted(Claim(text, (source.id,)), kind, right)
    if kind == "swapped":
        return Scripted(Claim(text, (other,)), kind, right)
    if kind == "uncited":
        return Scripted(Claim(text, ()), kind, right)
    if kind == "added":
        return Scripted(Claim(f"{text.rstrip('。')}，{chance.choice(ADDED)}。", (source.id,)), kind, frozenset())
    ways = {
        "figure": lambda: _other_number(text, chance), "unit": lambda: _other_unit(text),
        "crossed": lambda: _crossed(text), "bound": lambda: _other_bound(text),
    }  # fmt: skip
    spoilt = ways[kind]()
    if spoilt is None or any(spoilt.rstrip("。") in one.text for one in evidence):
        return None
    return Scripted(Claim(spoilt, (source.id,)), kind, frozenset())


def _other_number(text: str, chance: random.Random) -> str | None:
    found = [f for f in figures(text) if f.text[0].isdigit()]
    if not found:
        return None
    figure = chance.choice(found)
    digits = re.match(r"[\d.]+", figure.text)
    if digits is None:
        return None
    changed = str(int(float(digits[0])) * 10 + chance.randint(1, 9))
    return text[: figure.start] + changed + figure.text[digits.end() :] + text[figure.end :]


def _other_unit(text: str) -> str | None:
    for figure in figures(text):
        for unit, wrong in UNITS.items():
            if figure.text.endswith(unit) and figure.text[0].isdigit():
                return text[: figure.start] + figure.text[: -len(unit)] + wrong + text[figure.end :]
    return None


def _crossed(text: str) -> str | None:
    """Two figures of one unit in each other's place."""
    found = [f for f in figures(text) if f.text[0].isdigit()]
    for first, second in ((a, b) for a in found for b in found if a.start < b.start):
        if first.unit == second.unit and first.value != second.value and first.unit not in ("年", "月", "日"):
            between = text[first.end : second.start]
            return text[: first.start] + second.text + between + first.text + text[second.end :]
    return None


def _other_bound(text: str) -> str | None:
    for bound, wrong in BOUNDS.items():
        at = text.find(bound)
        if at >= 0 and any(abs(f.start - at) < 12 or abs(f.end - at) < 3 for f in figures(text)):
            return text[:at] + wrong + text[at + len(bound) :]
    return None
