"""A store that one process reads while another one writes to it."""

import subprocess
import sys
from pathlib import Path

from doors import POLICY, HashEmbedder, write_corpus

from ingest.pipeline import ingest_paths
from vectorstore.store import Store

TESTS = Path(__file__).resolve().parent
WRITER = """
import sys
from pathlib import Path
from doors import HashEmbedder
from ingest.pipeline import ingest_paths
from vectorstore.store import Store
with Store.open(Path(sys.argv[1]), HashEmbedder()) as store:
    assert ingest_paths([Path(sys.argv[2])], store).failed == 0
"""


def test_what_another_process_writes_is_found(tmp_path: Path) -> None:
    embedder = HashEmbedder()
    path = write_corpus(tmp_path)
    with Store.open(tmp_path / "data", embedder) as store:
        ingest_paths([path], store)
        vector = embedder.embed_query("数字服务站的补助")
        for count in (150, 180, 210):
            path.write_text(POLICY.replace("120个", f"{count}个"), encoding="utf-8")
            command = [sys.executable, "-c", WRITER, str(tmp_path / "data"), str(path)]
            subprocess.run(command, check=True, env={"PYTHONPATH": f"{TESTS.parent}:{TESTS}"}, cwd=tmp_path)
            found = store.nearest(vector, 16)
            (document,) = store.documents()
            assert f"{count}个" in document.text
            assert found
            assert {address[0] for address in found} == {document.id}
            assert store.vectors(store._catalog.chunk_ids(document.id))
