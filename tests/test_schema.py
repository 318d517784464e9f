"""The whole API as its description says it is: schemathesis sends requests, and checks every answer against it.

The service wants a key, so that what needs one is seen to. SCHEMA_EXAMPLES is how many requests are made up for each
route (``make schema`` sends many).
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from live import live, serving

from ui.state.records import Scope

DATA = Path(__file__).parent / "data"
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "4"))
REMOVAL = "DELETE /api/v1/documents/{document_id}"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """The address of a service that wants keys, and a key for everything."""
    with serving(tmp_path_factory.mktemp("schema"), require_key=True) as services, live(services) as url:
        yield url, services.state.keys.create("全部", Scope)[1]


def cases(door: tuple[str, str], folder: Path, *options: str) -> int:
    """Let schemathesis loose; return how many requests it made up, after it found nothing wrong."""
    url, secret = door
    program = [Path(sys.executable).with_name("schemathesis"), "--config-file", DATA / "schemathesis.toml"]
    sending = ["--max-examples", str(EXAMPLES), "--seed", "1", "-H", f"Authorization: Bearer {secret}"]
    quiet = ["--no-color", "--warnings", "off", "--generation-database", "none"]
    run = subprocess.run(
        [*program, "run", f"{url}/openapi.json", *sending, *quiet, *options],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=3600,
    )
    sys.stdout.write(run.stdout[run.stdout.rfind("= SUMMARY =") :])
    assert run.returncode == 0, run.stdout + run.stderr
    return int(re.findall(r"^ *(\d+) generated", run.stdout, re.MULTILINE)[-1])


def test_every_answer_is_as_the_description_says(door: tuple[str, str], tmp_path: Path) -> None:
    """The documents stay: a service without any says 503 to all questions, rightly."""
    assert cases(door, tmp_path, "--exclude-name", REMOVAL) > 33 * EXAMPLES


def test_so_is_every_answer_to_a_removal(door: tuple[str, str], tmp_path: Path) -> None:
    assert cases(door, tmp_path, "--include-name", REMOVAL) > EXAMPLES
