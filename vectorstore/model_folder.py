"""Where models are, and whether one is as it was built.

A model is a folder of its name: in ``models/`` in the working directory, in ``models/`` beside the data, or in the user's
cache folder. ``SHA256SUMS`` in it, as ``sha256sum`` writes it, holds the digests of what was built.
"""

import hashlib
from pathlib import Path

MODELS = Path("models")
SUMS = "SHA256SUMS"


def user_models() -> Path:
    """Return the user's own folder of models, which need not be there."""
    from platformdirs import user_cache_path

    return user_cache_path("zhengce", appauthor=False) / MODELS


def find_model(name: str, data_dir: Path) -> Path:
    """Return the folder of the model ``name``; where there is none, the one of the user, that ``zhengce model`` fills."""
    places = (MODELS / name, data_dir / MODELS / name)
    return next((place for place in places if place.is_dir()), user_models() / name)


def seal(folder: Path) -> None:
    """Note the digests of all that is in ``folder``."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != SUMS)
    lines = [f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def damaged(folder: Path) -> list[str]:
    """Return which files of ``folder`` are not as they were built; none where their digests were never noted."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    noted = [line.split("  ", 1) for line in lines]
    return [name for digest, name in noted if not (folder / name).is_file() or _digest(folder / name) != digest]


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
