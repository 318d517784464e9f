"""A text in both languages."""

from typing import Literal, NamedTuple

Lang = Literal["zh", "en"]


class Text(NamedTuple):
    """One text in both languages, with ``{variables}``."""

    zh: str
    en: str

    def in_(self, lang: Lang) -> str:
        """Return the text in ``lang``."""
        return self.en if lang == "en" else self.zh
