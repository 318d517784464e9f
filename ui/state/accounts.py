"""Who may sign in, and who is signed in."""

import hashlib
import re
import secrets
import unicodedata
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from ui.state.database import Database
from ui.state.errors import InputError, SignInError
from ui.state.records import Role, User
from ui.state.tables import SessionRow, UserRow, now
from vectorstore.errors import NotFoundError

MIN_PASSWORD, MAX_PASSWORD = 8, 256
MAX_NAME = 64
# letters and digits of ASCII, and the ideographs of the basic planes
_NAME = re.compile(rf"[A-Za-z0-9._\-@\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]{{1,{MAX_NAME}}}")


class Accounts:
    """The users. Checking a password takes long, by design: whoever lets others in bounds how often."""

    def __init__(self, database: Database, hours: int) -> None:
        from pwdlib import PasswordHash

        self._database = database
        self._lasting = timedelta(hours=hours)
        self._hasher = PasswordHash.recommended()

    def add(self, name: str, password: str, role: Role = Role.USER) -> User:
        """Add a user. Raises InputError where name or password will not do, or the name is taken."""
        name = _named(name)
        row = UserRow(key=name.casefold(), name=name, password=self._hash(password), role=role, created_at=now())
        taken = InputError(f"已有用户 {name}；请换一个名称，或用 zhengce users password 改密码")
        with self._database.session() as session:
            if session.get(UserRow, row.key):
                raise taken
            session.add(row)
            try:
                session.flush()
            except sa.exc.IntegrityError as error:  # another process was quicker
                raise taken from error
            return _user(row)

    def remove(self, name: str) -> None:
        """Remove a user and end their sessions; their conversations stay. Raises NotFoundError."""
        with self._database.session() as session:
            session.delete(_found(session, name))

    def set_password(self, name: str, password: str) -> None:
        """Change the password of a user and end their sessions. Raises NotFoundError, InputError."""
        hashed = self._hash(password)
        with self._database.session() as session:
            row = _found(session, name)
            row.password = hashed
            session.execute(sa.delete(SessionRow).where(SessionRow.user_key == row.key))

    def set_role(self, name: str, role: Role) -> None:
        """Change what a user may do, at once. Raises NotFoundError."""
        with self._database.session() as session:
            _found(session, name).role = role

    def sign_in(self, name: str, password: str) -> str:
        """Start a session and return its token. Raises SignInError, which does not tell what was wrong."""
        key = account_key(name)
        with self._database.reading() as session:
            row = session.get(UserRow, key)
            stored = row.password if row else None
        given = password[: MAX_PASSWORD + 1]
        if stored is None:
            self._hasher.hash(_bytes(given))  # takes as long as checking one, so that the time tells nothing
            raise _refused()
        right, renewed = self._hasher.verify_and_update(_bytes(given), stored)
        if not right:
            raise _refused()
        return self._start(key, stored, renewed)

    def _start(self, key: str, stored: str, renewed: str | None) -> str:
        token = secrets.token_urlsafe(32)
        moment = now()
        with self._database.session() as session:
            row = session.get(UserRow, key, with_for_update=True)
            if row is None or row.password != stored:  # changed since it was checked
                raise _refused()
            row.password = renewed or stored
            session.execute(sa.delete(SessionRow).where(SessionRow.expires_at <= moment))
            session.add(
                SessionRow(digest=_digest(token), user_key=key, created_at=moment, expires_at=moment + self._lasting)
            )
        return token

    def user(self, token: str) -> User | None:
        """Return whose session ``token`` is; None where it is nobody's or over."""
        query = sa.select(UserRow, SessionRow.expires_at).join(SessionRow, SessionRow.user_key == UserRow.key)
        with self._database.reading() as session:
            found = session.execute(query.where(SessionRow.digest == _digest(token))).one_or_none()
        if found is None:
            return None
        row, expires_at = found
        if expires_at > now():
            return _user(row)
        self.sign_out(token)
        return None

    def sign_out(self, token: str) -> None:
        """End the session of ``token``, where there is one."""
        with self._database.session() as session:
            session.execute(sa.delete(SessionRow).where(SessionRow.digest == _digest(token)))

    def _hash(self, password: str) -> str:
        if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
            raise InputError(f"密码应有 {MIN_PASSWORD} 到 {MAX_PASSWORD} 个字符；现有 {len(password)} 个，请换一个")
        return self._hasher.hash(_bytes(password))

    def find(self, name: str) -> User | None:
        """Return the user called ``name``, however it is written; None where there is none."""
        with self._database.reading() as session:
            row = session.get(UserRow, account_key(name))
        return _user(row) if row else None

    def list(self) -> list[User]:
        """Return all users by name."""
        with self._database.reading() as session:
            return sorted(map(_user, session.scalars(sa.select(UserRow))), key=lambda user: user.name)


def _refused() -> SignInError:
    return SignInError("用户名或密码不对；请重新输入，忘记密码请找管理员")


def _named(name: str) -> str:
    normal = unicodedata.normalize("NFKC", name.strip())
    if not _NAME.fullmatch(normal):
        raise InputError(f"用户名应是 1 到 {MAX_NAME} 个汉字、字母、数字或 . _ - @；请换一个")
    return normal


def account_key(name: str) -> str:
    """Return ``name`` as it is compared; the empty key, which is nobody's, where it is no name."""
    try:
        return _named(name).casefold()
    except InputError:
        return ""


def _found(session: Session, name: str) -> UserRow:
    row = session.get(UserRow, account_key(name), with_for_update=True)
    if row is None:
        raise NotFoundError(f"没有用户 {name}；用 zhengce users list 查看已有的用户")
    return row


def _user(row: UserRow) -> User:
    return User(row.name, Role(row.role), row.created_at)


def _digest(token: str) -> str:
    return hashlib.sha256(_bytes(token)).hexdigest()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
