"""The daily deletion of what has become too old, in a thread of the service."""

import logging
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

from ui.state.database import Database
from ui.state.forgetting import expire
from ui.state.tables import now
from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    from ui.settings import Settings

DAY, SOON = 24 * 3600.0, 3600.0  # seconds until the next time; sooner where the database was away
_log = logging.getLogger(__name__)


class Retention:
    """Deletes at once and then every day what is older than ``days`` days, until it is closed.

    Several services on one database may each do so: what one deleted, the others do not find.
    """

    def __init__(self, database: Database, days: int, *, audit: bool = True) -> None:
        self._database = database
        self._days = days
        self._audit = audit
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="retention", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the transaction in hand."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def apply(self) -> bool:
        """Delete what is too old now; whether that worked. What did not is in the log."""
        try:
            gone = expire(self._database, now() - timedelta(days=self._days), audit=self._audit)
        except ZhengceError:
            _log.exception("what is older than %d days could not be deleted", self._days)
            return False
        if gone:
            _log.info("older than %d days and deleted: %d conversations", self._days, gone.conversations)
        self._shrink()
        return True

    def _shrink(self) -> None:
        try:
            if self._database.shrink():
                _log.info("the database was made smaller")
        except ZhengceError:
            _log.warning("the database could not be made smaller; what was deleted is deleted", exc_info=True)

    def _run(self) -> None:
        worked = self.apply()
        while not self._stopping.wait(DAY if worked else SOON):
            worked = self.apply()


def start_retention(database: Database, settings: "Settings") -> Retention | None:
    """Begin to delete what is too old, where ``settings`` say what that is."""
    if not settings.retention_days:
        return None
    retention = Retention(database, settings.retention_days, audit=settings.audit)
    retention.start()
    return retention
