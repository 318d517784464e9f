"""Column types that hold the same on SQLite and PostgreSQL, and what is done to text before it is stored."""

import math
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


def clean(text: str) -> str:
    """Return ``text`` as both databases take it: NUL becomes U+FFFD, half surrogates become question marks."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def clean_json(value: Any) -> Any:
    """Return ``value`` with all its texts and keys cleaned, and without numbers that JSON does not have."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {clean(str(key)): clean_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean_json(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class Words(TypeDecorator[str]):
    """Text of any length."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Clean what goes in, and what is compared with."""
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """A value as JSON; None is NULL."""

    impl = sa.JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002
        """Clean what goes in."""
        return clean_json(value)


class Moment(TypeDecorator[datetime]):
    """An aware time, in UTC. SQLite keeps it without its zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn into UTC. Raises ValueError where the zone is not known (SQLAlchemy makes that a StatementError)."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
