"""Texts that are filled in before a model or a person reads them, kept as Markdown files beside this module.

A file holds sections: ``## name``, then the text with ``$variables``. Filling fails on a missing variable.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template


class PromptError(ValueError):
    """A prompt file or a section is missing, or a variable was not given."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A text with variables. ``digest`` names its version: the first 12 hex digits of the SHA-256 of the text."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """Return the version of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def fill(self, **values: object) -> str:
        """Return the text with its variables replaced. Raises PromptError where one is missing."""
        try:
            return Template(self.text).substitute(values)
        except (KeyError, ValueError) as error:
            raise PromptError(f"prompt {self.name}: {error}") from error


@cache
def load_prompts(name: str) -> Mapping[str, Prompt]:
    """Return the sections of ``prompts/<name>.md`` by name. Raises PromptError."""
    try:
        text = files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise PromptError(f"no prompt file {name}.md") from None
    pieces = re.split(r"^## +(\S+)\s*$", text, flags=re.MULTILINE)
    return {key: Prompt(f"{name}/{key}", body.strip()) for key, body in zip(pieces[1::2], pieces[2::2], strict=True)}
