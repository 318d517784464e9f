"""What else a term is called: names of the same thing, and the official words for an everyday one."""

import re
from dataclasses import dataclass

from vectorstore.regions import PROVINCES
from vectorstore.sources import Sources
from vectorstore.text import fold

_SHORT = dict(
    zip(
        [
            "北京",
            "天津",
            "河北",
            "山西",
            "内蒙古",
            "辽宁",
            "吉林",
            "黑龙江",
            "上海",
            "江苏",
            "浙江",
            "安徽",
            "福建",
            "江西",
            "山东",
            "河南",
            "湖北",
            "湖南",
            "广东",
            "广西",
            "海南",
            "重庆",
            "四川",
            "贵州",
            "云南",
            "西藏",
            "陕西",
            "甘肃",
            "宁夏",
            "香港",
            "澳门",
        ],
        [
            "京",
            "津",
            "冀",
            "晋",
            "蒙",
            "辽",
            "吉",
            "黑",
            "沪",
            "苏",
            "浙",
            "皖",
            "闽",
            "赣",
            "鲁",
            "豫",
            "鄂",
            "湘",
            "粤",
            "桂",
            "琼",
            "渝",
            "川",
            "黔",
            "滇",
            "藏",
            "陕",
            "甘",
            "宁",
            "港",
            "澳",
        ],
        strict=True,
    )
)
_CHARS = "".join(_SHORT.values())
# alone, the one character of a province is mostly part of another word; beside a second one, or after 在 or 驻, it is not
_NEAR = "(?:(?<=[{chars}]){short}|{short}(?=[{chars}])|(?<=[在来驻赴抵离返]){short}|^{short}|{short}(?=[城企籍]))"
_PLACE_SUFFIX = re.compile(r"(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|[省市县区镇乡])$")
_BRIEFLY = re.compile(r"[(\[](?:以下)?(?:统称|简称|下称)(?:为|:)?[\"']?(?P<short>[^)\]\"',。;]{2,16})[\"']?[)\]]")
_CLAUSE_START = re.compile(r"[,。;:!?\n\"]|(?<=[^共])(?:由|根据|按照|为落实|参加)")
_MOST_INTRODUCED = 200  # units whose abbreviations are read
_SAME_WORD = 0.5  # share of an abbreviation's characters that a full name must have for it to be of that name


@dataclass(frozen=True, slots=True)
class Names:
    """Folded. ``same`` are patterns of other names of the thing itself."""

    same: tuple[re.Pattern[str], ...]
    wanted: tuple[str, ...]  # for each of ``same``, a text that every match of it holds


def names_of(term: str, sources: Sources) -> Names:
    """Return what the folded ``term``, without white space, is called besides."""
    found: dict[str, re.Pattern[str]] = {
        name: re.compile(re.escape(name)) for name in (*_bare_place(term), *_briefly(term, sources)) if name != term
    }
    for short in _province(term):
        found[short] = re.compile(_NEAR.format(short=short, chars=_CHARS))
    return Names(tuple(found.values()), tuple(found))


def _province(term: str) -> list[str]:
    bare = next((short for short, full in PROVINCES.items() if term in (short, full)), "")
    return [_SHORT[bare]] if bare in _SHORT else []


def _bare_place(term: str) -> list[str]:
    """天津市 is 天津, too: a place of two characters or more, left without what kind of place it is."""
    bare = _PLACE_SUFFIX.sub("", term)
    return [bare] if bare != term and len(bare) > 1 and (len(bare) < 5 or bare in PROVINCES) else []


def _briefly(term: str, sources: Sources) -> list[str]:
    """Return the abbreviations that the sources introduce for ``term``, and what it abbreviates itself."""
    found = []
    for unit in sources.containing("称")[:_MOST_INTRODUCED]:
        folded = fold(unit.text)
        for match in _BRIEFLY.finditer(folded):
            short = match["short"]
            full = _CLAUSE_START.split(folded[max(0, match.start() - 40) : match.start()])[-1]
            if short == term:
                found.append(full)
            elif full == term or (full.endswith(term) and _abbreviates(short, term)):
                found.append(short)
    return [name for name in dict.fromkeys(found) if len(name) > 1]


def _abbreviates(short: str, term: str) -> bool:
    return sum(char in term for char in short) >= _SAME_WORD * len(short)
