"""What the commands write: results on stdout, always UTF-8; progress and remarks on stderr."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Documents, questions and file names are untrusted: control characters could drive the terminal, and the marks that
# turn the direction of writing could make a quote read as something else.
_CONTROL = [*range(0x20), *range(0x7F, 0xA0), 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_HARMLESS = {code: "\ufffd" for code in _CONTROL if chr(code) not in "\n\t"}

_WIDE = 200  # columns of a table that is not shown on a terminal

Advance = Callable[..., None]


def use_utf8() -> None:
    """Make stdout and stderr write UTF-8 whatever the locale says."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")


def harmless(text: object) -> str:
    """Return ``text`` with the characters replaced that would drive a terminal."""
    return str(text).translate(_HARMLESS)


def write(text: object = "") -> None:
    """Write a line of a result for a person."""
    print(harmless(text))


def write_json(value: Any, *, indent: int | None = 2) -> None:
    """Write ``value`` as JSON; without ``indent`` as one line, at once."""
    print(json.dumps(value, ensure_ascii=False, indent=indent), flush=indent is None)


def remark(text: object) -> None:
    """Write a line that is no result."""
    print(harmless(text), file=sys.stderr)


def write_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write a table; long cells go on in the next line instead of being cut."""
    from rich.table import Table
    from rich.text import Text

    table = Table(show_edge=False, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(harmless("" if cell is None else cell)) for cell in row))
    _console().print(table)


def _console() -> "Console":
    from rich.console import Console

    class ToStdout(Console):
        """A console that tells us when the reader is gone instead of ending the process itself."""

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    console = ToStdout(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


@contextmanager
def progress(label: str) -> Iterator[Advance]:
    """Show a progress bar on stderr; call the yielded function with what is done, the total and a name."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), _name_column())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, shown="")

        def advance(done: int, total: int | None, name: str = "") -> None:
            bar.update(task, completed=done, total=total, shown=harmless(name))

        yield advance


def _name_column() -> Any:
    from rich.progress import TextColumn

    return TextColumn("{task.fields[shown]}", markup=False)
