"""The parts of a sheet: which provisions stand in each, best first, with what they answer; and what is missing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.desk.match_profile import Reading
from assistant.desk.match_provisions import CALLED, PARTLY, WIDER, Pool, Provision, Sector, is_for_others, names_others
from assistant.desk.match_terms import Need, any_of, needs
from vectorstore.embedding import Embedder, Vector
from vectorstore.records import Address, UnitType

MOST_DIRECTIONS = 8
MOST_PLATFORMS = 8
MOST_OF_A_NEED = 4
MOST_RESPONSIBLE = 8
GENERAL = "各类企业"  # whom a platform is for that names no industry

_DEVELOPS = re.compile(
    r"发展|壮大|培育|承接|新建|给予|聚焦|瞄准|锁定|优先|入驻|容纳|承载|接纳|布局|重点|打造|做强|做优|做大|做精|做活|提升|引进|吸引|布局|推进|推动|建设|支持|集聚|开发|创建|主攻|升级|深化|扩大|探索|推广|建立|建成|鼓励|引导|实施|构建|拓展|培养|带动|依托"
)
_FORBIDS = re.compile(
    r"不得|严禁|禁止|暂停拨付|追回|失信名单|违反|处.{0,12}罚款|责令|所称|负责解释|自.{4,14}起施行|约谈|排查|不享受"
)
_GOALS = re.compile(r"总体要求|目标|总则|附则|回顾")
_GIVES = re.compile(
    r"给予|补助|补贴|奖励|贴息|发放|提供|保障|支持|鼓励|减免|减半|免费|优先|倾斜|设立|推广|扩大|简化|压缩|压减|开通|推行|落实|新增|筹集|投用|建设|健全|完善|统筹|安排|引导|实施|深化|协同|开展|创新|允许|实行"
    r"|放宽|缩短|并联|配备|互认|建立|制定|集聚|招录|选派|改扩建|盘活|建成|创建|降至|培养|引进|服务|推动|改造|打造|扩建|组织|遴选|做强|探索|争取|办结|通办|下沉|布局|加大|分担|购买|申领|免收|享受|代缴|核发|办结|就读|增信|补足|开发|降低|应当|可以|专窗|开设|举办|打响|统一|授权"
)
_AUDIENCE = re.compile(
    r"企业|员工|职工|经营主体|市场主体|务工|人才|毕业生|园区|团队|创业|产业工人|个体工商户|合作社|机构|农户|科研人员|落户"
)
_FIRMS = re.compile(r"企业|经营主体|市场主体|合作社|园区|项目|单位|个体工商户|创业|商户|机构|产业")
_PERSONS = re.compile(
    r"医生|残疾|老年|老人|孕产|儿童|学徒|护林员|脱贫户|低收入|失能|退捕|举报|隐患|贫困|救助|村民|居民|每人每|彩礼"
)
_FOR_FIRMS_ONLY = frozenset({"资金", "金融", "场地", "市场"})
_ACROSS = r"金融资[源产本金]"  # 融资 only by chance
_GRANTS_TO = re.compile(
    r"申领|免收|享受|代缴|补足|给予|补助|补贴|奖励|支持|保障|提供|贴息|免费|优先|发放|补偿|减半|减免|分担"
)
_TWO = r"[一-龥0-9a-z—()\-]"
_CARRIER = re.compile(
    r"园区|产业园|科技园|科创园|工业园|示范区|开发区|高新区|保税区|自贸区|试验区|先行区|核心区|运营区|新城|智造城|科技城|小镇|基地|商务区|片区|集聚区|产业社区|孵化器|众创空间|科创平台|承接平台|载体|飞地|保税物流中心"
    r"|中试|实验室|产业带|走廊|港区|园中园|楼宇|特色园|功能区|创新园|合作区|新区|渔业园|茶叶园|药材园|产业新城|中心城区|入园(?=项目|企业)|(?<![校公儿果茶家乐花])园(?=[:容承接聚主重补有以打]|$)|[一-龥]谷(?=[:容承接聚主重])"
)
_FOR_FIRMS = re.compile(
    r"企业|产业|承接|招商|入驻|项目|集聚|创新|孵化|载体|错位|主导|总部|厂房|研发|科研|制造|总装|加工"
)
_NO_SITE = re.compile(
    r"[一二三四五六七八九十]基地|冷链物流基地|良种繁育基地|制种基地|原料基地|实践基地|供应基地|政务服务平台|数据平台|信息平台|就业基地"
)
_NO_DIRECTION = re.compile(
    r"提出如下|制定本|本报讯|印发|通知如下|^(?:第[一-龥]+条)?\s*(?:成立|组建|设立)[^,]{0,20}(?:专班|领导小组)"
)
_NO_HOST = re.compile(_FORBIDS.pattern + r"|本报讯|印发|制定本|干部|挂职|医学院|校区|领导小组")
_BODY = re.compile(
    r"(?:由|请)?(?P<body>(?:[一-龥()、]{0,18}?(?:领导小组|工作专班|专班|工作组|指挥部|联席会议|委员会|办公厅|办公室|管委会|党委|[市省县区]委(?![办组宣统政])|人民政府|政府|供销社|市协同办|[市省区县]?[一-龥]{1,3}办(?![公理事法])"
    r"|[一-龥]{1,10}(?:局|委|厅|办(?![公理事法])|部(?!门)|院|社|主管部门|部门|公司|协会|联盟|银行|高校|链主企业|企业|医院|集团))))"
    r"(?P<does>[^,。;由]{0,14}?(?:牵头|负责|统筹|会同|协调|督导|督办|承担|核定|主管|组织实施|督促|落实))"
)
_BY = re.compile(
    r"由(?P<body>[^,。;由]{2,24}?)(?=牵头|负责(?!同志|人)|会同|统筹|核定|组织|担任|通过|发放|免费|任|制定|建立|落实|运营|解释|协调|实施)"
)
_SEATED = re.compile(
    r"(?:成立|完善|组建|设立|建立|健全|下设|充实|发挥)?(?P<body>[一-龥]{0,20}?(?:领导小组|专班|办公室|工作组|联席会议))[^。;]{0,40}?(?:设在|成立|组长|双组长|牵头|承担|工作机制)"
)
_FORMED = re.compile(r"(?:成立|组建|设立|建立)(?P<body>[^,。;]{1,40}?(?:领导小组|专班|工作组|指挥部|联席会议))")
_OFFICE = re.compile(r"(?P<body>[市省县区][一-龥]{1,4}办(?![公理事法]))")
_ARTICLE = re.compile(r"^(?:第[一二三四五六七八九十百]+[条款]\s*|[(（]?[一二三四五六七八九十0-9]+[)）.．、]\s*)")
_URGED = re.compile(r"支持|鼓励|引导|推动|推进|落实|加强|强化|对")  # asked to do something, not charged with it
_LEADS = re.compile(r"牵头|负责|领导小组|专班|会同|统筹|协同办|督导|工作组|责任单位|主管部门|组长|办公室设在|核定|协调")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A provision that stands in a part, for what it is ``about``."""

    provision: Provision
    about: str


@dataclass(frozen=True, slots=True)
class Part:
    """What stands in a part of a sheet, and what was wanted and is not in the sources."""

    chosen: tuple[Chosen, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """What a sheet is made for: the reading of a description, its sectors, and the model that judges nearness."""

    reading: Reading
    sectors: tuple[Sector, ...]
    embedder: Embedder

    def fit(self, provision: Provision) -> tuple[float, str]:
        """Return how well a provision fits the sectors, and the one that it fits best."""
        fits = [(sector.fit(provision.folded), printed) for sector, printed in self.named()]
        return max(fits, key=lambda one: one[0], default=(0.0, ""))

    def named(self) -> Iterable[tuple[Sector, str]]:
        """Return the sectors, each with its word as printed."""
        return zip(self.sectors, self.reading.sectors, strict=True)


def directions(wanted: Wanted, pool: Pool) -> Part:
    """Return the provisions on developing what the enterprise does, and the sectors that no policy speaks of."""
    if not wanted.sectors:
        return Part((), ("企业所在行业（自述中没有写明）",))
    found = pool.about(name for sector in wanted.sectors for name in sector.names)
    fitting: list[tuple[Provision, float, str]] = []
    for one in found:
        fit, sector = wanted.fit(one)
        if fit and not one.titling and _develops(one):
            fitting.append((one, fit, sector))
    near = pool.cosines([one for one, _, _ in fitting], _vector(wanted))
    scored = [
        (one, fit + 0.4 * near.get(one.key, 0.0) - 0.3 * _is_support(one), sector) for one, fit, sector in fitting
    ]
    wider = {one.key for one, fit, _ in fitting if fit <= WIDER}
    best = sorted(scored, key=lambda one: -one[1])
    narrow = [one for one in best if one[0].key not in wider]
    chosen = (*narrow, *[one for one in best if one[0].key in wider][:3])
    kept = _few([Chosen(one, about) for one, _, about in chosen], MOST_DIRECTIONS, 2)
    known = {
        printed for sector, printed in wanted.named() if any(sector.fit(one.folded) >= PARTLY for one, _, _ in fitting)
    }
    return Part(tuple(kept), tuple(name for name in wanted.reading.sectors if name not in known))


def platforms(wanted: Wanted, pool: Pool) -> Part:
    """Return the provisions on parks, zones and platforms: those that fit the sectors, then those for any enterprise."""
    words = ("园区", "产业园", "开发区", "示范区", "新区", "基地", "科技园", "平台", "载体", "承接", "入驻")
    found = pool.about((*words, *(name for sector in wanted.sectors for name in sector.names)))
    fitting, general = [], []
    for one in dict.fromkeys(found):
        if one.titling or not _CARRIER.search(_NO_SITE.sub("", one.folded)) or _NO_HOST.search(one.folded):
            continue
        fit, sector = wanted.fit(one)
        if fit >= PARTLY:
            fitting.append((one, fit, sector))
        elif (
            _is_general(one) and not is_for_others(one, wanted.sectors) and not names_others(one.folded, wanted.sectors)
        ):
            general.append((one, WIDER, GENERAL))
    near = pool.cosines([one for one, _, _ in (*fitting, *general)], _vector(wanted, "产业园区 承接平台"))
    chosen = [
        Chosen(one, about)
        for group in (fitting, general)
        for one, _, about in sorted(
            group, key=lambda item: -(_hosts(item[0]) + item[1] + 0.4 * near.get(item[0].key, 0.0))
        )
    ]
    missing = [f"适合{name}的园区或平台" for name in wanted.reading.sectors if all(name != c.about for c in chosen)]
    if wanted.sectors and len(missing) < len(wanted.sectors):
        missing = []
    return Part(tuple(_few(chosen, MOST_PLATFORMS, 5)), tuple(missing if chosen else missing or ["园区或平台"]))


def support(wanted: Wanted, pool: Pool) -> Part:
    """Return the provisions that grant each need, and the needs that none grants."""
    chosen: list[Chosen] = []
    missing = []
    for name in wanted.reading.wanted:
        granting = _granting(wanted, pool, needs()[name])
        chosen += granting
        if not granting:
            missing.append(name)
    return Part(tuple(chosen), tuple(missing))


def _granting(wanted: Wanted, pool: Pool, need: Need) -> list[Chosen]:
    grants, hints, longer = any_of(need.grants), any_of(need.hints), _longer(need.name)
    scored: list[tuple[Provision, float]] = []
    for one in pool.about((*need.grants, *need.hints)):
        text = one.folded
        if one.titling or _is_goal(one) or forbids(one) or not _GIVES.search(text):
            continue
        strong, gives_to = (
            len(set(grants.findall(longer.sub("", text)))),
            bool(_GRANTS_TO.search(text) and _AUDIENCE.search(text)),
        )
        if not strong and not (hints.search(text) and gives_to):
            continue
        fit, _sector = wanted.fit(one)
        persons = need.name in _FOR_FIRMS_ONLY and _PERSONS.search(text) and not _FIRMS.search(text)
        if (persons and fit < CALLED) or is_for_others(one, wanted.sectors):
            continue
        score = 0.5 * min(strong, 3) / 3 + 0.35 * gives_to + 0.6 * (fit >= CALLED) + 0.1 * bool(re.search(r"\d", text))
        score += 0.3 * bool(any_of(need.grants).search(one.titles))
        score += 0.3 * bool(re.search(r"落户|入驻", text) and gives_to)
        scored.append((one, score))
    near = pool.cosines(
        [one for one, _ in scored], wanted.embedder.embed_query(f"{need.name}支持 {' '.join(need.grants[:4])}")
    )
    best = sorted(scored, key=lambda item: -(item[1] + 0.4 * near.get(item[0].key, 0.0)))
    return _few([Chosen(one, need.name) for one, _ in best], MOST_OF_A_NEED, 3)


@cache
def _longer(name: str) -> re.Pattern[str]:
    """Return the pattern of words of other needs that hold a word of this one: a 人才公寓 is no 人才."""
    own = needs()[name].grants
    words = (word for need in needs().values() for word in need.grants if need.name != name and word not in own)
    return re.compile(f"{_ACROSS}|{any_of(word for word in words if any(mine in word for mine in own)).pattern}")


def responsible(wanted: Wanted, pool: Pool, cited: Sequence[Provision]) -> Part:
    """Return the provisions that name who leads or does what: within the units that are cited, and for the policy."""
    documents = {one.document.id for one in cited}
    addresses: set[Address] = {one.address for one in cited}
    words = ("牵头", "负责", "领导小组", "专班", "办公室设在", "会同", "组长", "统筹", "协同办")
    ranked: list[tuple[float, Provision, str]] = []
    for one in dict.fromkeys(pool.about(words) + [p for c in cited for p in pool.beside(c)]):
        body = None if forbids(one) else body_of(one)
        if one.document.id not in documents or body is None or one.titling:
            continue
        general = bool(
            re.search(r"领导小组|专班|协同办|组织领导|组织实施|统筹协调|推进责任|工作机制", one.folded + one.titles)
        )
        near = one.address in addresses
        fit, _ = wanted.fit(one)
        if not (general or near or fit >= CALLED) or is_for_others(one, wanted.sectors):
            continue
        ranked.append((near + 0.8 * general + 0.5 * (fit >= CALLED), one, body))
    best = sorted(ranked, key=lambda item: -item[0])
    kept = _few([Chosen(one, body) for _, one, body in best], MOST_RESPONSIBLE, 4)
    return Part(tuple(kept), () if kept else ("牵头或负责的单位",))


def body_of(provision: Provision) -> str | None:
    """Return who leads or does what in a provision, as printed; None where it names nobody."""
    if not _LEADS.search(provision.folded) and not _BY.search(provision.folded):
        return None
    text = provision.unit.text[provision.span.start - provision.unit.start : provision.span.end - provision.unit.start]
    for pattern in (_BY, _BODY, _FORMED, _SEATED, _OFFICE):
        if match := pattern.search(provision.folded):
            start, end = match.span("body")
            body = _ARTICLE.sub("", text[start:end]).strip("、,， ")
            return body if body and not _URGED.match(body) else None
    return None


def forbids(provision: Provision) -> bool:
    """Whether a provision forbids, punishes, inspects or defines, and so offers nothing."""
    return bool(_FORBIDS.search(provision.folded))


def _develops(provision: Provision) -> bool:
    text = provision.folded
    return bool(_DEVELOPS.search(text)) and not forbids(provision) and not _NO_DIRECTION.search(text)


def _vector(wanted: Wanted, more: str = "") -> Vector:
    return wanted.embedder.embed_query(" ".join(["发展", *wanted.reading.sectors, more]).strip())


def _is_goal(provision: Provision) -> bool:
    heading = " ".join(provision.unit.heading_path)
    return (provision.unit.type is UnitType.ITEM and bool(_GOALS.search(heading))) or "回顾" in heading


def _is_support(provision: Provision) -> bool:
    return bool(re.search(r"给予|补助|补贴|奖励|贴息", provision.folded))


def _is_general(provision: Provision) -> bool:
    if "实验室" in provision.folded:  # where research is done, not where enterprises go
        return False
    return bool(_FOR_FIRMS.search(provision.folded + provision.titles.split(" ")[-1])) and not _GOALS.search(
        " ".join(provision.unit.heading_path)
    )


def _hosts(provision: Provision) -> float:
    """Return how much a provision is about hosting enterprises: a place is named and described, its titles say so."""
    named = re.match(r"[^,。;:]{3,20}:", provision.folded)
    return 0.4 * bool(named) + 0.3 * bool(re.search(r"平台|园区|载体|承接|格局", provision.titles.split(" ")[-1]))


def _few(chosen: Sequence[Chosen], most: int, of_a_unit: int) -> list[Chosen]:
    """Return the first ``most``, not more than ``of_a_unit`` of one unit, the same text once."""
    kept: list[Chosen] = []
    counts: dict[Address, int] = {}
    texts = set()
    for one in chosen:
        at = one.provision.address
        if counts.get(at, 0) < of_a_unit and one.provision.folded not in texts and len(kept) < most:
            counts[at] = counts.get(at, 0) + 1
            texts.add(one.provision.folded)
            kept.append(one)
    return kept
