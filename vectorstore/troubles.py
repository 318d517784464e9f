"""What is wrong with a file of SQLite, or with the folder it is in, and the mend that loses nothing.

The data folder holds users, conversations and the audit log beside the index: no mend ever is to delete it.
"""

import errno
import sqlite3
from typing import Literal

Trouble = Literal["unwritable", "full", "corrupt", "other"]

_CODES: dict[int, Trouble] = {
    sqlite3.SQLITE_READONLY: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_CORRUPT: "corrupt",
    sqlite3.SQLITE_NOTADB: "corrupt",
}
_NUMBERS: dict[int, Trouble] = {
    errno.EROFS: "unwritable",
    errno.EACCES: "unwritable",
    errno.EPERM: "unwritable",
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
}
WRITABLE = "目录不可写(磁盘只读,或属于别的用户);请改正挂载方式、目录权限或所有者后重试,数据都在"
ROOM = "磁盘已满;请腾出磁盘空间后重试,已有的数据都在"


def trouble_of(error: BaseException) -> Trouble:
    """Return what kind of trouble ``error`` tells of."""
    if isinstance(error, OSError):
        return _NUMBERS.get(error.errno or 0, "other")
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", None)
        return _CODES.get(code & 0xFF, "other") if code is not None else "other"
    return "other"


def mend_of(error: BaseException, damaged: str, other: str) -> str:
    """Return what a person can do about ``error``: ``damaged`` where the file is, ``other`` where nothing better is known."""
    return {"unwritable": WRITABLE, "full": ROOM, "corrupt": damaged, "other": other}[trouble_of(error)]
