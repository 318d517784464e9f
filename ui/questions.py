"""What a person or a program asks, checked once for every door."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.config import JsonDict

from assistant.answer import Turn
from ui.texts import say, why
from ui.validation import explain
from vectorstore.errors import ReadError, ZhengceError
from vectorstore.records import Filter, Kind

if TYPE_CHECKING:
    from ui.settings import Settings

MAX_CONVERSATION_ID = 128
MAX_LIMITS = 200  # documents, regions …; and the characters of one

# Told in the description of the API; what is left of blanks is found empty later, in words of ours.
NOT_BLANK: JsonDict = {"minLength": 1, "pattern": r"\S"}

Short = Annotated[str, Field(max_length=MAX_LIMITS)]
DateBound = Annotated[str, Field(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$")]


class QuestionError(ZhengceError):
    """A question or its history is empty, malformed or too long."""


class Filters(BaseModel):
    """What a question is limited to; what is left out limits nothing. A field that is misspelt is an error."""

    model_config = ConfigDict(extra="forbid")

    documents: list[Short] = Field(default=[], max_length=MAX_LIMITS)
    kinds: list[Kind] = Field(default=[], max_length=MAX_LIMITS)
    since: DateBound | None = None
    until: DateBound | None = None
    section: Short | None = None
    regions: list[Short] = Field(default=[], max_length=MAX_LIMITS)
    as_of: DateBound | None = None
    title: Short | None = None
    number: Short | None = None
    issuers: list[Short] = Field(default=[], max_length=MAX_LIMITS)
    topics: list[Short] = Field(default=[], max_length=MAX_LIMITS)

    @classmethod
    def of(cls, limits: Filter) -> Self:
        """Return ``limits`` as a door sends them."""
        return cls.model_validate({name: list(v) if isinstance(v, tuple) else v for name, v in asdict(limits).items()})

    def to_filter(self) -> Filter:
        """Return the same as the assistant takes it."""
        return Filter(
            documents=tuple(dict.fromkeys(self.documents)),
            kinds=tuple(dict.fromkeys(self.kinds)),
            since=self.since,
            until=self.until,
            section=_stripped(self.section),
            regions=tuple(dict.fromkeys(self.regions)),
            as_of=self.as_of,
            title=_stripped(self.title),
            number=_stripped(self.number),
            issuers=tuple(filter(None, dict.fromkeys(map(str.strip, self.issuers)))),
            topics=tuple(filter(None, dict.fromkeys(map(str.strip, self.topics)))),
        )

    def texts(self) -> tuple[str, ...]:
        """Return all that was written freely."""
        single = (text for text in (self.section, self.title, self.number) if text)
        return (*self.documents, *self.regions, *self.issuers, *self.topics, *single)


def in_address(filters: Filters | None) -> dict[str, Any]:
    """Return ``filters`` as the parameters of an address."""
    limits = (filters or Filters()).model_dump(mode="json", exclude_none=True)
    for one in ("document", "kind", "region", "issuer", "topic"):
        limits[one] = limits.pop(f"{one}s")
    return limits


class Question(BaseModel):
    """A question with what was said before it: the body of the API, a line of a batch, the words of a command."""

    model_config = ConfigDict(extra="ignore")

    question: str = Field(json_schema_extra=dict(NOT_BLANK))
    history: list[Turn] = []
    conversation_id: str | None = Field(default=None, max_length=MAX_CONVERSATION_ID)
    filters: Filters = Field(default_factory=Filters)

    def check(self, settings: "Settings") -> None:
        """Raise QuestionError where it is empty, no text, or above the limits of ``settings``."""
        if not self.question.strip():
            raise QuestionError(say("question_empty"))
        said = (self.question, self.conversation_id or "", *(turn.content for turn in self.history))
        if not all(map(_is_text, (*said, *self.filters.texts()))):
            raise QuestionError(say("question_garbled"))
        told = sum(len(turn.content) for turn in self.history)
        for key, count, limit in (
            ("question_long", len(self.question), settings.max_question_chars),
            ("history_turns", len(self.history), settings.max_history_turns),
            ("history_long", told, settings.max_history_chars),
        ):
            if count > limit:
                raise QuestionError(say(key, count=count, limit=limit))


def latest(turns: Sequence[Sequence[Turn]], settings: "Settings") -> list[Turn]:
    """Return as many of the latest of ``turns``, oldest first, as ``settings`` allow; those that belong together stay so."""
    kept: list[Turn] = []
    left = settings.max_history_chars
    for together in reversed(turns):
        left -= sum(len(turn.content) for turn in together)
        if left < 0 or len(kept) + len(together) > settings.max_history_turns:
            break
        kept[:0] = together
    return kept


def _stripped(text: str | None) -> str | None:
    return (text or "").strip() or None


def _is_text(value: str) -> bool:
    """Whether ``value`` can be written as UTF-8: JSON may hold half of a surrogate pair."""
    return not any("\ud800" <= char <= "\udfff" for char in value)


def read_history(path: Path) -> list[Turn]:
    """Return the turns in the JSON file ``path``. Raises ReadError."""
    try:
        return TypeAdapter(list[Turn]).validate_python(json.loads(path.read_bytes().decode("utf-8-sig")))
    except OSError as error:
        raise ReadError(say("file_unreadable", path=path, reason=why(error))) from error
    except ValidationError as error:
        raise ReadError(say("history_bad", path=path, reason=explain(error.errors()))) from error
    except UnicodeDecodeError as error:
        raise ReadError(say("history_bad", path=path, reason=say("not_utf8"))) from error
    except (ValueError, RecursionError) as error:
        raise ReadError(say("history_bad", path=path, reason=say("json_invalid"))) from error
