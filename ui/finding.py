"""What an examination of the set-up found."""

from dataclasses import dataclass, field
from typing import Any, Literal

from ui.texts import Lang, say

State = Literal["ok", "warn", "fail"]
MARKS: dict[State, str] = {"ok": "✓", "warn": "!", "fail": "✗"}


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: a text key of ``ui.texts`` or an error's own words, and the mend where something is not well."""

    name: str
    state: State
    detail: str
    values: dict[str, Any] = field(default_factory=dict)
    mend: str | None = None

    def view(self, lang: Lang) -> dict[str, str | None]:
        """Return the finding for JSON."""
        mend = say(self.mend, lang, **self.values) if self.mend else None
        return {"check": self.name, "state": self.state, "detail": say(self.detail, lang, **self.values), "mend": mend}

    def line(self, lang: Lang) -> str:
        """Return the finding as a line."""
        view = self.view(lang)
        mend = f" → {view['mend']}" if view["mend"] else ""
        name = say(f"check_{self.name}", lang)
        return say("check_line", lang, mark=MARKS[self.state], name=name, detail=view["detail"]) + mend
