"""The command line: builds the commands, runs one, turns errors into one line and an exit code.

Exit codes: 0 done, 1 the work failed, 2 the command or a setting is wrong, 130 stopped, 141 the reader went away.
"""

import os
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from ui.commands_audit import audit
from ui.commands_backup import backup, restore
from ui.commands_corpus import documents, ingest, reindex, units
from ui.commands_desk import check, diff, evidence, find, match, targets
from ui.commands_keys import keys
from ui.commands_llm import llm
from ui.commands_model import model
from ui.commands_questions import ask, batch, evaluate
from ui.commands_service import doctor, mcp, serve
from ui.commands_users import feedback, users
from ui.invocation import command, shared, spoken_language
from ui.output import remark, use_utf8
from ui.texts import HELP, Lang, say
from vectorstore.errors import ConfigError, DeskError, ZhengceError

NAME = "zhengce"
COMMANDS: dict[str, Callable[..., int | None]] = {
    "ingest": ingest,
    "reindex": reindex,
    "ask": ask,
    "batch": batch,
    "documents": documents,
    "units": units,
    "check": check,
    "find": find,
    "targets": targets,
    "diff": diff,
    "evidence": evidence,
    "match": match,
    "eval": evaluate,
    "serve": serve,
    "mcp": mcp,
    "doctor": doctor,
    "model": model,
    "llm": llm,
    "users": users,
    "keys": keys,
    "feedback": feedback,
    "audit": audit,
    "backup": backup,
    "restore": restore,
}
STOPPED, READER_GONE = 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    use_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments) or ["--help"]
    lang = spoken_language(given)
    try:
        code = _run(given, lang)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        # what is still buffered has nowhere to go, and the interpreter would complain about it at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except typer.TyperException as error:
        remark(say("error", lang, message=_usage_error(error, lang)))
        return error.exit_code
    except Exception as error:  # noqa: BLE001 - the last door: whatever went wrong below becomes one line for the person
        return _failed(error, lang, debug="--debug" in given)


def _run(arguments: list[str], lang: Lang) -> int:
    group = build(lang)
    try:
        with group.make_context(NAME, arguments) as context:
            return int(group.invoke(context) or 0)
    except typer.Exit as stop:
        return stop.exit_code


def _failed(error: Exception, lang: Lang, *, debug: bool) -> int:
    from ui.questions import QuestionError

    if debug:
        import traceback

        traceback.print_exception(error)
    known = isinstance(error, ZhengceError)
    text = str(error) if known else say("unexpected", lang, name=type(error).__name__)
    remark(say("error", lang, message=" ".join(text.split())))
    return 2 if isinstance(error, ConfigError | QuestionError | DeskError) else 1


def _usage_error(error: Any, lang: Lang) -> str:
    """Return what typer found wrong, in words of ours; it tells the kinds apart by class only."""
    kind = type(error).__name__
    context = getattr(error, "ctx", None)
    path = context.command_path if context else NAME
    if kind == "NoSuchOption":
        near = sorted(error.possibilities or [])
        key = "no_such_option_near" if near else "no_such_option"
        message = say(key, lang, name=error.option_name, near=", ".join(near))
    elif isinstance(error, typer.BadParameter) and error.param is not None:
        name = error.param.metavar or error.param.opts[0]
        if error.param.param_type_name == "option":
            name = error.param.opts[0]
        message = say("missing" if kind == "MissingParameter" else "bad_value", lang, name=name)
    elif kind == "BadOptionUsage":
        message = say("no_value", lang, name=error.option_name)
    elif "unexpected extra argument" in error.message:
        message = say("too_many", lang)
    else:
        message = say("usage_error", lang, detail=error.format_message())
    return say("see_help", lang, message=message, command=path)


class _Localised:
    """What typer writes around our help texts, in our language."""

    lang: Lang = "zh"

    def format_usage(self: Any, ctx: Any, formatter: Any) -> None:
        """Write the usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=say("usage", self.lang))

    def get_help_option(self, ctx: Any) -> Any:
        """Return the help option."""
        option = super().get_help_option(ctx)  # type: ignore[misc]
        option.help, option.metavar = HELP[".help"].in_(self.lang), ""
        return option

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help page; the headings of its panels are constants of typer's rich module, loaded only here."""
        from typer import rich_utils

        rich_utils.OPTIONS_PANEL_TITLE = say("options", self.lang)
        rich_utils.ARGUMENTS_PANEL_TITLE = say("arguments", self.lang)
        rich_utils.COMMANDS_PANEL_TITLE = say("commands", self.lang)
        rich_utils.DEFAULT_STRING = say("default", self.lang)
        rich_utils.REQUIRED_LONG_STRING = say("required", self.lang)
        super().format_help(ctx, formatter)  # type: ignore[misc]


class _Command(_Localised, TyperCommand):
    """A command."""


class _Group(_Localised, TyperGroup):
    """All commands; one that is not there is told with the nearest."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that ``args`` begin with."""
        if args[0] not in self.commands and not args[0].startswith("-"):
            near = get_close_matches(args[0], self.commands, n=1)
            key = "no_such_command_near" if near else "no_such_command"
            message = say(key, self.lang, name=args[0], near="".join(near), known=" ".join(self.commands))
            raise ConfigError(say("see_help", self.lang, message=message, command=NAME))
        return super().resolve_command(ctx, args)


def build(lang: Lang) -> TyperGroup:
    """Return all commands with their help in ``lang``."""
    plain = {"help_option_names": ["--help", "-h"]}
    app = typer.Typer(cls=_Group, add_completion=False, pretty_exceptions_enable=False, context_settings=plain)
    app.callback()(shared)
    for name, function in COMMANDS.items():
        app.command(name, cls=_Command, context_settings=plain)(command(function))
    group: Any = typer.main.get_command(app)
    for name, one in {"": group, **group.commands}.items():
        _explain(name, one, lang)
    result: TyperGroup = group
    return result


def _explain(name: str, one: Any, lang: Lang) -> None:
    """Put help texts into a command, and our words in place of typer's around them."""
    one.lang = lang
    one.help = HELP[name].in_(lang)
    one.options_metavar = f"[{say('options', lang)}]"
    for parameter in one.params:
        key = f"{name}.{parameter.name}"
        parameter.help = HELP[key if key in HELP else f".{parameter.name}"].in_(lang)
        if getattr(parameter, "is_bool_flag", False):
            parameter.metavar = ""


if __name__ == "__main__":
    sys.exit(main())
