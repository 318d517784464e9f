"""The page's HTML: Jinja templates in ``assets`` that escape every value, and nothing else makes HTML."""

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from ui.page.texts import say
from ui.texts import Lang

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = Path(__file__).parent / "assets"


def render(template: str, lang: Lang, **values: object) -> str:
    """Return the HTML of ``assets/<template>`` with the texts of ``lang`` (as ``t``). Raises UndefinedError."""
    return _environment().get_template(template).render(t=partial(say, lang=lang), lang=lang, **values)


def asset(name: str) -> str:
    """Return the text of ``assets/<name>``."""
    return (ASSETS / name).read_text(encoding="utf-8")


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(ASSETS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
