"""Policies made up at random, alike in length and shape to real ones, no two the same; and questions on them."""

import random
from pathlib import Path

_PLACES = ("青岭", "白河", "云溪", "岚江", "松浦", "石门湾", "长汀", "柳川", "东坪", "望海")
_FIELDS = (
    "数字服务",
    "绿色建造",
    "先进制造",
    "现代农业",
    "海洋经济",
    "文旅融合",
    "社区养老",
    "低空物流",
    "新型储能",
    "职业教育",
)
_VERBS = ("加快建设", "支持发展", "有序推进", "鼓励开展", "统筹布局", "优化提升", "培育壮大", "完善健全")
_THINGS = (
    "公共平台",
    "示范园区",
    "服务站点",
    "骨干企业",
    "标准体系",
    "人才队伍",
    "应用场景",
    "检测中心",
    "交易市场",
    "配套设施",
)
_GAINS = (
    "给予每个{n}万元补助",
    "建成{n}个以上",
    "服务群众{n}万人次",
    "带动投资{n}亿元",
    "培训{n}人次",
    "压减时限{n}%",
    "新增岗位{n}个",
)
_FIRST, _SECOND = "青白云岚松石长柳东望安平永宁清泰和兴福康", "岭河溪江浦湾汀川坪海丘原山泽桥塘港州林泉"
_ASKED = (
    "{title}提出怎样{part}？",
    "{part}有什么安排？",
    "{part}由谁牵头？",
    "{part}什么时候完成？",
    "{title}里{part}的目标是多少？",
    "哪个单位负责{part}？",
)
_WHO = ("市发展改革委", "市财政局", "市科技局", "市人力资源社会保障局", "各区人民政府", "市教育局", "市农业农村局")
_ENDS = ("到{y}年底前完成。", "由{who}牵头落实。", "{who}会同有关部门制定实施细则。", "成效纳入年度考核。")


def policy(number: int, tasks: int = 12) -> str:
    """Return the text of the ``number``-th policy, with ``tasks`` numbered tasks under two headings."""
    rng = random.Random(number)
    field = _FIELDS[number % len(_FIELDS)]
    lines = [
        f"{_place(number // len(_FIELDS))}{field}行动方案",
        "",
        "一、总体目标",
        _sentences(rng, field, 3),
        "",
        "二、重点任务",
    ]
    lines += [
        f"{at}.{rng.choice(_VERBS)}{field}{rng.choice(_THINGS)}。{_sentences(rng, field, rng.randint(2, 4))}"
        for at in range(1, tasks + 1)
    ]
    return "\n".join([*lines, "", "三、组织保障", f"(一)加强统筹。{_sentences(rng, field, 2)}"]) + "\n"


def question_on(title: str, sentence: str, rng: random.Random) -> str:
    """Return a question on what ``sentence`` of the policy ``title`` says, in one of several forms."""
    part = sentence.strip("。；;!！").split("，")[0].split(".")[-1]
    return rng.choice(_ASKED).format(title=title, part=part)


def _place(number: int) -> str:
    """Return the name of the ``number``-th place: 400 towns come first, then streets of each."""
    street, town = divmod(number, len(_FIRST) * len(_SECOND))
    name = f"{_name(town)}市"
    return f"{name}{_name(street - 1)}街道" if street else name


def _name(number: int) -> str:
    return _FIRST[number % len(_FIRST)] + _SECOND[number // len(_FIRST) % len(_SECOND)]


def write_policies(folder: Path, count: int, tasks: int = 12) -> Path:
    """Write ``count`` policies into ``folder``, a hundred to a folder of its own, and return it."""
    for number in range(count):
        within = folder / f"{number // 100:04}"
        within.mkdir(parents=True, exist_ok=True)
        (within / f"{number:06}.txt").write_text(policy(number, tasks), encoding="utf-8")
    return folder


def _sentences(rng: random.Random, field: str, count: int) -> str:
    return "".join(_sentence(rng, field) for _ in range(count))


def _sentence(rng: random.Random, field: str) -> str:
    gain = rng.choice(_GAINS).format(n=rng.randint(2, 980))
    end = rng.choice(_ENDS).format(y=rng.randint(2025, 2035), who=rng.choice(_WHO))
    return f"{rng.choice(_VERBS)}{rng.choice(_PLACES)}{field}{rng.choice(_THINGS)}，{gain}，{end}"
