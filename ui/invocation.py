"""What every command of the command line shares: the options, the settings they lead to, the services.

A command is written as ``def ask(call: Invocation, question: Annotated[str, Argument()], …) -> int | None`` and returns
its exit code (None is 0). ``command`` gives it the shared options, which may also stand before its name.
"""

import inspect
import os
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.texts import Lang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ui.settings import Settings
    from ui.wiring import Services

DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR")]
ConfigOption = Annotated[Path | None, typer.Option("--config", metavar="FILE")]
EngineOption = Annotated[str | None, typer.Option("--engine", metavar="extractive|llm|local")]
LangOption = Annotated[str | None, typer.Option("--lang", metavar="zh|en")]
DebugOption = Annotated[bool | None, typer.Option("--debug")]
JsonOption = Annotated[bool, typer.Option("--json")]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One run of a command: the options it shares with the others."""

    data: Path | None = None
    config: Path | None = None
    lang: str | None = None
    debug: bool | None = None
    engine: str | None = None

    def over(self, other: "Invocation") -> "Invocation":
        """Return these options, and those of ``other`` where they are not given."""
        names = [field.name for field in fields(self)]
        return Invocation(**{n: getattr(other if getattr(self, n) is None else self, n) for n in names})

    def settings(self, **flags: Any) -> "Settings":
        """Load the settings, start logging as they say, and return them. Raises ConfigError."""
        from ui.settings import load_settings

        spoken = language(self.lang or os.environ.get("ZHENGCE_LANG"))
        settings = load_settings(self.config, spoken, data_dir=self.data, lang=self.lang, engine=self.engine, **flags)
        _start_logging(settings)
        return settings

    @contextmanager
    def services(self, *, must_have_documents: bool = True) -> "Iterator[Services]":
        """Open the services and close them after use."""
        from ui.wiring import open_services

        with open_services(self.settings(), must_have_documents=must_have_documents) as services:
            yield services


def _start_logging(settings: "Settings") -> None:
    from ui.operation.logs import start_logging

    start_logging(settings.log_level, settings.log_format)


def shared(
    ctx: typer.Context,
    data: DataOption = None,
    config: ConfigOption = None,
    lang: LangOption = None,
    debug: DebugOption = None,
    engine: EngineOption = None,
) -> None:
    """Take the options that stand before the command."""
    ctx.obj = Invocation(data, config, lang, debug, engine)


def command(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Return ``function`` with the shared options added to its own, as typer is to see it."""
    own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    added = list(inspect.signature(shared, eval_str=True).parameters.values())
    parameters = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in (*own, *added)]

    def run(ctx: typer.Context, **values: Any) -> int | None:
        after = Invocation(**{field.name: values.pop(field.name) for field in fields(Invocation)})
        return function(after.over(ctx.obj or Invocation()), **values)

    described: Any = run
    described.__signature__ = inspect.Signature(parameters)
    described.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def language(name: str | None) -> Lang:
    """Return the language called ``name``, Chinese where it is none that we speak."""
    return "en" if name == "en" else "zh"


def spoken_language(arguments: Sequence[str]) -> Lang:
    """Return the language of help and usage errors, which are needed before options and settings are read."""
    name = os.environ.get("ZHENGCE_LANG")
    for place, argument in enumerate(arguments):
        if argument == "--lang":
            name = next(iter(arguments[place + 1 :]), None)
        elif argument.startswith("--lang="):
            name = argument.removeprefix("--lang=")
    return language(name)
