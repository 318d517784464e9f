"""What can go wrong with what is remembered; the base of all is ``vectorstore.errors.ZhengceError``."""

from vectorstore.errors import ZhengceError


class StateError(ZhengceError):
    """The state database cannot be opened, read or written."""


class InputError(StateError):
    """A name, a password or a comment is not one that can be kept; the text says what is."""


class SignInError(ZhengceError):
    """Nobody is signed in: the name or the password is wrong, or there were too many attempts.

    ``seconds`` is how long one has to wait before one may try again; 0 where one need not.
    """

    def __init__(self, message: str, seconds: int = 0) -> None:
        super().__init__(message)
        self.seconds = seconds
