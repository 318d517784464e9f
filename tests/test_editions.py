"""Editions, repeals, copies and subject classes: the pure functions, and the store that answers from what is in force."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from doors import HashEmbedder, WordRanker, filled_services
from earlier_catalog import take_back
from fastapi.testclient import TestClient

from assistant.pipeline import Assistant
from assistant.ranker import Ranker
from ingest.chunking import build_chunks
from ingest.pipeline import ingest_paths
from ingest.topic import read_topic, topics, with_topic
from ui.api.app import create_app
from ui.cli import main
from ui.facets import facets
from ui.views import DocumentView
from vectorstore.copies import Body
from vectorstore.edition_asked import edition_asked
from vectorstore.editions import CURRENT, History, Standing, Status, edition_words, has_expired, policy_name
from vectorstore.embedding import Embedder
from vectorstore.errors import NotFoundError
from vectorstore.lexical import bigram_tokens
from vectorstore.records import Document, Filter, Kind, Named, Record, Unit, UnitType
from vectorstore.repeals import read_repeals
from vectorstore.store import Store

RULES = """青梧市共享单车停放管理办法{mark}

青政发〔{year}〕7号

第一条 为了规范停放秩序，制定本办法。

第二条 每个街道设置停放点{count}处，由区城市管理部门负责。

第三条 企业应当在{hours}小时内清运违规停放的车辆。

第四条 本办法自{year}年6月1日起施行。{repeal}

青梧市人民政府
{year}年5月6日
"""
REPORT = (
    "本报讯（记者 林知远）{count}月18日，青梧市举行滨河步道开放仪式。步道全长12公里，沿线新建驿站、观景平台和无障碍坡道，"
    "市民可以从老码头一路走到湿地公园。沿河的旧厂房改成了书店和咖啡馆，居民说晚饭后散步的人比去年多了一倍。"
    "管理单位介绍，步道每天清晨由保洁员清扫，夜间照明在十点以后调暗，雨季前会检修全部排水口。下一步还将把步道接到北岸的"
    "自行车道，并在两座桥下增设连接通道，让两岸居民往来更方便。参加仪式的志愿者表示，今后每个周末都会在驿站为游客指路、"
    "讲解沿岸的历史，也欢迎更多邻里加入进来，一起照看这条新步道。"
)


def rules(year: int, count: int, *, mark: str = "", repeal: str = "") -> str:
    return RULES.format(year=year, count=count, hours=count * 2, mark=mark, repeal=repeal)


Fill = Callable[..., list[Document]]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "data", HashEmbedder()) as store:
        yield store


@pytest.fixture
def fill(opened: Store, tmp_path: Path) -> Fill:
    """Write files by name and text, read them into the store, and return the one document of each."""

    def filled(**texts: str) -> list[Document]:
        for name, text in texts.items():
            path = tmp_path / f"{name}.txt"
            path.write_text(text, encoding="utf-8")
            assert ingest_paths([path], opened).failed == 0
        by_source = {Path(one.source).stem: one for one in opened.documents()}
        return [by_source[name] for name in texts]

    return filled


def record(name: str, title: str, date: str | None = None, **known: object) -> Record:
    filled: dict[str, object] = {"kind": Kind.POLICY, "issuer": None, "number": None, "region": None, "source": name}
    return Record(id=name, title=title, date=date, **(filled | known))  # type: ignore[arg-type]


def alike(*records: Record) -> list[tuple[str, str]]:
    """All pairs of ``records``: each text is made from the others."""
    return [(one.id, other.id) for one in records for other in records if one is not other]


def paragraphs(*texts: str) -> list[Unit]:
    return [Unit("d", n, UnitType.PARAGRAPH, (), None, "", (), 0, 0, text, ()) for n, text in enumerate(texts)]


# -- editions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title",
    [
        "青梧市停车管理办法",
        "青梧市停车管理办法（试行）",
        "青梧市停车管理办法（2024年修订）",
        "青梧市停车管理办法(2023年版)",
        "《青梧市停车管理办法》（修订征求意见稿）",
        "青梧市停车管理办法（草案二次审议稿）",
        "青梧市人民政府关于印发青梧市停车管理办法（暂行）的通知",
        "关于印发《青梧市停车管理办法》的通知",
    ],
)
def test_edition_words_are_no_part_of_the_name(title: str) -> None:
    assert policy_name(title) == "青梧市停车管理办法"


def test_what_stands_in_other_brackets_is_part_of_the_name() -> None:
    assert policy_name("青梧市人才规划（2021—2025年）") != policy_name("青梧市人才规划（2026—2030年）")
    assert edition_words("青梧市工作要点（2024年）") == edition_words("青梧市规定（工业用地）") == frozenset()


def test_editions_are_in_order_of_date_and_drafts_before_all() -> None:
    name = "青梧市停车管理办法"
    records = [
        record("new", name, "2025-01-02"),
        record("draft", f"{name}（征求意见稿）", "2026-01-01"),
        record("old", f"{name}（试行）", "2021-03-04"),
        record("year", f"{name}（2023年版）"),
        record("undated", name),
        record("report", name, "2027-01-01", kind=Kind.NEWS),
        record("other", "青梧市停车收费办法", "2020-01-01"),
    ]
    history = History(records, kin=alike(*records))
    assert history.editions("old") == ["draft", "undated", "old", "year", "new"]
    assert history.editions("report") == ["report"] and history.editions("other") == ["other"]
    assert history.standing("report") == CURRENT
    assert history.standing("year").superseded_by == "new"
    # nothing puts the undated one in order: both are in force, and each says so
    assert history.standing("new") == Standing(maybe=("undated",))
    assert history.standing("undated") == Standing(maybe=("new",))
    assert history.hidden() == {"draft", "old", "year"}
    assert history.hidden("2023") == {"draft", "old", "new", "report"}
    assert history.hidden("2021-12") == {"draft", "year", "new", "report"}
    assert history.hidden("2020") == {"draft", "old", "year", "new", "report"}


def test_a_name_alone_makes_no_edition() -> None:
    """Parts of one code, reports of one form: same title and issuer, other texts."""
    parts = [
        record("a", "云州市民生法典", "2020-01-01", issuer="云州市人民代表大会"),
        record("b", "云州市民生法典", "2021-01-01", issuer="云州市人民代表大会"),
    ]
    history = History(parts)
    assert not history.hidden() and history.editions("a") == ["a"]
    assert history.standing("a") == Standing(maybe=("b",))


def test_what_has_run_out_by_its_own_words_is_marked_and_stays() -> None:
    history = History(
        [
            record("a", "云州市补贴办法", "2020-01-01", expires="2023-12-31"),
            record("b", "别的办法", expires="9999-12-31"),
        ]
    )
    assert history.standing("a").status is Status.EXPIRED and history.standing("b") == CURRENT
    assert not history.hidden()
    assert has_expired("2023-12-31", "2024") and not has_expired("2023-12-31", "2022") and not has_expired(None)


def test_other_issuers_and_regions_have_policies_of_their_own() -> None:
    name = "城市绿化管理办法"
    records = [
        record("a1", name, "2020-01-01", issuer="青梧市人民政府"),
        record("b1", name, "2021-01-01", issuer="清禾市人民政府"),
        record("a2", name, "2022-01-01", issuer="青梧市人民政府办公厅"),
        record("c", name, "2023-01-01"),
        record("d", name, "2023-01-01", region="云州市"),
    ]
    history = History(records, kin=alike(*records))
    assert history.editions("a2") == ["a1", "a2"] and history.editions("b1") == ["b1"]
    assert history.editions("c") == ["c"]  # of which of them it is is unclear
    assert history.hidden() == {"a1"}


def test_a_title_that_names_nothing_and_one_publication_make_no_editions() -> None:
    assert not History([record("a", "通知", "2020-01-01"), record("b", "通知", "2021-01-01")]).hidden()
    name = "青梧市停车管理办法"
    parts = [record("a", name, "2020-01-01", source="f"), record("b", name, "2020-01-01", source="f")]
    assert not History(parts, kin=alike(*parts)).hidden()
    assert History([parts[0], replace(parts[1], date="2021-01-01")], kin=alike(*parts)).hidden() == {"a"}


def test_both_editions_are_kept_and_the_newer_answers(fill: Fill, opened: Store, ranker: Ranker) -> None:
    old, new = fill(办法2023=rules(2023, 2), 办法2025=rules(2025, 5))
    assert (old.date, new.date) == ("2023-05-06", "2025-05-06")
    assert opened.editions(new.id) == opened.editions(old.id) == [old.id, new.id]
    assert opened.standing(old.id).superseded_by == new.id
    assert [one.id for one in opened.documents()] == [old.id, new.id]  # lists show both

    def held(limits: Filter) -> list[str]:
        return [one.id for one in opened.within(limits).documents()]

    assert held(Filter()) == held(Filter(kinds=(new.kind,))) == held(Filter(as_of="2026")) == [new.id]
    assert held(Filter(as_of="2024-12-31")) == held(Filter(until="2024", as_of="2024")) == [old.id]
    assert held(Filter(as_of="2020")) == held(Filter(until="2024")) == []
    assert held(Filter(documents=(old.id,))) == [old.id]
    assert held(Filter(documents=(old.id, new.id))) == [old.id, new.id]
    assert held(Filter(documents=(old.id, new.id), as_of="2024")) == [old.id]

    assistant = Assistant(opened, opened.embedder, ranker)
    asked = "第二条的原文是什么？"
    assert {c.document_id for c in assistant.ask(asked).citations} == {new.id}
    assert {c.document_id for c in assistant.ask(asked, within=Filter(as_of="2024")).citations} == {old.id}


def test_a_file_read_again_with_another_text_replaces_its_document(fill: Fill, opened: Store) -> None:
    fill(办法=rules(2023, 2))
    (new,) = fill(办法=rules(2025, 5))
    assert [one.id for one in opened.documents()] == [new.id] and opened.within(Filter()) is opened


def test_all_ways_of_retrieval_leave_the_old_edition_out(fill: Fill, opened: Store) -> None:
    old, new = fill(旧=rules(2023, 2), 新=rules(2025, 5))
    sources = opened.within(Filter())
    vector = opened.embedder.embed_query("停放点")
    found = [
        *sources.nearest(vector, 64),
        *sources.matching(bigram_tokens("停放"), 100),
        *(
            (u.document_id, u.ordinal)
            for u in (*sources.units(), *sources.containing("停放"), *sources.labelled("第二条"))
        ),
    ]
    assert {document for document, _ in found} == {new.id}
    assert len(sources.nearest(vector, 3)) == 3
    expected = {a: score for a, score in opened.nearest(vector, 64).items() if a[0] == new.id}
    assert sources.nearest(vector, 64) == pytest.approx(expected, abs=1e-5)
    assert sources.rarity("停放")[1] and not sources.is_empty() and sources.terms() == opened.terms()
    with pytest.raises(NotFoundError):
        sources.document(old.id)
    with pytest.raises(NotFoundError):
        opened.editions("none")
    assert sources.editions(new.id) == [old.id, new.id]


# -- repeals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "本办法自2024年5月1日起施行。2019年发布的《甲市停车暂行办法》（甲政发〔2019〕3号）同时废止。",
            [("甲市停车暂行办法", "甲政发[2019]3号")],
        ),
        ("本办法自发布之日起施行，《甲办法》《乙办法（试行）》和《丙规定》同时废止。", [("甲办法", None), ("乙办法(试行)", None), ("丙规定", None)]),
        ("依据《港口条例》制定的《港口办法》同时废止。", [("港口办法", None)]),
        ("根据《立法条例》的规定，决定废止《甲办法》（市政府令第12号）、《乙规定》。", [("甲办法", "市政府令第12号"), ("乙规定", None)]),
        ("废止以下文件：1.《甲办法》；2.《乙办法》。", [("甲办法", None), ("乙办法", None)]),
        ("原《关于印发〈甲办法〉的通知》自本办法施行之日起废止。", [("关于印发〈甲办法〉的通知", None)]),
        ("《乙办法》（试行）不再执行。", [("乙办法(试行)", None)]),
        ("《甲条例》第三条同时废止。", []),
        ("修改或者废止《甲条例》须经批准。《甲条例》未被废止。", []),
        ("按照《甲条例》执行。", []),
    ],
)  # fmt: skip
def test_what_a_text_repeals(text: str, named: list[tuple[str, str | None]]) -> None:
    assert [(one.title, one.number) for one in read_repeals("某办法", paragraphs(text))] == named


def test_a_decision_repeals_what_it_lists_but_not_what_it_rests_on() -> None:
    listed = paragraphs("根据《立法条例》，决定废止下列文件：", "一、《甲办法》（甲政发〔2001〕1号）", "二、《乙办法》")
    found = read_repeals("甲市人民政府关于废止部分文件的决定", listed)
    assert found == (Named("甲办法", "甲政发[2001]1号"), Named("乙办法"))
    assert read_repeals("关于废止《丙办法》的决定", []) == (Named("丙办法"),)
    both = paragraphs("二、废止《甲办法》。", "三、将《乙办法》第五条改为第六条。")
    assert read_repeals("关于修改和废止部分规章的决定", both) == (Named("甲办法"),)


def test_who_is_repealed() -> None:
    by = record(
        "by", "新规定总则", "2024-01-01", repeals=(Named("甲市停车办法", "甲政发〔2019〕3号"), Named("乙市办法总则"))
    )
    meant = record("meant", "甲市停车办法（试行）", "2019-01-01", number="甲政发[2019]第3号")
    history = History(
        [by, meant, record("number", "甲市停车办法（试行）", "2019-01-01", number="乙政发〔2018〕3号", issuer="乙市政府"),
         record("later", "乙市办法总则", "2025-01-01"), record("earlier", "乙市办法总则", "2023-01-01", issuer="乙市政府"),
         record("news", "乙市办法总则", "2023-01-01", kind=Kind.NEWS)]
    )  # fmt: skip
    assert (history.standing("meant").status, history.standing("meant").superseded_by) == (Status.REPEALED, "by")
    assert history.standing("earlier").status is Status.REPEALED
    assert history.standing("news") == history.standing("later") == CURRENT
    assert "meant" not in History([by, meant]).hidden("2023-06")
    assert not History([replace(by, title="新规定总则（征求意见稿）"), meant]).hidden()


def test_a_new_edition_that_repeals_the_old_one_of_its_name_does_not_repeal_itself(fill: Fill, opened: Store) -> None:
    repeal = "《青梧市共享单车停放管理办法（试行）》（青政发〔2023〕7号）同时废止。"
    new, old = fill(新=rules(2025, 5, repeal=repeal), 旧=rules(2023, 2, mark="（试行）"))
    assert new.repeals == (Named("青梧市共享单车停放管理办法(试行)", "青政发[2023]7号"),)
    assert opened.standing(new.id) == CURRENT
    assert (opened.standing(old.id).status, opened.standing(old.id).superseded_by) == (Status.REPEALED, new.id)
    opened_again = opened.document(new.id)
    assert opened_again.repeals == new.repeals


# -- copies --------------------------------------------------------------------------------------------------------


def test_the_same_report_from_two_sites_is_cited_once(
    fill: Fill, opened: Store, tmp_path: Path, embedder: Embedder, ranker: Ranker
) -> None:
    text = REPORT.format(count=9)
    other = text.replace("，", ",").replace("邻里", "街坊").replace("。下一步", "。 \n下一步")
    first, copy = fill(甲=f"滨河步道开放\n\n{text}\n", 乙=f"十二公里步道迎客\n\n{other}\n")
    assert opened.standing(copy.id).duplicate_of == first.id and opened.editions(copy.id) == [first.id]
    assert opened.standing(copy.id).status is Status.DUPLICATE
    assert [one.id for one in opened.within(Filter()).documents()] == [first.id]
    with Store.open(tmp_path / "real", embedder) as store:  # what is asked for is read from the model's vector
        assert ingest_paths([tmp_path / "甲.txt", tmp_path / "乙.txt"], store).failed == 0
        cited = Assistant(store, embedder, ranker).ask("哪里提到“无障碍坡道”？").citations
    assert {one.document_id for one in cited} == {first.id}
    with opened.writing():
        opened.drop_file(first.source)
    assert opened.standing(copy.id) == CURRENT and opened.within(Filter()) is opened


def test_reports_whose_figures_differ_are_two(fill: Fill, opened: Store) -> None:
    fill(九月=f"步道开放\n\n{REPORT.format(count=9)}\n", 十月=f"步道开放\n\n{REPORT.format(count=10)}\n")
    assert opened.within(Filter()) is opened


def test_the_copy_that_names_its_issuer_is_the_one_that_is_cited() -> None:
    records = [record("bare", "标题"), record("full", "标题", issuer="青梧市人民政府", number="青政发〔2024〕1号")]
    history = History(records, [("full", "bare")])
    assert history.standing("bare").duplicate_of == "full" and history.hidden("2024") == {"bare"}


def test_short_texts_are_copies_only_where_they_are_the_same() -> None:
    body = [Body.of(paragraphs(text)) for text in ("今天，道路通车。", "今天,道路 通车", "明天，道路通车。", "")]
    assert body[0].resembles(body[1]) and not body[0].resembles(body[2])
    assert body[0].sketch() == body[1].sketch() != body[2].sketch() and body[3].sketch() == ()


def test_alike_texts_share_a_value_and_others_hardly_ever() -> None:
    draw = random.Random(7)
    chars = [chr(code) for code in range(0x4E01, 0x5A00)]

    def text() -> str:
        return "".join(draw.choices(chars, k=2000))

    def touched(one: str, times: int) -> str:
        places = set(draw.sample(range(len(one)), times))
        return "".join(draw.choice(chars) if at in places else char for at, char in enumerate(one))

    texts = [text() for _ in range(12)]
    bodies = [Body.of(paragraphs(one)) for one in texts]
    for one, body in zip(texts, bodies, strict=True):
        near, far = Body.of(paragraphs(touched(one, 8))), Body.of(paragraphs(touched(one, 200)))
        assert set(body.sketch()) & set(near.sketch()) and body.resembles(near) and near.resembles(body)
        assert not body.resembles(far)
        assert body.resembles(Body.of(paragraphs(one, "以上内容来自本站。")))
    assert sum(bool(set(a.sketch()) & set(b.sketch())) for a in bodies for b in bodies if a is not b) == 0


# -- topics and the limits on what documents say of themselves -----------------------------------------------------


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        ("青梧市财政局关于加强预算绩效管理的通知", "财政、金融、审计"),
        ("青梧市义务教育招生工作方案", "科技、教育"),
        ("关于印发《高标准农田建设管理办法》的通知", "农业、林业、水利"),
        ("最低生活保障审核确认办法", "民政、扶贫、救灾"),
        ("人民防空工程管理办法", "国防"),
        ("城市供水管理条例", "城乡建设、环境保护"),
        ("关于做好有关工作的通知", None),
        ("财政支持教育发展办法", None),
    ],
)
def test_the_topic_is_told_from_the_title(title: str, topic: str | None) -> None:
    assert read_topic(title, []) == topic
    assert topic is None or topic in topics()


def test_headings_tell_the_topic_where_the_title_does_not() -> None:
    headings = ["一、总体要求", "二、扩大普惠幼儿园", "三、配齐教师", "四、保障措施"]
    assert read_topic("关于做好有关工作的通知", headings) == "科技、教育"
    assert read_topic("关于做好有关工作的通知", ["一、办好学校", "二、修好公路"]) is None


def test_limits_on_title_number_issuer_and_topic(fill: Fill, opened: Store) -> None:
    bikes, school = fill(
        车=rules(2024, 3), 学=rules(2024, 4).replace("共享单车停放", "学前教育").replace("青政发", "青教发")
    )
    with opened.writing():
        for document in (bikes, school):
            units = opened.units(document.id)
            held = opened.files()[document.source]
            opened.put_files([(held, [(with_topic(document, units), units, [])])])
    school = opened.document(school.id)
    assert school.topic == "科技、教育"

    def held_by(**limits: object) -> set[str]:
        return {one.id for one in opened.within(Filter(**limits)).documents()}  # type: ignore[arg-type]

    assert held_by(title="学前 教育") == set() and held_by(title="学前教育") == {school.id}
    assert held_by(number="青教发(2024)第7号") == {school.id} and held_by(number="〔2024〕7号") == {bikes.id, school.id}
    assert held_by(issuers=("青梧市", "云州市")) == {bikes.id, school.id} and held_by(issuers=("云州市",)) == set()
    assert held_by(topics=("教育",)) == {school.id} and held_by(topics=("教育",), title="单车") == set()
    assert "科技、教育" in facets(opened).topics and facets(opened).issuers == ("青梧市人民政府",)


# -- the doors -----------------------------------------------------------------------------------------------------


@pytest.fixture
def doors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ui.wiring.open_model", lambda _settings: HashEmbedder())
    monkeypatch.setattr("ui.wiring.open_settings_ranker", lambda _settings: WordRanker())
    with filled_services(tmp_path) as services:
        for name, text in (("2023", rules(2023, 2)), ("2025", rules(2025, 5))):
            (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
            ingest_paths([tmp_path / f"{name}.txt"], services.store)
        yield TestClient(create_app(services), raise_server_exceptions=False)


def test_the_api_asks_the_edition_of_a_date(doors: TestClient) -> None:
    def dates(**params: object) -> set[str]:
        found = doors.get("/api/v1/search", params={"q": "停放点", "title": "单车", **params}).json()["results"]
        return {one["date"] for one in found}

    assert dates() == {"2025-05-06"} and dates(as_of="2024") == {"2023-05-06"}
    assert dates(issuer="云州市") == dates(number="99号") == dates(topic="国防") == set()
    asked = {"question": "第二条的原文是什么？", "filters": {"as_of": "2024-01"}}
    assert {c["date"] for c in doors.post("/api/v1/ask", json=asked).json()["citations"]} == {"2023-05-06"}
    wrong = doors.post("/api/v1/ask", json={"question": "问", "filters": {"as_of": "去年"}})
    assert wrong.status_code == 422 and "filters.as_of 应为日期" in wrong.json()["error"]["message"]
    garbled = rb'{"question": "x", "filters": {"issuers": ["\ud800"]}}'
    refused = doors.post("/api/v1/ask", content=garbled, headers={"content-type": "application/json"})
    assert refused.status_code == 422


def test_the_command_line_asks_the_edition_of_a_date(doors: TestClient, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str) -> str:
        assert main(["ask", "第二条的原文是什么？", *words]) == 0
        return capsys.readouterr().out

    assert "5处" in said() and "2处" in said("--as-of", "2024-03", "--title", "单车")
    assert "2处" in said("--as-of", "2024", "--number", "青政发〔2023〕7号", "--issuer", "青梧市")
    assert main(["ask", "问", "--as-of", "May"]) == 2
    capsys.readouterr()
    assert main(["documents"]) == 0
    assert "已有新版" in capsys.readouterr().out


def test_a_document_is_shown_with_its_standing(fill: Fill, opened: Store) -> None:
    old, new = fill(旧=rules(2023, 2), 新=rules(2025, 5))
    shown = DocumentView.of(old, opened.units(old.id), opened.standing(old.id))
    assert (shown.status, shown.superseded_by, shown.duplicate_of) == (Status.SUPERSEDED, new.id, None)
    assert DocumentView.of(new, []).status is Status.CURRENT


def test_a_catalog_of_version_2_is_upgraded_and_knows_editions_at_once(
    fill: Fill, opened: Store, tmp_path: Path
) -> None:
    report = f"步道开放\n\n{REPORT.format(count=9)}\n"
    old, new, report_one, report_two = fill(
        旧=rules(2023, 2), 新=rules(2025, 5), 甲=report, 乙=report.replace("开放\n", "启用\n")
    )
    opened.close()
    db = sqlite3.connect(tmp_path / "data" / "catalog.sqlite3")
    take_back(db, 2)
    db.close()
    with Store.open(tmp_path / "data", HashEmbedder(), to_rebuild=True) as store:
        store.rebuild(build_chunks)
    with Store.open(tmp_path / "data", HashEmbedder()) as store, Store.open(tmp_path / "data", HashEmbedder()) as other:
        assert store.editions(old.id) == [old.id, new.id]
        assert {one.id for one in store.within(Filter()).documents()} == {new.id, report_one.id, report_two.id}
        ingest_paths([tmp_path], other)
        assert {one.id for one in store.within(Filter()).documents()} == {new.id, report_one.id}


# -- the edition that a question names -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("2023年的共享单车停放管理办法怎么说？", "旧"),
        ("旧版共享单车停放管理办法设多少停放点？", "旧"),
        ("共享单车停放管理办法修订前怎么规定？", "旧"),
        ("共享单车停放管理办法怎么说？", None),
        ("2025年的共享单车停放管理办法怎么说？", None),
        ("到2023年共享单车停放管理办法要达到什么目标？", None),
        ("2023年的垃圾分类办法怎么说？", None),
    ],
)
def test_a_question_that_names_a_year_asks_for_that_edition(
    fill: Fill, opened: Store, question: str, asked: str | None
) -> None:
    old, _new = fill(旧=rules(2023, 2), 新=rules(2025, 5))
    assert edition_asked(question, opened) == ((old.id,) if asked else ())
