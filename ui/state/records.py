"""The values that the rest of the doors see of what is remembered; the tables behind them are ``ui.state.tables``.

Times are aware and in UTC. An owner is the name of a user, or ``visitor:…`` for a browser that nobody signed in with,
or ``key:…`` for a program with a key.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from assistant.answer import Answer
from vectorstore.records import Filter

Rating = Literal["up", "down"]
Reason = Literal["citation", "answer", "missing", "other"]


class Role(StrEnum):
    """What a user may do: a user asks and keeps conversations; an admin also changes what is indexed."""

    USER = "user"
    ADMIN = "admin"


class Scope(StrEnum):
    """What a visitor or a key may do: ask and keep conversations, read documents, change them; admin is all of it."""

    ASK = "ask"
    READ = "read"
    INGEST = "ingest"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question with its answer, or with the words for why there is none.

    With neither, it is being answered, unless ``stopped``: by a person, or because the service ended meanwhile.
    """

    id: str
    question: str
    asked_at: datetime
    within: Filter = field(default_factory=Filter)
    answer: Answer | None = None
    problem: str | None = None
    stopped: bool = False
    rating: Rating | None = None

    @property
    def pending(self) -> bool:
        """Whether it is being answered."""
        return self.answer is None and self.problem is None and not self.stopped


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation with its exchanges, oldest first; those that were asked anew or edited are left out."""

    id: str
    owner: str
    name: str
    created_at: datetime
    updated_at: datetime
    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A conversation in a list."""

    id: str
    name: str
    updated_at: datetime
    exchanges: int


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody thought of an answer, with all that led to it: ``trace`` is ready for JSON."""

    id: str
    exchange_id: str
    owner: str
    rating: Rating
    reason: Reason | None
    comment: str
    question: str
    trace: dict[str, Any]
    given_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in."""

    name: str
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key for programs, without its secret; ``beginning`` is what may be shown of that.

    ``per_minute`` None is what the settings say, ``per_day`` None no limit, ``expires_at`` None never.
    """

    id: str
    name: str
    beginning: str
    scopes: frozenset[Scope]
    per_minute: int | None
    per_day: int | None
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Upload:
    """One version of a file that came through the page or the API. The newest that worked is in the index (``active``).

    ``path`` is where its bytes lie, relative to the data folder; ``size`` is in bytes; ``outcome`` is what ingest
    reported of it (``ingest.pipeline.FileOutcome`` as a dict), ``warnings`` those of its documents.
    """

    id: str
    name: str
    path: str
    digest: str
    size: int
    by: str
    uploaded_at: datetime
    state: Literal["waiting", "reading", "done", "failed"] = "waiting"
    done: float = 0.0
    active: bool = False
    outcome: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
