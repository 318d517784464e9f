"""Adds an int8 form to the ranker in a folder, calibrated on what it reads: our own questions beside passages.

``python -m training.calibration models/zhengce-ranker``, which ``make model`` runs where the processor multiplies int8.
"""

import argparse
import random
import sys
from pathlib import Path

from assistant.embedded_ranker import quantize
from training.corpus import INVENTED, read_passages
from training.questions import files_of, place, rows
from vectorstore.errors import EmbeddingError

_PAIRS = 150  # questions, each beside a passage that answers it and beside any
SEED = 20


def pairs() -> list[tuple[str, str]]:
    """Return questions beside passages of the documents that lie in this repository."""
    chance = random.Random(SEED)  # noqa: S311 - which of them are taken
    found = [row for row in rows() if str(row["file"]).startswith("documents/")]
    passages = read_passages(files_of(found), Path("build") / "training" / "passages")
    questions = [question for question in place(found, passages)[0] if question.gold]
    taken = chance.sample(questions, min(_PAIRS, len(questions)))
    return [(q.whole, passages[at].whole) for q in taken for at in (q.gold[0], chance.randrange(len(passages)))]


def main() -> None:
    """Quantise the ranker in the folder named on the command line."""
    parser = argparse.ArgumentParser(description=f"给排序模型加上 int8 形式,用 {INVENTED.name}/ 里的题目校准")
    parser.add_argument("folder", type=Path, metavar="文件夹")
    try:
        sys.stderr.write(f"已生成 {quantize(parser.parse_args().folder, pairs())}\n")
    except EmbeddingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
