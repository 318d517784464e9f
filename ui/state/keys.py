"""The keys by which programs use the API: ``Keys(database)``. Only the digest of a key is kept."""

import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from ui.state.database import Database
from ui.state.errors import InputError
from ui.state.records import ApiKey, Scope
from ui.state.tables import ApiKeyRow, Base, KeyUseRow, now
from vectorstore.errors import NotFoundError

PREFIX = "zc_"
_SHOWN = 8  # characters of a key that a list shows
_RANDOM = 32  # bytes
_MAX_NAME, _MAX_DAYS, _MAX_REQUESTS = 64, 36_500, 1_000_000_000
_SEEN = timedelta(minutes=1)  # how exact the time of the last use is, so that not every request writes

_log = logging.getLogger(__name__)


class Keys:
    """The keys. All objects on one database agree, whatever process they are in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._insert = postgresql.insert if database.engine.dialect.name == "postgresql" else sqlite.insert

    def create(
        self,
        name: str,
        scopes: Iterable[Scope],
        days: int | None = None,
        per_minute: int | None = None,
        per_day: int | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key that lasts ``days`` (None: for ever); return it with its secret, which cannot be had again.

        ``per_minute`` and ``per_day`` limit its requests (None: as the settings say; not at all). Raises InputError.
        """
        name, wanted = name.strip(), set(scopes)
        if not 1 <= len(name) <= _MAX_NAME or not name.isprintable():
            raise InputError(f"密钥的名称应是 1 到 {_MAX_NAME} 个能显示的字符；请换一个")
        if not wanted:
            raise InputError(f"密钥至少要有一项权限：{'、'.join(Scope)}")
        for value, most, what in (
            (days, _MAX_DAYS, "有效天数"),
            (per_minute, _MAX_REQUESTS, "每分钟次数"),
            (per_day, _MAX_REQUESTS, "每天次数"),
        ):
            if value is not None and not 1 <= value <= most:
                raise InputError(f"{what}应在 1 到 {most} 之间；请换一个")
        secret = PREFIX + secrets.token_urlsafe(_RANDOM)
        moment = now()
        row = ApiKeyRow(
            name=name,
            digest=_digest(secret),
            beginning=secret[:_SHOWN],
            scopes=[one.value for one in Scope if one in wanted],
            per_minute=per_minute,
            per_day=per_day,
            created_at=moment,
            expires_at=None if days is None else moment + timedelta(days=days),
        )
        with self._database.session() as session:
            session.add(row)
            session.flush()
            return _key(row), secret

    def list(self) -> list[ApiKey]:
        """Return all keys, the newest first, those that are over too."""
        query = sa.select(ApiKeyRow).order_by(ApiKeyRow.created_at.desc(), ApiKeyRow.id)
        with self._database.reading() as session:
            return [_key(row) for row in session.scalars(query)]

    def revoke(self, id_or_beginning: str) -> ApiKey:
        """End a key for good, and return it. Raises NotFoundError, InputError where several begin alike."""
        with self._database.session() as session:
            row = _found(session, id_or_beginning.strip())
            row.revoked_at = row.revoked_at or now()
            return _key(row)

    def find(self, secret: str) -> ApiKey | None:
        """Return the key whose secret that is; None where there is none, or it expired or was revoked.

        Why, is for the log only. Raises StateError.
        """
        digest, moment = _digest(secret), now()
        with self._database.reading() as session:
            row = session.scalar(sa.select(ApiKeyRow).where(ApiKeyRow.digest == digest))
        if row is None or not hmac.compare_digest(row.digest, digest):
            _log.info("a request showed an unknown key")
            return None
        key = _key(row)
        if key.revoked_at or (key.expires_at and key.expires_at <= moment):
            _log.info("a request showed the key %s, which %s", key.id, "was revoked" if key.revoked_at else "expired")
            return None
        if key.last_used_at is None or key.last_used_at <= moment - _SEEN:
            self._see(key.id)
        return key

    def _see(self, key_id: str) -> None:
        moment = now()
        late = sa.or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at <= moment - _SEEN)
        with self._database.session() as session:
            session.execute(sa.update(ApiKeyRow).where(ApiKeyRow.id == key_id, late).values(last_used_at=moment))

    def use(self, key_id: str, limit_per_day: int) -> int | None:
        """Count a request of today (UTC); return how many are left, None where this one is already too many.

        Raises StateError, also where there is no such key.
        """
        if limit_per_day < 1:
            return None
        used = Base.metadata.tables[KeyUseRow.__tablename__]
        made = self._insert(used).values(key_id=key_id, day=now().date().isoformat(), requests=1)
        # one statement, so that of several workers none counts what another has counted
        count = made.on_conflict_do_update(
            index_elements=[used.c.key_id, used.c.day],
            set_={"requests": used.c.requests + 1},
            where=used.c.requests < limit_per_day,
        ).returning(used.c.requests)
        with self._database.session() as session:
            counted = session.execute(count).scalar_one_or_none()
        return None if counted is None else limit_per_day - counted


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _found(session: Session, named: str) -> ApiKeyRow:
    query = sa.select(ApiKeyRow).where(sa.or_(ApiKeyRow.id == named, ApiKeyRow.beginning == named))
    rows = session.scalars(query.with_for_update()).all()
    if not rows:
        raise NotFoundError("没有这个密钥；用 zhengce keys list 查看已有的密钥")
    if len(rows) > 1:
        raise InputError("有几个密钥的开头相同；请改用编号（见 zhengce keys list）")
    return rows[0]


def _key(row: ApiKeyRow) -> ApiKey:
    known = {scope.value for scope in Scope}
    return ApiKey(
        id=row.id,
        name=row.name,
        beginning=row.beginning,
        scopes=frozenset(Scope(one) for one in row.scopes if one in known),
        per_minute=row.per_minute,
        per_day=row.per_day,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
