"""The commands of the desk tools: check, find, targets, diff, evidence, match."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from ui.commands_limits import limited, valid
from ui.invocation import Invocation, JsonOption
from ui.output import remark, write, write_json, write_table
from ui.texts import Lang, say, why

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ui.desk.desk import Side
    from ui.questions import Filters
    from ui.settings import Settings

OutputOption = Annotated[Path | None, Option("--output", metavar="FILE")]
MAX_RELATED = 100


@limited
def check(
    call: Invocation,
    source: Annotated[str, Argument(metavar="FILE|-")],
    filters: "Filters",
    output: OutputOption = None,
    strict: Annotated[bool, Option("--strict")] = False,
    as_json: JsonOption = False,
) -> int:
    """Check a draft against the sources, sentence by sentence."""
    from assistant.desk.check import Verdict
    from ui.desk.desk import Desk
    from ui.desk.draft_files import read_draft_at
    from ui.desk.files import CheckedDraft
    from ui.desk.tables import table_of

    settings = call.settings()
    _check_output(output, CheckedDraft)
    draft = read_draft_at(source, settings)
    with call.services() as services:
        found = Desk(services).check(draft.text, filters)

    def show() -> None:
        table = table_of(found, settings.lang)
        write_table(table.headers, table.rows)

    _hand_over(
        found, show, output, settings.lang, as_json=as_json, marked=CheckedDraft.of(found, draft.text, draft.data)
    )
    good = (Verdict.VERBATIM, Verdict.REWORDED)
    return 1 if strict and any(one.verdict not in good for one in found.sentences) else 0


@limited
def find(
    call: Invocation,
    term: Annotated[str, Argument(metavar="TERM")],
    filters: "Filters",
    related: Annotated[int, Option("--related", min=0, max=MAX_RELATED)] = 10,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every unit that mentions a term."""
    from assistant.desk.find import Found
    from ui.desk.desk import Desk

    _check_output(output, Found)
    with call.services() as services:
        found, lang = Desk(services).find(valid(term), filters, related), services.settings.lang
    _hand_over(found, _text(found, lang), output, lang, as_json=as_json)


@limited
def targets(call: Invocation, filters: "Filters", output: OutputOption = None, as_json: JsonOption = False) -> None:
    """List the targets of one document or of all."""
    from assistant.desk.targets import Ledger
    from ui.desk.desk import Desk
    from ui.desk.tables import table_of

    _check_output(output, Ledger)
    with call.services() as services:
        found, lang = Desk(services).targets(filters=filters), services.settings.lang

    def show() -> None:
        table = table_of(found, lang)
        write_table(table.headers, table.rows)

    _hand_over(found, show, output, lang, as_json=as_json)


def diff(
    call: Invocation,
    old: Annotated[str, Argument(metavar="OLD")],
    new: Annotated[str, Argument(metavar="NEW")],
    every: Annotated[bool, Option("--all")] = False,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Compare two editions, each an id or a file."""
    from assistant.desk.diff import Diff
    from assistant.desk.diff import diff as compare
    from ui.desk.desk import Desk
    from ui.desk.draft_files import Draft
    from ui.desk.plain import changes

    settings = call.settings()
    _check_output(output, Diff)
    before, after = _side(valid(old), settings), _side(valid(new), settings)
    if isinstance(before, Draft) and isinstance(after, Draft):  # nothing indexed is needed
        found = compare(before.edition(), after.edition())
    else:
        with call.services() as services:
            found = Desk(services).diff(before, after)
    lang = settings.lang
    _hand_over(found, lambda: write("\n".join(changes(found, lang, every=every))), output, lang, as_json=as_json)


def _side(given: str, settings: "Settings") -> "Side":
    """Return the file at the path ``given`` where there is one, else ``given``, which is then an id."""
    from ui.desk.draft_files import STDIN, read_draft_at

    return read_draft_at(given, settings) if given == STDIN or Path(given).exists() else given


@limited
def evidence(
    call: Invocation,
    filters: "Filters",
    policy: Annotated[str | None, Option("--policy", metavar="ID")] = None,
    report: Annotated[str | None, Option("--report", metavar="ID")] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List which paragraphs of reports bear on which tasks."""
    from assistant.desk.evidence import Evidence
    from ui.desk.desk import Desk

    _check_output(output, Evidence)
    with call.services() as services:
        found = Desk(services).evidence(valid(policy), valid(report), filters)
        lang = services.settings.lang
    _hand_over(found, _text(found, lang), output, lang, as_json=as_json)


@limited
def match(
    call: Invocation,
    description: Annotated[str, Argument(metavar="DESCRIPTION|-")],
    filters: "Filters",
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the policies hold for an enterprise."""
    from assistant.desk.match import Sheet
    from ui.desk.desk import Desk
    from ui.desk.draft_files import STDIN, read_draft_at

    settings = call.settings()
    _check_output(output, Sheet)
    told = read_draft_at(STDIN, settings).text if description == STDIN else valid(description)
    with call.services() as services:
        found = Desk(services).match(told, filters)
    _hand_over(found, _text(found, settings.lang), output, settings.lang, as_json=as_json)


def _text(found: "BaseModel", lang: Lang) -> Callable[[], None]:
    from ui.desk.plain import as_text

    return lambda: write(as_text(found, lang))


def _check_output(output: Path | None, kind: "type[BaseModel]") -> None:
    """Raise ConfigError, before any work, where a result of ``kind`` cannot be written to ``output``."""
    from ui.desk.formats import formats_of
    from vectorstore.errors import ConfigError

    if output and output.suffix.lower() not in (known := formats_of(kind)):
        raise ConfigError(say("desk_suffix", known="、".join(known), name=output.suffix or output.name))


def _hand_over(
    found: "BaseModel",
    show: Callable[[], None],
    output: Path | None,
    lang: Lang,
    *,
    as_json: bool,
    marked: "BaseModel | None" = None,
) -> None:
    """Write a result into the file ``output``, to stdout as JSON, or ``show`` it where neither is asked for.

    ``marked`` is what a file is made of where that is more than the result. Raises ReadError where the file cannot be
    written.
    """
    from ui.desk.formats import file_of
    from vectorstore.errors import ReadError

    if output:
        data = file_of(marked or found, output.suffix.lower(), lang)
        try:
            output.write_bytes(data)
        except OSError as error:
            raise ReadError(say("desk_unwritable", lang, path=output, reason=why(error, lang))) from error
        remark(say("desk_written", lang, path=output))
    if as_json:
        write_json(found.model_dump(mode="json"))
    elif not output:
        show()
