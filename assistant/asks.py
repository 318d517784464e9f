"""What kind of answer a question wants: read off its vector by a linear classifier, never off a list of words."""

from collections.abc import Mapping
from enum import StrEnum

from assistant.fitted import labels
from vectorstore.embedding import Embedder, Vector


class Asks(StrEnum):
    """What kind of answer a question wants."""

    CONTENT = "content"  # what the sources say
    FIGURE = "figure"  # a number, an amount, a date
    WORDING = "wording"  # the exact words of a place
    WHICH = "which_task"  # every unit that deals with something
    EXISTS = "exists"  # whether there is anything on it at all
    LIST = "list"  # all conditions, materials or measures of one matter
    OVERVIEW = "overview"  # what a document, or a part of it, holds
    COMPARE = "compare"  # two things side by side
    SMALLTALK = "smalltalk"  # a greeting, thanks
    HELP = "help"  # what the assistant can do
    OUTSIDE = "outside"  # nothing that policy documents could tell, commands to the assistant among it


NOT_OF_SOURCES = (Asks.SMALLTALK, Asks.HELP, Asks.OUTSIDE)
_LEANS = 0.5


def read_asks(vector: Vector, embedder: Embedder) -> Mapping[Asks, float]:
    """Return how likely the question of this ``vector`` wants each kind of answer.

    With an embedding model that no classifier was fitted to, everything asks for content.
    """
    classifier = labels("asks", model_name(embedder))
    if classifier is None:
        return {Asks.CONTENT: 1.0}
    return {Asks(name): chance for name, chance in classifier.chances(vector).items()}


def leans_on_before(vector: Vector, embedder: Embedder) -> bool:
    """Whether the question of this ``vector`` cannot be understood without the turn before it."""
    classifier = labels("leans", model_name(embedder))
    return classifier is None or classifier.chances(vector)["leans"] >= _LEANS


def model_name(embedder: Embedder) -> str:
    """Return the name of the embedding model, whichever form of its weights is run."""
    return embedder.fingerprint.partition(":")[0]
