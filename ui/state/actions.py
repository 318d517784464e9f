"""The names of what the audit log notes."""

QUESTION = "question"
SIGNED_IN, SIGN_IN_FAILED = "sign_in", "sign_in_failed"
UPLOADED, RESTORED, DISCARDED, REINDEXED, REMOVED = "upload", "restore", "discard", "reindex", "remove"
EXPORTED, CONVERSATION_DELETED = "export", "conversation_deleted"
KEY_CREATED, KEY_REVOKED = "key_created", "key_revoked"
FORGOTTEN = "data_forgotten"  # the rows before it that it counts were blanked
EXPIRED = "data_expired"
