"""The command about the models that come with the product: it builds them, or finds them whole."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from typer import Option

from ui.invocation import Invocation, JsonOption
from ui.output import progress, remark, write, write_json
from ui.texts import say, why
from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    from ui.settings import Settings


class BuiltModel(NamedTuple):
    """A model that is built here: ``build`` makes a folder of it, tells how many of its steps are done, and seals it."""

    name: str
    megabytes: int  # that are downloaded
    build: Callable[[Path, Callable[[int, int], None]], object]


def built_models() -> tuple[BuiltModel, ...]:
    """Return the models that come with the product."""
    from assistant import embedded_ranker as ranker
    from vectorstore import embedded_model as embedding

    return (
        BuiltModel(embedding.NAME, 70, lambda out, tell: embedding.build(out, progress=tell)),
        BuiltModel(ranker.NAME, 0, lambda out, tell: ranker.build(out, out.parent / embedding.NAME, progress=tell)),
    )


def model(
    call: Invocation,
    to: Annotated[Path | None, Option("--to", metavar="DIR")] = None,
    as_json: JsonOption = False,
) -> None:
    """Build the models that are missing or not whole, and tell where they are and what runs them."""
    from vectorstore.embedding import backend_of
    from vectorstore.model_folder import user_models

    settings = call.settings()
    root = to or user_models()
    made = [_obtain(one, root / one.name, settings) for one in built_models()]
    folders = [root / one.name for one in built_models()]
    backend = backend_of(str(folders[0]), settings.embedding_backend)
    if as_json:
        done = [
            {"name": folder.name, "path": str(folder), "built": new} for folder, new in zip(folders, made, strict=True)
        ]
        write_json({"models": done, "backend": backend})
        return
    for folder, new in zip(folders, made, strict=True):
        write(say("model_built" if new else "model_there", settings.lang, path=folder))
    write(say("model_backend", settings.lang, backend=say(f"backend_{backend}", settings.lang)))


def _obtain(one: BuiltModel, folder: Path, settings: "Settings") -> bool:
    """Build a model where it is missing or not whole; return whether it was built."""
    from vectorstore.model_folder import damaged

    lang = settings.lang
    try:
        if bad := damaged(folder):
            remark(say("model_damaged", lang, path=folder, file=bad[0]))
            shutil.rmtree(folder)
        if folder.is_dir():
            one.build(folder, lambda _done, _total: None)  # one of an earlier version may lack something
            return False
        told = "model_progress" if one.megabytes else "model_progress_made"
        with progress(say(told, lang, name=one.name, megabytes=one.megabytes)) as advance:
            one.build(folder, advance)
    except OSError as error:
        raise ZhengceError(say("model_unwritable", lang, path=folder, reason=why(error, lang))) from error
    return True
