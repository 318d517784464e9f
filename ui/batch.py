"""Many questions, one process: JSON lines in, JSON lines out, in order, each written as soon as it is answered."""

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from ui.questions import Question, QuestionError
from ui.texts import say, why
from ui.validation import explain
from vectorstore.errors import ReadError, ZhengceError

if TYPE_CHECKING:
    from ui.wiring import Services

MAX_LINE_BYTES = 4 * 1024 * 1024
STANDARD = Path("-")

_log = logging.getLogger(__name__)


@contextmanager
def opened(source: Path, target: Path) -> Iterator[tuple[Iterator[bytes], Callable[[dict[str, Any]], None]]]:
    """Open both files; yield the lines of ``source`` and a function that writes one result to ``target``.

    Raises ReadError where one cannot be opened.
    """
    with ExitStack() as stack:
        into: IO[bytes] = sys.stdin.buffer
        if source != STANDARD:
            into = stack.enter_context(_open(source, "rb", "file_unreadable"))
        out: IO[bytes] = sys.stdout.buffer
        if target != STANDARD:
            out = stack.enter_context(_open(target, "wb", "file_unwritable"))

        def write(result: dict[str, Any]) -> None:
            out.write(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            out.flush()

        yield _lines(into), write


def check_paths(source: Path, target: Path) -> None:
    """Raise QuestionError where the two cannot be meant."""
    if STANDARD in (source, target):
        return
    if not target.parent.is_dir():
        raise QuestionError(say("folder_missing", path=target.parent))
    if target.exists() and source.exists() and source.samefile(target):
        raise QuestionError(say("same_file", path=source))


def _open(path: Path, mode: str, message: str) -> IO[bytes]:
    try:
        return cast("IO[bytes]", path.open(mode))
    except OSError as error:
        raise ReadError(say(message, path=path, reason=why(error))) from error


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield the lines; of one that is too long, its first ``MAX_LINE_BYTES + 1`` bytes."""
    while line := stream.readline(MAX_LINE_BYTES + 1):
        rest = line
        while len(rest) > MAX_LINE_BYTES and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE_BYTES + 1)
        yield line


def answer_lines(lines: Iterator[bytes], services: "Services") -> Iterator[dict[str, Any]]:
    """Yield ``{"id", …answer}`` for each line that is not blank, ``{"id", "error"}`` where it cannot be answered."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _answer_line(number, line, services)


def _answer_line(number: int, line: bytes, services: "Services") -> dict[str, Any]:
    key: Any = None
    try:
        value = _parse(line)
        key = value.get("id") if isinstance(value, dict) else None
        question = Question.model_validate(value)
        return {"id": key, **services.ask(question).model_dump(mode="json")}
    except ValidationError as error:
        return {"id": key, "error": say("line_bad", number=number, reason=explain(error.errors()))}
    except ReadError as error:
        return {"id": key, "error": say("line_bad", number=number, reason=error)}
    except ZhengceError as error:
        return {"id": key, "error": str(error)}
    except Exception as error:  # noqa: BLE001 - a fault in one question must not lose the answers to the others
        _log.exception("line %d", number)
        return {"id": key, "error": say("unexpected", name=type(error).__name__)}


def _parse(line: bytes) -> Any:
    if len(line) > MAX_LINE_BYTES:
        raise ReadError(say("line_long", limit=MAX_LINE_BYTES))
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ReadError(say("not_utf8")) from None
    except (ValueError, RecursionError):
        raise ReadError(say("json_invalid")) from None
