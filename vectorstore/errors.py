"""The errors of the whole product, as one tree.

    ZhengceError                 anything we raise on purpose; its text is Chinese and names the mend
    ├── ConfigError              a setting is unknown, malformed or points nowhere
    ├── ReadError                one input file cannot be read; the others go on
    ├── StoreError               the store cannot be opened or written
    │   ├── StoreLockedError     another process is writing
    │   ├── StoreEmptyError      nothing has been ingested yet
    │   └── ModelMismatchError   the store was built by another embedding model
    ├── EmbeddingError           the embedding model cannot be loaded or run
    ├── LanguageModelError       the language model cannot be set up, reached or understood
    ├── NotFoundError            no such document or unit
    └── DeskError                a desk tool was given what it cannot work on

``prompts`` stands beside this tree (it imports nothing of the project) with its own ``PromptError``.
"""


class ZhengceError(Exception):
    """Base of every error raised on purpose."""


class ConfigError(ZhengceError):
    """A setting is unknown, malformed or points nowhere."""


class ReadError(ZhengceError):
    """One input file cannot be read."""


class StoreError(ZhengceError):
    """The store cannot be opened or written."""


class StoreLockedError(StoreError):
    """Another process is writing to the store."""


class StoreEmptyError(StoreError):
    """Nothing has been ingested yet."""


class ModelMismatchError(StoreError):
    """The store was built by another embedding model."""


class EmbeddingError(ZhengceError):
    """The embedding model cannot be loaded or run."""


class LanguageModelError(ZhengceError):
    """The language model cannot be set up, reached or understood."""


class NotFoundError(ZhengceError):
    """No such document or unit."""


class DeskError(ZhengceError):
    """A desk tool was given what it cannot work on."""
