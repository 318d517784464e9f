"""General knowledge that is kept as data: the names of provinces and large cities, and words of industries."""

from functools import cache
from importlib.resources import files


@cache
def places() -> frozenset[str]:
    """Return the names of provinces and large cities."""
    return frozenset(word for line in _lines("places.txt") for word in line.split())


def _lines(name: str) -> list[str]:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
