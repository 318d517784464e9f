"""Which figure a question asks for: 多少亿 asks for money, 几万吨级 for a weight, 哪年 for a date."""

import re
from dataclasses import dataclass

from assistant.figures import Figure, canonical_unit, dimension
from vectorstore.text import fold

_UNIT_ASKED = re.compile(
    r"(?:多少|几|哪几|百分之几)(?P<scale>[十百千]?[万亿]*|个)?(?P<unit>标准箱|teu|平方公里|平方米|立方米|公里|千米|海里|米|公顷|亩|吨级|吨|千瓦时?|兆瓦"
    r"|美元|欧元|元|块钱?|钱|个?百分点|个点|个百分比|%|人次|架次|班次|周岁|岁|倍|分钟|小时|工作日|分(?!公司|别)|年|月|日|号|天|人|名|位|家|户|项|条|座|所|处|艘|架|辆|列|趟"
    r"|次|场|届|期|批|种|类|套|台|件|颗|张|篇|部|间|床|支|只|个|度|级|层|成|箱|镇|村|县|区)?"
)
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("contact", re.compile(r"电话|热线|号码|打哪个号|联系方式|手机号|邮箱|邮编|网址|官网|地址是|二维码|微信号|传真")),
    ("percent", re.compile(r"百分之(?:几|多少)|百分比|占比(?:是|为|要|达|有|多)|比重(?:是|为|要|达|多|有)|比例(?:是|为|要|达|多|有)|税率|利率|几个点|几成|增速(?:是|为|多|要|目标|达)|增长率|强度(?:的目标|目标|是|要|达|多)")),
    ("money", re.compile(r"多少钱|多少资金|多少(?:投资|经费|补贴|补助|奖励|奖金)|(?:补|奖|给|投|挣|赚|发|领|花|付|掏|交|贷|借)(?:多少|几)|金额(?:是|为|有|多)|多少预算|什么价")),
    ("date", re.compile(r"哪一?年|何年|几几年|何时|什么时候|啥时候|什么时间|哪一?天|哪个月|几月|几号|何日|截止(?:到|日期|时间)|期限(?:是|到)|多会儿")),
    ("duration", re.compile(r"多久|多长时间|几天|几个月|几年(?!前|后)|几个工作日|几小时")),
    ("length", re.compile(r"多长|多远|里程(?:是|要|达|有|目标)|多少里")),
    ("area", re.compile(r"多大面积|面积(?:是|有|多|要|达)|占地多")),
    ("rank", re.compile(r"第几(?:位|名)|排名|排第几|前几")),
    ("any", re.compile(r"多大|多高|多重|规模(?:是|有|要|达|多)|数量|总量|总数|产值(?:是|要|达|多)|数字是|具体数|指标(?:是|值|数)|目标值|多少")),
)  # fmt: skip
_CONTACT = re.compile(
    r"(?<!\d)(?:0\d{2,3}[-—]?)?\d{7,8}(?!\d)|(?<!\d)1\d{10}(?!\d)|[\w.]+@[\w.]+|https?://|www\.|电话[:：]"
)
_NOT_ASKED_AFTER = tuple("第好十这那们头前近过隔上下")  # 头几天, 我们几个人, 第几条 ask for no figure


@dataclass(frozen=True, slots=True)
class FigureWish:
    """What kind of figure is asked for. ``unit`` is set where the question names it."""

    kind: str
    unit: str | None = None

    def granted_by(self, figure: Figure) -> bool:
        """Whether ``figure`` is of the kind asked for."""
        if self.unit and figure.unit == self.unit:
            return True
        if self.kind == "any":
            return figure.dimension != "date"
        if self.kind == "count:个":
            return figure.dimension.startswith("count:")
        if self.kind == "rank":
            return figure.text.endswith(("位", "名"))
        return figure.dimension == self.kind and (self.unit is None or self.kind != "money")

    def granted_by_text(self, text: str) -> bool:
        """Whether ``text`` holds what is no figure, a way to make contact."""
        return self.kind == "contact" and bool(_CONTACT.search(fold(text)))


def read_wish(question: str) -> FigureWish | None:
    """Return the figure that ``question`` asks for, or None where it asks for none."""
    folded = fold(question)
    asked = next((m for m in _UNIT_ASKED.finditer(folded) if _is_asked(m)), None)
    if asked and asked["unit"]:
        return _named(asked["unit"])
    for kind, pattern in _KINDS:
        if pattern.search(folded):
            if kind == "any" and asked and set(asked["scale"] or "") & set("万亿"):
                return FigureWish("money" if "亿" in asked["scale"] else "any")
            return FigureWish(kind)
    return None


def _is_asked(match: re.Match[str]) -> bool:
    """几 alone, and 几个 before what is then named (哪几个区), count things rather than ask for a figure."""
    if match.group().startswith("哪几"):
        return False
    before = match.string[max(0, match.start() - 1) : match.start()]
    return not match.group().startswith("几") or (before not in _NOT_ASKED_AFTER and bool(match["unit"]))


def _named(unit: str) -> FigureWish:
    if unit in ("钱", "块"):
        return FigureWish("money")
    if unit in ("个点", "百分点", "个百分点", "%", "个百分比"):
        return FigureWish("percent")
    if unit in ("年", "月", "日", "号"):
        return FigureWish("date")
    if unit in ("天", "小时", "分钟", "工作日"):
        return FigureWish("duration", canonical_unit(unit))
    if unit == "分":
        return FigureWish("score", "分")
    name = canonical_unit(unit)
    return FigureWish(dimension(name), name)
