"""Files that went beyond the limits: they are not read again before they change or somebody asks for it.

Kept as JSON in the data folder, ``{path: {"digest", "reason"}}``; only who holds the store for writing changes it.
"""

import json
from pathlib import Path

NAME = "quarantine.json"


class Quarantine:
    """What is in quarantine in the data folder ``data_dir``."""

    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / NAME
        self._held: dict[str, dict[str, str]] = {}
        if self._file.is_file():
            self._held = json.loads(self._file.read_text(encoding="utf-8"))

    def held(self, path: str) -> tuple[str, str] | None:
        """Return the digest with which the file is in quarantine, and why; None where it is not."""
        found = self._held.get(path)
        return (found["digest"], found["reason"]) if found else None

    def put(self, path: str, digest: str, reason: str) -> None:
        """Put a file into quarantine."""
        self._change({**self._held, path: {"digest": digest, "reason": reason}})

    def release(self, path: str) -> None:
        """Let a file out, if it is in."""
        if path in self._held:
            self._change({key: value for key, value in self._held.items() if key != path})

    def _change(self, held: dict[str, dict[str, str]]) -> None:
        self._held = held
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(held, ensure_ascii=False, indent=1), encoding="utf-8")
        fresh.replace(self._file)
