"""Every text that the code names is in its table, also where a part of the name is a value."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import pytest

from assistant.answer import Status as AnswerStatus
from assistant.desk.check import Verdict
from assistant.desk.diff import Change
from assistant.desk.evidence import Level
from assistant.desk.match import Part
from ingest.report import Status
from ui.desk.texts import FILES
from ui.export.texts import EXPORT
from ui.mcp_tools import TOOLS
from ui.page.desk import TOOLS as DESK_TOOLS
from ui.page.desk.texts import DESK
from ui.page.texts import PAGE
from ui.state.records import Rating, Reason
from ui.texts import SAID
from vectorstore.editions import Status as Standing
from vectorstore.embedding import Backend
from vectorstore.records import Kind

ROOT = Path(__file__).parents[1]
TABLES: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("ui.texts", "say"): SAID,
    ("ui.page.texts", "say"): PAGE,
    ("ui.page.desk.texts", "tell"): DESK,
    ("ui.desk.texts", "tell"): {**DESK, **FILES},
    ("ui.export.texts", "say"): EXPORT,
}
BACKENDS = tuple(set(get_args(Backend)) - {"auto"})  # auto has become one of the others

# what the value in a name may be, by file and name; a tuple that stands in the code itself need not stand here
DOMAINS: Mapping[tuple[str, str], tuple[Any, ...]] = {
    ("ui/ingesting.py", "status_{}"): get_args(Status),
    ("ui/export/document.py", "status_{}"): tuple(set(get_args(AnswerStatus)) - {"answered"}),
    ("ui/export/document.py", "kind_{}"): tuple(Kind),
    ("ui/export/document.py", "limit_{}"): ("between", "since", "until"),
    ("ui/page/filters.py", "kind_{}"): tuple(Kind),
    ("ui/page/desk/tools.py", "give_{}"): ("check", "find", "match"),
    ("ui/mcp_tool.py", "mcp_{}"): tuple(TOOLS),
    ("ui/mcp_tool.py", "mcp_{}_title"): tuple(TOOLS),
    ("ui/commands_keys.py", "column_{}"): (
        "id", "key", "key_name", "scopes", "per_minute", "per_day", "expires", "used", "state",
    ),
    ("ui/commands_keys.py", "keys_state_{}"): ("revoked", "expired", "valid"),
    ("ui/commands_users.py", "rating_{}"): get_args(Rating),
    ("ui/commands_users.py", "reason_{}"): get_args(Reason),
    ("ui/commands_corpus.py", "standing_{}"): tuple(Standing),
    ("ui/commands_model.py", "backend_{}"): BACKENDS,
    ("ui/doctor.py", "backend_{}"): BACKENDS,
    ("ui/commands_corpus.py", "reindex_{}"): ("documents", "vectors"),
    ("ui/commands_questions.py", "metric_{}"): (),  # looked up before
    ("ui/finding.py", "check_{}"): (
        "settings", "python", "packages", "torch", "data", "disk", "model", "ranker", "store", "llm", "state", "port",
        "access", "fonts",
    ),
    ("ui/api/desk.py", "tab_{}"): DESK_TOOLS,
    ("ui/desk/desk.py", "{}_empty"): ("desk_draft", "desk_term", "desk_description"),
    ("ui/desk/desk.py", "{}_long"): ("desk_draft", "desk_term", "desk_description"),
    ("ui/desk/check_docx.py", "verdict_{}"): tuple(Verdict),
    ("ui/desk/plain.py", "verdict_{}"): tuple(Verdict),
    ("ui/desk/plain.py", "no_{}"): ("exact", "related"),
    ("ui/desk/plain.py", "change_{}"): tuple(Change),
    ("ui/desk/plain.py", "level_{}"): get_args(Level),
    ("ui/desk/plain.py", "part_{}"): get_args(Part),
    ("ui/desk/tables.py", "verdict_{}"): tuple(Verdict),
    ("ui/desk/tables.py", "relation_{}"): ("exact", "related"),
    ("ui/desk/tables.py", "level_{}"): get_args(Level),
    ("ui/desk/diff_files.py", "change_{}"): tuple(Change),
}  # fmt: skip


def named(path: Path) -> Iterator[tuple[Mapping[str, object], str, int]]:
    """Yield each text that a file of ours names: its table, its name, its line."""
    file = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tables = {
        alias.asname or alias.name: TABLES[(node.module or "", alias.name)]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if (node.module or "", alias.name) in TABLES
    }
    listed = {  # name of a loop over texts in the code: what it goes through
        loop.target.id: [one.value for one in loop.iter.elts if isinstance(one, ast.Constant)]
        for node in ast.walk(tree)
        if isinstance(node, ast.ListComp)
        for loop in node.generators
        if isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Tuple)
    }
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and call.args):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if _is_own(call.func) else ""
        if name not in tables:
            continue
        for key in _keys(call.args[0], file, listed):
            yield tables[name], key, call.lineno


def _is_own(func: ast.expr) -> bool:
    return isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "self"


def _keys(given: ast.expr, file: str, listed: Mapping[str, list[Any]]) -> Iterator[str]:
    if isinstance(given, ast.Constant):
        yield given.value
    elif isinstance(given, ast.IfExp):
        yield from _keys(given.body, file, listed)
        yield from _keys(given.orelse, file, listed)
    elif isinstance(given, ast.JoinedStr):
        parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in given.values]
        pattern = "".join(map(str, parts))
        (value,) = (part.value for part in given.values if isinstance(part, ast.FormattedValue))
        known = listed.get(value.id) if isinstance(value, ast.Name) else None
        known = list(DOMAINS[file, pattern]) if (file, pattern) in DOMAINS else known
        assert known is not None, f"{file}: what may stand in {pattern}? Say so in DOMAINS"
        yield from (pattern.format(one) for one in known)


FILES_OF_OURS = sorted((ROOT / "ui").rglob("*.py"))


def test_every_text_that_is_named_is_there() -> None:
    found = [(path, *one) for path in FILES_OF_OURS for one in named(path)]
    assert len(found) > 300
    missing = [f"{path.relative_to(ROOT)}:{line} {key}" for path, table, key, line in found if key not in table]
    assert not missing


def test_a_report_shows_every_status(capsys: pytest.CaptureFixture[str]) -> None:
    from ingest.report import FileOutcome, IngestReport
    from ui.ingesting import write_report

    outcomes = tuple(FileOutcome("甲.txt", status, warnings=("请看一眼",)) for status in get_args(Status))
    for lang in ("zh", "en"):
        write_report(IngestReport(outcomes), lang)
        assert capsys.readouterr().out.count("请看一眼") == len(outcomes)
