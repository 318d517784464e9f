"""The options by which a command limits the sources: declared once, given to a command as its ``filters``."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option

from vectorstore.records import Kind

if TYPE_CHECKING:
    from ui.invocation import Invocation
    from ui.questions import Filters

_SEVERAL = {name: f"{name}s" for name in ("document", "kind", "region", "issuer", "topic")}


def _limits(
    document: Annotated[list[str] | None, Option("--document", metavar="ID")] = None,
    kind: Annotated[list[Kind] | None, Option("--kind")] = None,
    since: Annotated[str | None, Option("--since", metavar="DATE")] = None,
    until: Annotated[str | None, Option("--until", metavar="DATE")] = None,
    section: Annotated[str | None, Option("--section", metavar="TEXT")] = None,
    region: Annotated[list[str] | None, Option("--region", metavar="NAME")] = None,
    as_of: Annotated[str | None, Option("--as-of", metavar="DATE")] = None,
    title: Annotated[str | None, Option("--title", metavar="TEXT")] = None,
    number: Annotated[str | None, Option("--number", metavar="TEXT")] = None,
    issuer: Annotated[list[str] | None, Option("--issuer", metavar="TEXT")] = None,
    topic: Annotated[list[str] | None, Option("--topic", metavar="TEXT")] = None,
) -> None:
    """Declare the options; ``limited`` reads them."""


def limited(function: Callable[..., int | None]) -> Callable[..., int | None]:
    """Return ``function`` with these options in place of its parameter ``filters``.

    It raises QuestionError where one of them is not valid.
    """
    own, added = inspect.signature(function).parameters, inspect.signature(_limits).parameters
    kept = [one for name, one in own.items() if name != "filters"]
    shared = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in added.values()]

    def run(call: "Invocation", **values: Any) -> int | None:
        given = {name: values.pop(name) for name in added}
        return function(call, **values, filters=filters_of(given, call))

    described: Any = run
    described.__signature__ = inspect.Signature([one.replace(kind=_kind(one)) for one in kept] + shared)
    return run


def filters_of(given: dict[str, Any], call: "Invocation") -> "Filters":
    """Return what was given as options of ``call`` as the limits of every door. Raises QuestionError."""
    from pydantic import ValidationError

    from ui.questions import Filters, QuestionError
    from ui.validation import explain

    named = {_SEVERAL.get(name, name): valid(value) for name, value in given.items() if value is not None}
    try:
        return Filters.model_validate(named)
    except ValidationError as error:
        raise QuestionError(explain(error.errors(), call.settings().lang)) from error


def valid(value: Any) -> Any:
    """Return the texts in ``value`` with the bytes replaced that the command line could not read as UTF-8."""
    if isinstance(value, list):
        return [valid(one) for one in value]
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") if type(value) is str else value


def _kind(parameter: inspect.Parameter) -> Any:
    first = parameter.name == "call"
    return inspect.Parameter.POSITIONAL_OR_KEYWORD if first else inspect.Parameter.KEYWORD_ONLY
