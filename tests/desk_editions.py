"""Editions for tests of the version diff: a document whose units are dropped, added, moved, cut and changed at random."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.desk.diff import Change
from assistant.figures import figures
from ingest.pipeline import read_parts
from vectorstore.records import Document, Unit, UnitType
from vectorstore.text import sentence_spans

Edition = tuple[Document, list[Unit]]
NUMBERED = (UnitType.TASK, UnitType.MEASURE)


def read(text: str) -> Edition:
    """The one document of a text."""
    document, units, _chunks = read_parts(text.encode(), "方案.txt")[0]
    return document, units


@dataclass
class Draft:
    """A unit of a new edition: which old units it comes from, and what is to be told of it."""

    unit: Unit
    text: str  # without its label
    origins: tuple[int, ...]
    change: Change = Change.UNCHANGED
    tied: bool = False  # edited already, or bound to one that is


def label(unit: Unit) -> str:
    """The printed label of a numbered unit with what closes it."""
    match = re.match(r"\s*(?:\d+[.．、]|[(（][一二三四五六七八九十]+[)）])", unit.text)
    return match[0] if match and unit.type in NUMBERED else ""


def drafts(edition: Edition) -> list[Draft]:
    """The units of an edition, unchanged."""
    return [Draft(unit, unit.text[len(label(unit)) :], (at,)) for at, unit in enumerate(edition[1])]


def typeset(document: Document, made: Sequence[Draft]) -> Edition:
    """The edition of ``made``: tasks numbered through, measures as they are, all else at its place."""
    units: list[Unit] = []
    at = task = 0
    for draft in made:
        unit, text = draft.unit, draft.text
        if unit.type is UnitType.TASK:
            task += 1
            text = f"{task}．{text}"
            unit = replace(unit, task_number=task, locator=(*unit.locator[:-1], str(task)), label=f"任务{task}")
        else:
            text = label(unit) + text
        spans = tuple(sentence_spans(text, at))
        units.append(replace(unit, text=text, start=at, end=at + len(text), ordinal=len(units), sentences=spans))
        at += len(text) + 1
    whole = "\n".join(unit.text for unit in units)
    return replace(document, id="new", text=whole), [replace(unit, document_id="new") for unit in units]


class Editor:
    """Edits drafts at random, each unit once, and notes what it did."""

    def __init__(self, made: list[Draft], others: Sequence[str], seed: int) -> None:
        self.made = made
        self.dropped: list[int] = []
        self._others = others  # sentences of other documents
        self._random = random.Random(seed)

    def edit(self, verb: str) -> bool:
        """Do one edit; False where no unit is left for it."""
        tasks = [at for at, one in enumerate(self.made) if one.unit.type is UnitType.TASK and not one.tied]
        self._random.shuffle(tasks)
        return any(getattr(self, f"_{verb}")(at) for at in tasks)

    def _tie(self, at: int, text: str, change: Change) -> bool:
        draft = self.made[at]
        draft.text, draft.change, draft.tied = text, change, True
        return True

    def _drop(self, at: int) -> bool:
        self.dropped += self.made[at].origins
        del self.made[at]
        return True

    def _add(self, at: int) -> bool:
        text = "".join(self._random.sample(list(self._others), 3))
        self.made.insert(at, Draft(self.made[at].unit, text, (), Change.ADDED, tied=True))
        return True

    def _swap(self, at: int) -> bool:
        rest = [i for i, one in enumerate(self.made) if one.unit.type is UnitType.TASK and i != at and not one.tied]
        if not rest:
            return False
        to = self._random.choice(rest)
        one, other = self.made[at], self.made[to]
        one.tied = other.tied = True
        one.unit, other.unit = other.unit, one.unit
        self.made[at], self.made[to] = other, one
        return True

    def _split(self, at: int) -> bool:
        draft = self.made[at]
        ends = [span.end for span in sentence_spans(draft.text)][:-1]
        ends = [end for end in ends if end > 15 and len(draft.text) - end > 15]
        if not ends:
            return False
        end = self._random.choice(ends)
        second = Draft(draft.unit, draft.text[end:], draft.origins, Change.SPLIT, tied=True)
        self._tie(at, draft.text[:end], Change.SPLIT)
        self.made.insert(at + 1, second)
        return True

    def _merge(self, at: int) -> bool:
        if at + 1 >= len(self.made) or self.made[at + 1].tied or self.made[at + 1].unit.type is not UnitType.TASK:
            return False
        draft, second = self.made[at], self.made.pop(at + 1)
        draft.origins += second.origins
        return self._tie(at, draft.text + second.text, Change.MERGED)

    def _figure(self, at: int) -> bool:
        text = self.made[at].text
        found = [one for one in figures(text) if re.fullmatch(r"\d+\D*", one.text) and one.unit not in ("", "号")]
        if not found:
            return False
        one = self._random.choice(found)
        digits = re.match(r"\d+", one.text)
        assert digits
        other = str(int(digits[0]) + self._random.choice((1, 2, 5, 10)))
        end = one.start + digits.end()
        return self._tie(at, text[: one.start] + other + text[end:], Change.TARGETS)

    def _reword(self, at: int) -> bool:
        """Replace up to a third of the clauses, none with figures, by clauses of other documents."""
        parts = re.split(r"(?<=[,，。;；])", self.made[at].text)
        free = [
            i for i, part in enumerate(parts) if len(part) > 5 and not re.search(r"[\d一二两三四五六七八九十百]", part)
        ]
        some = self._random.sample(free, min(len(free), max(1, len(parts) // 3)))
        clauses = [c for s in self._others for c in re.split(r"(?<=[,，。;；])", s) if len(c) > 5]
        clauses = [clause for clause in clauses if not re.search(r"[\d一二两三四五六七八九十百]", clause)]
        for i in some:
            parts[i] = self._random.choice(clauses)
        return bool(some) and self._tie(at, "".join(parts), Change.REWORDED)

    def expected(
        self, old: Sequence[Unit], new: Sequence[Unit]
    ) -> set[tuple[Change, tuple[int, ...], tuple[int, ...]]]:
        """What a diff should tell of the citable units: the change, the ordinals of the old and of the new ones."""
        told = {(Change.DROPPED, (at,), ()) for at in self.dropped}
        splits: dict[int, list[int]] = {}
        for at, draft in enumerate(self.made):
            if not draft.unit.type.citable:
                continue
            if draft.change is Change.SPLIT:
                splits.setdefault(draft.origins[0], []).append(at)
                continue
            change = draft.change
            if change is Change.UNCHANGED and old[draft.origins[0]].locator != new[at].locator:
                change = Change.RENUMBERED
            told.add((change, draft.origins, (at,)))
        return told | {(Change.SPLIT, (one,), tuple(others)) for one, others in splits.items()}
