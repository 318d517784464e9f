"""The commands that answer: ask, batch, eval."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from ui.commands_limits import limited, valid
from ui.invocation import Invocation, JsonOption
from ui.output import progress, remark, write, write_json, write_table
from ui.texts import SAID, Lang, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from assistant.answer import Answer, Citation
    from assistant.evaluate import Evaluation
    from ui.questions import Filters


@limited
def ask(
    call: Invocation,
    question: Annotated[str, Argument(metavar="QUESTION")],
    filters: "Filters",
    history: Annotated[Path | None, Option("--history", metavar="FILE.json")] = None,
    stream: Annotated[bool, Option("--stream")] = False,
    as_json: JsonOption = False,
) -> None:
    """Answer one question."""
    from ui.questions import Question, read_history
    from ui.wiring import open_services

    settings = call.settings()
    asked = Question(question=valid(question), history=read_history(history) if history else [], filters=filters)
    asked.check(settings)
    with open_services(settings) as services:
        if stream:
            _write_stream(services.stream(asked), settings.lang, as_json=as_json)
            return
        answer = services.ask(asked)
    if as_json:
        write_json(answer.model_dump(mode="json"))
    else:
        write(answer.answer)
        _write_citations(answer, settings.lang)


def _write_stream(grown: "Iterator[Answer]", lang: Lang, *, as_json: bool) -> None:
    """Write an answer as it grows: its sentences, or every event as a line of JSON."""
    from assistant.answer import Answer
    from ui.streaming import answer_events

    for event in answer_events(grown):
        if as_json:
            write_json({"event": event.event, "data": event.data}, indent=None)
        elif event.event == "token":
            if text := event.data["text"].strip("\n"):
                write(text)
        elif event.event == "final":
            _write_citations(Answer.model_validate(event.data), lang)


def _write_citations(answer: "Answer", lang: Lang) -> None:
    named: list[tuple[str, Sequence[Citation]]] = [("citations", answer.citations), ("nearest", answer.nearest)]
    for key, citations in named:
        if citations:
            write(f"\n{say(key, lang)}")
        for citation in citations:
            number = f"[{citation.id}]" if key == "citations" else "·"
            write(f"{number} {citation.label}  《{citation.title}》")
            write(f"    {citation.quote.strip()}")


def batch(
    call: Invocation,
    source: Annotated[Path, Argument(metavar="IN.jsonl")],
    target: Annotated[Path, Argument(metavar="OUT.jsonl")],
) -> int:
    """Answer the questions of a file, line by line."""
    from ui.batch import answer_lines, check_paths, opened
    from ui.wiring import open_services

    settings = call.settings()
    check_paths(source, target)
    total = failed = 0
    with (
        open_services(settings) as services,  # before the output is opened, which empties it
        opened(source, target) as (lines, out),
        progress(say("batch_progress", settings.lang)) as advance,
    ):
        for result in answer_lines(lines, services):
            out(result)
            total += 1
            failed += "error" in result
            advance(total, None)
    remark(say("batch_done", settings.lang, total=total, failed=failed))
    return 1 if failed else 0


def evaluate(
    call: Invocation,
    gold: Annotated[Path, Argument(metavar="GOLD.jsonl")],
    minimum: Annotated[float, Option("--min", min=0, max=1)] = 0.0,
    failures: Annotated[bool, Option("--failures")] = False,
    as_json: JsonOption = False,
) -> int:
    """Score the answers on gold questions."""
    from assistant.evaluate import evaluate as score
    from assistant.evaluate import load_gold

    settings = call.settings()
    questions = load_gold(gold)
    with call.services() as services, progress(say("eval_progress", settings.lang)) as advance:
        evaluation = score(services.assistant, questions, services.store, progress=advance)
        advance(len(questions), len(questions))
    if as_json:
        write_json(evaluation.to_dict())
    else:
        _write_scores(evaluation, settings.lang)
    if failures and not as_json:
        for failure in evaluation.failures():
            write_json(failure, indent=None)
    if evaluation.overall_pass < minimum:
        remark(say("eval_below", settings.lang, minimum=minimum))
        return 1
    return 0


def _write_scores(evaluation: "Evaluation", lang: Lang) -> None:
    rows = evaluation.rows()
    if rows:
        headers = [say(f"metric_{name}", lang) if f"metric_{name}" in SAID else name for name in rows[0]]
        write_table(headers, [[_rounded(value) for value in row.values()] for row in rows])
    write(say("eval_overall", lang, rate=evaluation.overall_pass))


def _rounded(value: object) -> object:
    return f"{value:.2f}" if isinstance(value, float) else value
