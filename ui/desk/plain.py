"""Results of the desk tools as text: what the command line prints and what a model that called a tool reads."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from assistant.answer import Citation
from assistant.desk.check import Check, Verdict
from assistant.desk.diff import Change, Compared, Diff, Edition
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.desk.tables import differences
from ui.desk.texts import tell
from ui.texts import Lang, say


def as_text(result: BaseModel, lang: Lang = "zh") -> str:
    """Return the result of a tool as lines. Raises KeyError for another model."""
    return "\n".join(_LINES[type(result)](result, lang))


def changes(found: Diff, lang: Lang = "zh", *, every: bool = True) -> Iterator[str]:
    """Yield the lines of a diff; without ``every`` those of units that did not change are left out."""
    yield say("desk_sides", lang, old=_edition(found.old), new=_edition(found.new))
    yield _counted([(f"change_{one}", found.counts.get(one, 0)) for one in Change], lang)
    for one in found.changes:
        if every or one.change is not Change.UNCHANGED:
            yield from _compared(one, lang)


def _check(found: Check, lang: Lang) -> Iterator[str]:
    verdicts = [one.verdict for one in found.sentences]
    yield _counted([(f"verdict_{one}", verdicts.count(one)) for one in Verdict], lang)
    for number, one in enumerate(found.sentences, 1):
        yield f"{number}. [{tell(f'verdict_{one.verdict}', lang)}] {one.text.strip()}"
        if one.differences:
            yield f"   {differences(one.differences, lang)}"
        if one.citation:
            yield f"   {_quoted('→', one.citation, lang)}"


def _find(found: Found, lang: Lang) -> Iterator[str]:
    yield tell("counts", lang, term=found.term, **found.counts.model_dump())
    for key, citations in (("exact", found.exact), ("related", found.related)):
        yield f"\n{tell(key, lang, count=len(citations))}" if citations else f"\n{tell(f'no_{key}', lang)}"
        yield from _listed(citations, lang)


def _targets(found: Ledger, lang: Lang) -> Iterator[str]:
    yield tell("targets_count", lang, count=len(found.targets))
    for number, one in enumerate(found.targets, 1):
        figure = f"{one.comparator}{'' if one.value is None else one.value}{one.unit}"
        limits = [f"{tell(name, lang)} {told}" for name in ("baseline", "deadline") if (told := getattr(one, name))]
        yield f"{number}. {' · '.join(filter(None, (one.subject, figure, *limits)))}"
        yield f"   {_quoted('→', one.citation, lang)}"


def _diff(found: Diff, lang: Lang) -> Iterator[str]:
    return changes(found, lang)


def _compared(one: Compared, lang: Lang) -> Iterator[str]:
    sides = [
        tell("listed", lang).join(unit.label or unit.quote.strip()[:20] for unit in side) for side in (one.old, one.new)
    ]
    moved = f"，{tell('renumbered_too', lang)}" if one.renumbered and one.change is not Change.RENUMBERED else ""
    yield f"\n[{tell(f'change_{one.change}', lang)}{moved}] {' → '.join(filter(None, sides))}"
    if one.change in (Change.UNCHANGED, Change.RENUMBERED):
        return
    marks = {"old": "[-{}-]", "new": "{{+{}+}}", "same": "{}"}
    told = "".join(marks[piece.side].format(piece.text) for piece in one.pieces)
    yield f"   {told.strip()}".replace("\n", "\n   ")
    for target in one.targets:
        nothing = tell("nothing_there", lang)
        yield f"   * {target.subject}：{target.old or nothing} → {target.new or nothing}"


def _edition(one: Edition) -> str:
    about = " · ".join(filter(None, (one.issuer, one.number, one.date)))
    return f"《{one.title}》{f'（{about}）' if about else ''}"


def _evidence(found: Evidence, lang: Lang) -> Iterator[str]:
    tasks = {(link.policy.document_id, link.policy.start) for link in found.links}
    yield tell("links_count", lang, tasks=len(tasks), links=len(found.links)) if found.links else tell("no_links", lang)
    for link in found.links:
        strength = tell("strength", lang, level=tell(f"level_{link.level}", lang), score=f"{link.strength:.2f}")
        yield f"\n{link.statement}"
        yield f"   {strength} · {tell('shared', lang)}{tell('listed', lang).join(link.shared)}"
        yield f"   {_quoted(f'[{link.policy.id}]', link.policy, lang)}"
        yield f"   {_quoted(f'[{link.news.id}]', link.news, lang)}"
    if found.unreported:
        yield f"\n{tell('unreported', lang, count=len(found.unreported))}"
        yield from _unreported(found.unreported, lang)


def _unreported(tasks: Sequence[Citation], lang: Lang) -> Iterator[str]:
    """Yield the labels of ``tasks``, a line for each document: their texts would bury the links."""
    labels: dict[str, list[str]] = {}
    for one in tasks:
        labels.setdefault(one.title, []).append(one.label)
    for title, held in labels.items():
        yield say("desk_line", lang, about=f"《{title}》", text=tell("listed", lang).join(held))


def _match(found: Sheet, lang: Lang) -> Iterator[str]:
    yield from _profile(found, lang)
    for section in found.sections:
        yield f"\n{tell(f'part_{section.part}', lang)}"
        for line in section.lines:
            marks = "".join(f"[{one}]" for one in line.citations)
            yield f"- {say('desk_line', lang, about=line.about, text=line.text.strip())}{marks}"
        if section.missing:
            yield f"- {tell('missing', lang)}{tell('listed', lang).join(section.missing)}"
        elif not section.lines:
            yield f"- {tell('nothing_in_part', lang)}"
    if found.citations:
        yield f"\n{say('citations', lang)}"
    yield from (_quoted(f"[{one.id}]", one, lang) for one in found.citations)


def _profile(found: Sheet, lang: Lang) -> Iterator[str]:
    profile = found.profile
    yield tell("understood_as", lang)
    for name, said in (
        ("sectors", tell("listed", lang).join(profile.sectors)),
        ("size", profile.size),
        ("origin", profile.origin),
        ("needs", tell("listed", lang).join(profile.needs)),
    ):
        yield f"- {say('desk_line', lang, about=tell(name, lang), text=said or tell('not_said', lang))}"


def _counted(counts: Sequence[tuple[str, int]], lang: Lang) -> str:
    return " · ".join(f"{tell(key, lang)} {count}" for key, count in counts if count)


def _listed(citations: Iterable[Citation], lang: Lang) -> Iterator[str]:
    return (_quoted(f"{number}.", one, lang) for number, one in enumerate(citations, 1))


def _quoted(mark: str, one: Citation, lang: Lang) -> str:
    return say("desk_quoted", lang, mark=mark, label=one.label, title=one.title, quote=" ".join(one.quote.split()))


_LINES: Mapping[type[BaseModel], Callable[[Any, Lang], Iterator[str]]] = {
    Check: _check,
    Found: _find,
    Ledger: _targets,
    Diff: _diff,
    Evidence: _evidence,
    Sheet: _match,
}
