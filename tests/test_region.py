"""The place that a document speaks for: invented issuers, titles and datelines, and the catalog that keeps it."""

import sqlite3
from pathlib import Path

import pytest
from earlier_catalog import take_back

from ingest.chunking import build_chunks
from ingest.metadata.region import read_region
from ingest.pipeline import ingest_paths
from ingest.reading import read_parts
from vectorstore.embedding import Embedder
from vectorstore.records import Filter, Kind
from vectorstore.regions import PROVINCES, full_name
from vectorstore.store import Store

ISSUERS = {
    "中共天津市委、天津市人民政府": "天津市",
    "云州市工业和信息化局": "云州市",
    "中共清禾市委清禾市人民政府": "清禾市",
    "浙江省杭州市人民政府": "杭州市",
    "内蒙古自治区人民政府办公厅": "内蒙古自治区",
    "广西壮族自治区发展和改革委员会": "广西壮族自治区",
    "锡林郭勒盟行政公署": "锡林郭勒盟",
    "内蒙古自治区锡林浩特市人民政府": "锡林浩特市",
    "恩施土家族苗族自治州人民政府": "恩施土家族苗族自治州",
    "恩施州人民政府办公室": "恩施州",
    "北京市朝阳区人民政府": "北京市朝阳区",
    "天津市滨海新区人民政府": "天津市滨海新区",
    "天津滨海新区管理委员会": "天津市滨海新区",
    "河北雄安新区管理委员会": "雄安新区",
    "岚江新区管理委员会": "岚江新区",
    "淳安县人民政府办公室": "淳安县",
    "鄂温克族自治旗人民政府": "鄂温克族自治旗",
    "达茂旗人民政府": "达茂旗",
    "东莞市虎门镇人民政府": "东莞市虎门镇",
    "云州高新技术产业开发区管理委员会": "云州高新技术产业开发区",
    "盐城市市场监督管理局": "盐城市",
    "成都市民政局": "成都市",
    "吉林市城市管理局": "吉林市",
    "石景山区人民政府": "石景山区",
    "国家税务总局天津市税务局": "天津市",
    "共青团天津市委员会": "天津市",
    "中华人民共和国天津海事局": "天津市",
    "中国(浙江)自由贸易试验区管理委员会": "浙江省",
    "国务院办公厅": "全国",
    "中共中央办公厅 国务院办公厅": "全国",
    "国家发展和改革委员会、财政部": "全国",
    "国家市场监督管理总局": "全国",
    "工业和信息化部": "全国",
    "财政部 税务总局 海关总署": "全国",
    "全国人民代表大会常务委员会": "全国",
    "天津市人民政府、河北省人民政府": "天津市",
    "市工业和信息化局": None,
    "省财政厅": None,
    "市委组织部": None,
}
TITLES = {
    "天津市促进港产城融合发展行动方案": "天津市",
    "关于印发《云州市建设沿江先进制造走廊行动方案》的通知": "云州市",
    "云州市人民政府关于加快城市更新的意见": "云州市",
    "2024年云州市工作要点": "云州市",
    "天津市老旧小区改造方案": "天津市",
    "天津市区域协调发展规划": "天津市",
    "天津市蓟州区发展规划": "天津市蓟州区",
    "浙江自由贸易试验区条例": "浙江省",
    "国务院关于加快建立健全绿色低碳循环发展经济体系的指导意见": "全国",
    "中共中央 国务院关于全面推进乡村振兴的意见": "全国",
    "中华人民共和国港口法": "全国",
    "关于支持浙江省高质量发展的意见": None,
    "智慧城市建设条例": None,
    "加快城市更新行动方案": None,
    "老旧小区改造实施方案": None,
    "全市优化营商环境行动方案": None,
    "农贸市场管理办法": None,
    "贫困县摘帽工作规定": None,
    "革命老区振兴规划": None,
    "城乡建设条例": None,
    "长三角地区一体化规划": None,
}
REPORTS = {
    ("港口吞吐量创新高", "本报天津11月24日讯(记者 王某)今年"): "天津市",
    ("全国两会开幕", "新华社北京3月5日电(记者 李某)今天"): "北京市",
    ("秋收", "新华社呼和浩特9月1日电 今天"): "呼和浩特",
    ("秋收", "新华社浙江杭州9月1日电 今天"): "杭州",
    ("秋收", "本报讯(记者 张三)11月24日"): None,
    ("秋收", "本报记者张三11月24日讯 今天"): None,
    ("云州市前三季度快递业务量突破4亿件", "本报讯 今天"): "云州市",
    ("上海合作组织峰会举行", "新华社杭州9月1日电 今天"): "杭州",
}
PLAN = "云溪市推进数字服务行动方案\n\n一、目标\n\n到2028年建成。\n\n二、任务\n\n1.建设港口。吞吐量达到30万吨。\n\n2.改造道路。\n"


@pytest.mark.parametrize(("issuer", "region"), ISSUERS.items())
def test_an_issuer_says_where(issuer: str, region: str | None) -> None:
    assert read_region(Kind.POLICY, issuer, "专项资金办法", "") == region


@pytest.mark.parametrize(("title", "region"), TITLES.items())
def test_a_title_says_where_if_there_is_no_issuer_or_one_without_a_name(title: str, region: str | None) -> None:
    assert read_region(Kind.POLICY, None, title, "") == region
    assert read_region(Kind.POLICY, "市工业和信息化局", title, "") == region


@pytest.mark.parametrize(("report", "region"), REPORTS.items())
def test_a_report_is_placed_by_its_headline_or_dateline(report: tuple[str, str], region: str | None) -> None:
    assert read_region(Kind.NEWS, None, *report) == region


def test_the_short_and_the_full_name_of_a_province_are_one() -> None:
    assert len(PROVINCES) == 34
    for short, full in PROVINCES.items():
        assert full_name(short) == full_name(full) == full
        assert read_region(Kind.POLICY, f"{full}人民政府", "办法", "") == full
        assert read_region(Kind.NEWS, None, "丰收", f"新华社{short}9月1日电 今天") == full


def test_the_sample_corpus_and_a_headless_text(store: Store) -> None:
    assert {d.title[:4]: d.region for d in store.documents() if d.kind is Kind.POLICY} == {
        "岚江新区": "岚江新区",
        "云州市建": "云州市",
    }
    assert read_parts(("没有标题的一段话，只是说说。\n").encode(), "a.txt")[0][0].region is None


def test_a_catalog_of_version_1_is_upgraded_and_read_again_without_embedding(
    tmp_path: Path, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text(PLAN, encoding="utf-8")
    with Store.open(tmp_path / "data", embedder) as store:
        ingest_paths([tmp_path / "a.txt"], store)
        (before,) = store.documents()
    db = sqlite3.connect(tmp_path / "data" / "catalog.sqlite3")
    take_back(db, 1)
    with db:
        db.execute("UPDATE documents SET issuer='旧'")
    db.close()
    with Store.open(tmp_path / "data", embedder, to_rebuild=True) as store:
        assert store.rebuild(build_chunks)
    with Store.open(tmp_path / "data", embedder) as store, Store.open(tmp_path / "data", embedder) as other:
        (old,) = store.documents()
        assert (old.region, old.issuer, store.document(old.id).region) == (None, "旧", None)
        assert store.rarity("港口")[1]
        monkeypatch.setattr(embedder, "embed_documents", lambda *_: pytest.fail("nothing is new"))
        ingest_paths([tmp_path / "a.txt"], other)
        assert store.documents() == [before]
        assert (before.region, before.issuer) == ("云溪市", None)
        assert not store.within(Filter(regions=("云溪市",))).is_empty()
        assert store.document(old.id) == before  # read anew, though another one wrote it
        assert ingest_paths([tmp_path / "a.txt"], other).skipped == 1
