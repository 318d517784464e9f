"""The command about the local language model: fetch it and try it, or say how things are."""

from contextlib import ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from typer import Argument, Option

from ui.invocation import Invocation, JsonOption
from ui.output import Advance, progress, remark, write, write_json
from ui.texts import Lang, say
from vectorstore.errors import LanguageModelError

if TYPE_CHECKING:
    from assistant.local_model import Obtained
    from assistant.local_trial import Trial
    from ui.settings import Settings

Action = Literal["setup", "status"]


def llm(
    call: Invocation,
    action: Annotated[Action, Argument(metavar="setup|status")],
    model: Annotated[str | None, Option("--model", metavar="PATH|NAME")] = None,
    as_json: JsonOption = False,
) -> int:
    """Set up the local language model, or tell its status."""
    settings = call.settings(local_model=model)
    if action == "status":
        return _status(settings, as_json=as_json)
    return _setup(settings, named=model is not None, as_json=as_json)


def _setup(settings: "Settings", *, named: bool, as_json: bool) -> int:
    from assistant.local_server import LocalServer
    from assistant.local_trial import try_out

    lang = settings.lang
    got = _obtain(settings)
    remark(say("llm_trying", lang))
    with LocalServer(got.path, threads=settings.local_threads, context=settings.local_context) as server:
        trial = try_out(server)
    if as_json:
        write_json(_set_up(got, trial))
        return 0
    write(say("llm_fetched" if got.fetched else "llm_there", lang, path=got.path, gigabytes=_gigabytes(got.path)))
    write(say("llm_answered", lang, answer=trial.answer))
    speeds = {"load": trial.load_seconds, "read": trial.read_per_second, "written": trial.written_per_second}
    write(say("llm_speed", lang, **speeds))
    if named:
        remark(say("llm_use_model", lang, model=settings.local_model))
    if settings.engine != "local":
        remark(say("llm_use", lang))
    return 0


def _obtain(settings: "Settings") -> "Obtained":
    from assistant.local_model import default_models_dir, obtain

    with ExitStack() as shown:
        bar: Advance | None = None

        def advance(done: int, total: int) -> None:
            nonlocal bar
            bar = bar or shown.enter_context(progress(say("llm_progress", settings.lang)))
            bar(done, total)

        return obtain(settings.local_model, default_models_dir(settings.data_dir), advance)


def _set_up(got: "Obtained", trial: "Trial") -> dict[str, Any]:
    return {
        "model": str(got.path),
        "bytes": got.path.stat().st_size,
        "fetched": got.fetched,
        "answer": trial.answer,
        "load_seconds": round(trial.load_seconds, 2),
        "answer_seconds": round(trial.seconds, 2),
        "read_tokens_per_second": round(trial.read_per_second, 1),
        "tokens_per_second": round(trial.written_per_second, 1),
    }


def _gigabytes(path: Path) -> float:
    return path.stat().st_size / 1e9


def _status(settings: "Settings", *, as_json: bool) -> int:
    from assistant.local_model import default_models_dir, locate
    from assistant.local_server import PACKAGE, processors

    path, missing = None, []
    try:
        path = locate(settings.local_model, default_models_dir(settings.data_dir))
    except LanguageModelError as error:
        missing.append(str(error))
    try:
        package = version(PACKAGE)
    except PackageNotFoundError:
        package = None
        missing.append(say("llm_no_package", settings.lang))
    threads = settings.local_threads or processors()
    if as_json:
        write_json(
            {
                "ready": not missing,
                "model": path and str(path),
                "bytes": path and path.stat().st_size,
                "package": package,
                "threads": threads,
                "context": settings.local_context,
                "missing": missing,
            }
        )
    else:
        _write_status(path, package, settings.lang, threads=threads, context=settings.local_context)
        for one in missing:
            remark(say("error", settings.lang, message=one))
    return 1 if missing else 0


def _write_status(path: Path | None, package: str | None, lang: Lang, **values: int) -> None:
    if path:
        write(say("llm_model", lang, path=path, gigabytes=_gigabytes(path)))
    if package:
        write(say("llm_package", lang, version=package))
    write(say("llm_runs_with", lang, **values))
