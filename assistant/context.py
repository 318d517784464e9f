"""How a follow-up is read: with the turn that it leans on in front. The models were trained to read it so."""

from collections.abc import Sequence

from assistant.answer import Turn

_ASKED_CHARS = 200  # of the question before
_ANSWER_CHARS = 80  # of the answer before


def turn_before(history: Sequence[Turn]) -> str:
    """Return the last question of ``history`` and the beginning of its answer; empty where nothing was asked."""
    asked = next((turn.content for turn in reversed(history) if turn.role == "user"), "")
    told = next((turn.content for turn in reversed(history) if turn.role == "assistant"), "")
    return f"{asked[:_ASKED_CHARS]} {told[:_ANSWER_CHARS]}".strip() if asked else ""


def in_context(question: str, before: str) -> str:
    """Return ``question`` as the embedding and the ranker read it: behind the turn ``before``, where there is one."""
    return f"{before}\n{question}" if before else question
