"""What is asked: from a standalone question to a query that retrieval and answering can work with.

Instructions inside a question are data: clauses that command the assistant are set aside, never followed, and what
remains is asked of the sources.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from assistant.figure_wish import FigureWish, read_wish
from assistant.figures import Figure, figures
from assistant.lexicon import scaffolding, subjects, translate
from assistant.references import Pointer, read_pointer
from vectorstore.lexical import Analyzer
from vectorstore.numerals import NUMERAL, parse_numeral
from vectorstore.records import Address
from vectorstore.text import fold


class Asks(StrEnum):
    """What kind of answer a question wants."""

    WORDING = "wording"  # the exact words of a place
    WHICH = "which"  # every unit that mentions something
    EXISTS = "exists"  # whether something is mentioned at all
    FIGURE = "figure"  # a number, an amount, a date
    COMPARE = "compare"  # two things side by side
    CONTENT = "content"  # anything else: what the sources say


class Scope(StrEnum):
    """Which units a question speaks of."""

    TASKS = "tasks"
    POLICY = "policy"
    NEWS = "news"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Query:
    """A question, read.

    ``focus`` is the word that the question asks about (董事长叫什么 → 董事长), ``expected`` is how many things it asks for (有两处… → 2), ``explains`` whether it asks for reasons or ways.
    ``terms`` are its content words, folded; ``official`` what everyday words in it stand for; ``leans_on`` the units
    that the answer before spoke of, where the question may still be about them.
    """

    question: str
    asks: Asks
    scope: Scope
    pointer: Pointer
    terms: tuple[str, ...]
    official: dict[str, tuple[str, ...]]
    quoted: tuple[str, ...]
    mention: str | None
    wish: FigureWish | None
    asserted: tuple[Figure, ...]
    aspects: tuple[str, ...]
    expected: int
    focus: str | None
    explains: bool
    commanded: bool
    leans_on: frozenset[Address] = frozenset()


_QUOTED = re.compile(r"[“「『《\"]([^”」』》\"]{1,40})[”」』》\"]")
_WORDING = re.compile(
    r"原文|原话|原句|措辞|怎么写|咋写|如何写|怎样写|怎么表述|如何表述|表述是|照抄|照着?念|念一遍|读一遍|一字不|一个字别|写了(?:什么|啥|些)|写的(?:是)?(?:什么|啥)|讲了?的?是?(?:什么|啥)$|说了?(?:什么|啥)|内容是|全文是|的全文$|的全文[,，]|完整(?:的|地)?(?:内容|列|给|抄|引|写|念|复述)|逐字|引用一下|复述|讲了(?:什么|啥|些)|说的(?:是)?(?:什么|啥)|规定了(?:什么|啥)|怎么说|怎么讲|怎么规定"
)
_PLACE_WORD = r"(?:(?:重点|主要|工作)?任务|条目?|条款|项|款|章节?|地方|处|位置|段落?|举措|措施)"
_WHICH = re.compile(
    rf"哪(?:一|几|些)?(?:个|条|项|款)?{_PLACE_WORD}|第几(?:个|条|项|款|部分|段)|有几(?:个|条|项|款|处){_PLACE_WORD}?|{_PLACE_WORD}(?:的)?(?:编号|序号|号码)"
    rf"|(?:出现|分布|散落|写|列|放|落)在(?:了)?哪|都在哪|在哪(?:里|儿|些)?(?:提|写|讲|说|出现|$|[?？])|(?:哪里|哪儿)(?:提|写|讲|说|出现)|{_PLACE_WORD}(?:分别)?(?:有|是)哪(?:些|几)"
)
_LISTED = re.compile(  # 任务里点到“某地”的都有哪些, 含“某词”的任务全部列出来
    rf"{_PLACE_WORD}[^,。?!]*(?:哪些|哪几|有几|列出|列一|列全|全部|都有)|(?:哪些|哪几|列出|全部|所有)[^,。?!]*{_PLACE_WORD}"
)
_MENTION = re.compile(
    r"提到|提及|涉及|写到|写进|写了|讲到|说到|谈到|点到|出现|包含|含有|带有|含|带|关于|有关|相关|讲|写|提|说|列入|点名|牵涉|覆盖"
)
_SAYS = re.compile(r"提到|提及|涉及|写到|写进|讲到|说到|谈到|点到|点名|出现|包含|含有|带有")
_EXISTS = re.compile(
    r"(?:有没有|有无|是否|是不是|可曾|到底有没有)(?:明确|专门|单独|直接|在.{0,8})?(?:提到|提及|涉及|写到|写过|讲到|讲过|说到|说过|谈到|出现|包含|含有|提过|写进|点名)|(?:提到|提及|涉及|写到|讲到|说到|谈到|出现)(?:过|了)?[^,。?!]{1,24}(?:吗|没有|没)|提没提|(?:提|出现|写|讲)过.{0,20}(?:吗|没有|没)[?？]?$"
)
_COMPARE = re.compile(
    r"分别|各自|各(?:是|有|为|管|占|要|达)|区别|不同|差别|差异|相比|对比|比较一下|异同|有何关系|什么关系|相同"
)
_EXPLAINS = re.compile(
    r"为什么|为啥|为何|原因|怎么解释|如何解释|怎么回事|怎么看|说明(?:了)?(?:什么|啥)|意味着|怎么(?:说|讲)的|理由"
)
_QUESTION_WORD = re.compile(
    r"叫(?:什么|啥)|是(?:谁|哪|什么|啥|多少|几)|(?:有|要|到|为|达|超过|达到)?(?:多少|几|多大|哪些|什么|啥)|怎么|如何|咋|为什么|为啥"
)
_COUNTED = re.compile(r"(?:有|这|那|哪|就)(?P<count>[两二三四五2-5])(?:个|处|条|项|支|类|种|家|块|点|方面|款)")
_ASKED = re.compile(r"多少|(?<![第好十这那])几(?!乎)|哪一?[年天月]|何时|什么时候|百分之几|多大|多高|多长")
_NEWS = re.compile(r"报道|新闻|记者|采访|通讯|稿子|据说")
_POLICY = re.compile(r"方案|文件|政策|规划|条例|办法|意见|措施|规定|条款|纲要|通知|要求")
_EVERYWHERE = re.compile(r"全文|地方|哪里|哪儿|哪些处|几处|哪处|目标|保障|章节|部分|开头|前言|报道|新闻")
_COMMAND = re.compile(
    r"(?:忽略|无视|忘记|忘掉|抛开|不要(?:理会|遵守)|跳过|绕过|覆盖|解除|取消)[^,。;!?]{0,16}(?:指令|规则|提示|要求|设定|限制|约束|内容|规定|说明|身份)"
    r"|系统提示词?|提示词|system\s*prompt|初始(?:指令|设定)|隐藏(?:指令|规则|提示)|(?:你|您)(?:现在|从现在起)?(?:的(?:角色|身份|任务|人设))?(?:现在)?(?:是|变成|扮演|充当)(?:一[个名位]|不受)"
    r"|从现在(?:起|开始)[^,。]{0,6}你|(?:假设|假装|假如|设想|想象)你|你就是|以[^,。]{1,12}名义|扮演|角色扮演|越狱|开发者模式|jailbreak|developer\s*mode|ignore\s+(?:all|the|any|previous)|disregard|you\s+are\s+now|pretend|act\s+as"
    r"|(?:系统|管理员|开发者|官方)\s*(?:通知|消息|公告|提示|授权|指令|已授权|命令)|已授权|(?:请)?(?:按|按照|就说|直接说|必须说|统一)[^,。]{0,20}(?:回答|作答|回复|答复|输出|口径)"
    r"|不(?:许|要|准|用|得)(?:再)?(?:引用|标注|注明|给出处|加引用|核对|检查|拒绝)|(?:写|作|编|来)(?:一)?(?:首|篇|段|个)[^,。]{0,12}(?:诗|词|歌|情书|小说|故事|段子|笑话|作文|代码|广告|剧本)"
    r"|(?:不用|不必|别|甭)(?:再)?看[^,。]{0,4}(?:材料|资料|文件|来源|原文)|凭(?:感觉|印象|记忆|常识|想象)|(?:瞎|胡|现)?(?:编|造|杜撰|虚构)(?:出|上)?(?:[一二两三四五几]|点|些)"
    r"|(?:加|插|添|塞|补|删|改)(?:上|进|入|掉|去|成)?(?:这|那)?[一几两]?(?:句|段|条|行|个字)|当(?:成|作|做)原文"
    r"|(?:翻译|translate)成?|base64|解码|只(?:需|要)?(?:回答|回复|输出)[^,。]{0,20}$|(?:改为|改成|更新为|调整为|修改为|更正为|替换为)\s*\d",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^,，。;；!！?？\n】」]+[,，。;；!！?？\n】」]*")
_NUMBER = re.compile(rf"[\d.%]+|{NUMERAL}+")
_EDGES = re.compile(r"^[的在是有和与跟及了过把被,、:]+|[的在是有和与跟及了过吗呢,、:?]+$")
_ASIDE = re.compile(
    r"(?:方面|工作|问题|内容|领域|情况|事情|事|这个词|一词|这几个字|[一二三四五六两]个字|字样|这件事|字眼|词)$"
)


def understand(question: str, analyzer: Analyzer) -> Query:
    """Read ``question``, which stands alone (follow-ups are resolved before)."""
    asked, commanded = _set_aside_commands(question)
    folded = fold(asked)
    pointer = read_pointer(asked)
    quoted = tuple(dict.fromkeys(fold(term).strip() for term in _QUOTED.findall(asked)))
    wish = read_wish(asked)
    asks = _asks(folded, pointer, quoted, wish)
    mention = _mention(folded, quoted) if asks in (Asks.WHICH, Asks.EXISTS) else None
    terms = content_terms(asked, analyzer)
    return Query(
        question=asked,
        asks=asks,
        scope=_scope(folded.replace(mention, "") if mention else folded),
        pointer=pointer,
        terms=terms,
        official=translate(folded),
        quoted=quoted,
        mention=mention,
        wish=wish,
        asserted=tuple(f for f in figures(asked) if f.unit and not _in_reference(f, pointer)),
        aspects=_aspects(folded) if asks is Asks.COMPARE else (),
        expected=_expected(folded),
        focus=_focus(folded, terms),
        explains=bool(_EXPLAINS.search(folded)),
        commanded=commanded,
    )


def content_terms(question: str, analyzer: Analyzer) -> tuple[str, ...]:
    """Return the words of ``question`` that name its subject, folded, in order, each once.

    Of single characters only those count that name a subject (水, 药); a bare number never does.
    """
    dropped = scaffolding()
    words = [w for w in analyzer.words(question) if w not in dropped and not _NUMBER.fullmatch(w)]
    return tuple(dict.fromkeys(word for word in words if len(word) > 1 or word in subjects()))


def _set_aside_commands(question: str) -> tuple[str, bool]:
    """Return ``question`` without the clauses that command the assistant, and whether there were any."""
    clauses = _CLAUSE.findall(question)
    kept = [clause for clause in clauses if not _COMMAND.search(fold(clause))]
    if len(kept) == len(clauses):
        return question, False
    return "".join(kept).strip(), True


def _asks(folded: str, pointer: Pointer, quoted: tuple[str, ...], wish: FigureWish | None) -> Asks:
    if _EXISTS.search(folded):
        return Asks.EXISTS
    listed = _LISTED.search(folded) and (quoted or _SAYS.search(folded))
    if listed and not pointer:
        return Asks.WHICH
    if _WHICH.search(folded) and (quoted or _MENTION.search(folded) or _place_question(folded)) and not pointer:
        return Asks.WHICH
    if _COMPARE.search(folded):
        return Asks.COMPARE
    if wish:
        return Asks.FIGURE
    if _WORDING.search(folded):
        return Asks.WORDING
    return Asks.CONTENT


def _place_question(folded: str) -> bool:
    """Whether the question asks for a place as such: 潮白河在哪些条目里."""
    return bool(
        re.search(rf"(?:在|属于|归|是)(?:方案|文件|全文|政策)?的?(?:里|中)?的?(?:{_PLACE_WORD}的)?(?:哪|第几)", folded)
    )


def _scope(folded: str) -> Scope:
    if _EVERYWHERE.search(folded):
        return Scope.POLICY if _POLICY.search(folded) else Scope.ANY
    if re.search(r"任务|第几条|哪(?:一|几|些)?条|几条", folded):
        return Scope.TASKS
    if _NEWS.search(folded):
        return Scope.NEWS
    return Scope.POLICY if _POLICY.search(folded) else Scope.ANY


def _in_reference(figure: Figure, pointer: Pointer) -> bool:
    return any(r.start <= figure.start < r.start + len(r.text) for r in pointer.references)


def _focus(folded: str, terms: tuple[str, ...]) -> str | None:
    """The word that is asked about: the one behind 多少 (多少常住人口), else the last one before the question word."""
    asking = _QUESTION_WORD.search(folded)
    if not asking:
        return None
    behind = folded[asking.end() :].lstrip("个家条项名位的")
    if asking.group().endswith(("多少", "几", "哪些")) and (following := [t for t in terms if behind.startswith(t)]):
        return max(following, key=len)
    before = folded[: asking.start()]
    return max((t for t in terms if t in before), key=lambda t: before.rfind(t) + len(t), default=None)


def _expected(folded: str) -> int:
    """How many things are asked for: 有两处…分别, 多少…多少, one where nothing says more."""
    counted = max((parse_numeral(m["count"].replace("两", "二")) for m in _COUNTED.finditer(folded)), default=1)
    return max(counted if _COMPARE.search(folded) or "哪" in folded else 1, min(3, len(_ASKED.findall(folded))), 1)


_THAT_ONE = r"(?:那一?(?:条|块|项|方面|部分|边|支|个|笔|家))?"
_PAIRS = (
    re.compile(
        rf"(?:^|[,:;。])(?P<a>[^,:;。?!]{{2,24}}?){_THAT_ONE}(?:和|与|跟|同|、|以及)(?P<b>[^,:;。?!]{{2,24}}?){_THAT_ONE},?"
        r"(?:这?两(?:条|项|个|处|者|块|方面|家)?|都|在|之间|的)*,?[^,:;。?!]{0,6}(?:分别|各自|各(?:是|有|为|管|占|要|达)|有(?:什么|何|啥)?(?:区别|不同|差别|差异)|相比|对比)"
    ),
    re.compile(
        r"一(?:个|处|条|项|边)是?(?P<a>[^,:;。?!、]{2,20})[,、]另?一(?:个|处|条|项|边)是?(?P<b>[^,:;。?!、]{2,20})"
    ),
)


def _aspects(folded: str) -> tuple[str, ...]:
    """The things compared: 「A那条和B那条分别…」 and 「一个是A、一个是B」 give A and B, with what stands before both."""
    for pattern in _PAIRS:
        if match := pattern.search(folded):
            before = folded[: match.start()].strip(",:;。")
            return tuple(
                f"{before} {aspect}".strip() if len(before) <= 12 else aspect for aspect in (match["a"], match["b"])
            )
    return ()


def _mention(folded: str, quoted: tuple[str, ...]) -> str | None:
    """The term whose mentions are asked for."""
    if quoted:
        return quoted[0]
    text = re.sub(r"[?!。]+$", "", folded)
    for pattern in (_MENTIONED_AFTER, _MENTIONED_BEFORE):
        for match in pattern.finditer(text):
            term = trim_term(match["term"])
            if len(term) > 1:
                return term
    return None


_VERB = r"(?:提到|提及|点到|涉及到?|写到|写进|写了|讲到|说到|谈到|出现|包含|含有|带有|关于|点名|牵涉到?|覆盖|讲|写|提|说|跟|与|和)(?:过|了|的是)?"
_MENTIONED_AFTER = re.compile(
    rf"{_VERB}(?P<term>[^,。?!;:]+?)(?:有关|相关)?(?:的)?(?:(?:重点|主要)?任务|条目|条款|内容|地方|举措|措施|是第几|在第几|是哪|有哪|在哪|分别|编号|有几|吗|没有|呢|这个词|一词|$|[,。?!])"
)
_MENTIONED_BEFORE = re.compile(
    rf"(?:^|[,。:])(?:请问|请|麻烦|想问)?(?P<term>[^,。?!:]+?)(?:一共|总共|都|分别|具体|又|到底)*(?:在|出现在|写在|列在|放在|见于|被写进|是|属于|归)(?:了)?(?:这份|本)?(?:方案|文件|全文|政策)?(?:的|里|中|{_PLACE_WORD})*(?:哪|第几|几)"
)


def trim_term(term: str) -> str:
    """Return ``term`` without the particles and empty nouns around it."""
    before = None
    while term != before:
        before = term
        term = _ASIDE.sub("", _EDGES.sub("", term.strip(' "')))
    return term
