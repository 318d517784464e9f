"""How the models are made: questions find their passages, documents are left out alike, the whole way can be gone."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from training.corpus import INVENTED, REAL, Passage, place_of
from training.questions import is_left_out, place, rows
from vectorstore.adapter import load
from vectorstore.embedded_model import BASE, build

ROOT = Path(__file__).resolve().parent.parent
OWN = [
    json.loads(line)
    for path in sorted((INVENTED / "questions").glob("*.jsonl"))
    for line in path.read_text(encoding="utf-8").splitlines()
]


def test_there_are_enough_questions_of_every_kind() -> None:
    kinds = Counter(row["kind"] for row in OWN)
    assert sum(kinds.values()) >= 2500
    assert set(kinds) == {"single", "followup", "list", "compare", "false_premise", "unanswerable", "overview"}
    assert min(kinds.values()) >= 70
    assert len({row["id"] for row in OWN}) == len(OWN)


def test_every_question_is_on_a_document_that_may_be_trained_on() -> None:
    listed = REAL / "train_docs.txt"
    if not listed.is_file():
        pytest.skip("the real documents are not beside the project")
    allowed = set(listed.read_text(encoding="utf-8").splitlines())
    files = {str(row[key]) for row in OWN for key in ("file", "file2") if row.get(key)}
    assert {file for file in files if not file.startswith("documents/")} <= allowed
    assert all(place_of(file).is_file() for file in files)


def test_some_documents_are_left_out_of_everything() -> None:
    files = sorted({str(row["file"]) for row in rows()})
    share = sum(map(is_left_out, files)) / len(files)
    assert 0.05 < share < 0.2


def test_what_is_asked_is_labelled_and_attacks_are_marked() -> None:
    asked = [json.loads(line) for line in (INVENTED / "asks.jsonl").read_text(encoding="utf-8").splitlines()]
    kinds = Counter(row["asks"] for row in asked)
    assert len(asked) >= 1500 and min(kinds.values()) >= 80
    assert sum(bool(row.get("attack")) for row in asked) >= 90


def test_no_text_of_a_real_document_is_kept() -> None:
    """References are short passages, as the questions that lie beside the documents have them."""
    assert max(len(quote) for row in OWN for quote in row["quotes"]) <= 120


def passage(number: int, text: str) -> Passage:
    ends = [i + 1 for i, char in enumerate(text) if char == "。"]
    return Passage(f"a#{number}#0", "a", number, True, "某办法", text, tuple(zip([0, *ends], ends, strict=False)))


def asked(quotes: list[str], near_miss: str = "", *, answerable: bool = True) -> dict[str, object]:
    return {
        "id": "x", "kind": "single", "question": "多少？", "history": [], "file": "a", "quotes": quotes,
        "answerable": answerable, "near_miss": near_miss,
    }  # fmt: skip


def test_a_quote_is_found_whatever_its_white_space_and_punctuation() -> None:
    passages = [passage(1, "申请人应当年满十八岁。"), passage(2, "补贴标准为每人500元，每年一次。期限三年。")]
    (question,), lost = place([asked(["每人５００元,每年 一次"], "年满十八岁")], passages)
    assert not lost and question.gold == (1,) and question.misses == (0,)
    ((span,),) = question.spans
    assert passages[1].text[slice(*span)] == "每人500元，每年一次"


def test_a_quote_that_stands_nowhere_is_told() -> None:
    assert place([asked(["没有这样的话在里面"])], [passage(1, "别的话。")])[1] == ["x"]


@pytest.mark.slow
def test_the_whole_way_with_a_handful(tmp_path: Path) -> None:
    build(ROOT / "models" / BASE, adapted=False)
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "training", "--small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    made = ROOT / "build" / "training-small"
    assert {name.split(".")[1] for name in load(made / "embedding.safetensors")} == {"layer"}
    heads = {name for name in load(made / "ranker.safetensors") if not name.startswith("encoder.")}
    assert {"judge.weight", "point.weight", "dense.weight"} <= heads
    again = subprocess.run(
        [sys.executable, "-m", "training", "--small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert again.returncode == 0 and "loss" not in again.stdout  # nothing is trained twice
