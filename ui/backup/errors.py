"""What can go wrong with a backup; the base of all is ``vectorstore.errors.ZhengceError``."""

from vectorstore.errors import ZhengceError


class BackupError(ZhengceError):
    """A backup cannot be made, is damaged, or cannot be restored where it should."""
