"""jieba is not kept up; what its import warns of reaches nobody, on any Python and with any setuptools."""

import os
import subprocess
import sys
from pathlib import Path

CUTS = """
from vectorstore.lexical import Analyzer
analyzer = Analyzer(["沿江走廊"])
print(analyzer.words("建设沿江走廊"), analyzer.word_class("建设"))
"""


def test_it_is_imported_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "pkg_resources.py").write_text(
        """
import warnings
warnings.warn("pkg_resources is deprecated as an API", UserWarning, stacklevel=2)
def resource_stream(package, name):
    import os, sys
    return open(os.path.join(os.path.dirname(sys.modules[package].__file__), name), "rb")
"""
    )
    root = Path(__file__).resolve().parent.parent
    settings = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)]), "PYTHONPYCACHEPREFIX": str(tmp_path / "new")}
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", CUTS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=os.environ | settings)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['建设', '沿江走廊'] vn\n", "")
