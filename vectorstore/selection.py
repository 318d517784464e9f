"""What a filter lets through, as the catalog reads it: which documents, and within them which units.

In: a Filter, and the documents that are out of force. Out: a Selection, which SQL conditions and address look-ups are
made of.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vectorstore.editions import bare_number, last_day
from vectorstore.records import Address, Filter, UnitType
from vectorstore.regions import full_name
from vectorstore.text import fold


@dataclass(frozen=True, slots=True)
class Selection:
    """Documents, and the keys of their units by address where a section narrows them down (None: all units).

    ``citable`` tells whether one of the units may be cited. ``without``, where it is given, says the same by the few
    documents that are left out: conditions on it are short, and nearly all that is found in the whole index is in it.
    """

    documents: frozenset[str]
    keys: Mapping[Address, int] | None
    citable: bool
    without: frozenset[str] | None = None

    def __contains__(self, address: Address) -> bool:
        return address[0] in self.documents and (self.keys is None or address in self.keys)

    def condition(self) -> tuple[str, str]:
        """Return the condition on a unit ``u`` in SQL, and the value of its one variable."""
        if self.keys is None:
            return self.of_documents("u.document_id")
        return "u.key IN (SELECT value FROM json_each(?))", json.dumps(list(self.keys.values()))

    def of_documents(self, column: str) -> tuple[str, str]:
        """Return the condition on the id in ``column`` in SQL, and the value of its one variable."""
        among, named = ("IN", self.documents) if self.without is None else ("NOT IN", self.without)
        return f"{column} {among} (SELECT value FROM json_each(?))", json.dumps(sorted(named))  # noqa: S608 - our own


def select(db: sqlite3.Connection, limits: Filter, hidden: frozenset[str] = frozenset()) -> Selection:
    """Return what ``limits`` let through of the catalog ``db``, without the documents ``hidden``."""
    where, values = _of_documents(db, limits, hidden)
    if limits.section:
        return _sections(db, where, values, fold(limits.section))
    selected = _whole(db, where, values)
    few = replace(limits, as_of=None) == Filter() and len(hidden) < len(selected.documents)
    return replace(selected, without=hidden) if few else selected


def _of_documents(db: sqlite3.Connection, limits: Filter, hidden: frozenset[str]) -> tuple[str, list[str]]:
    """Return the condition on a document ``d`` in SQL with its values; what has no date or region fits no limit on it."""
    within = "IN (SELECT value FROM json_each(?))"
    limited = (
        (f"d.id NOT {within}", hidden and json.dumps(sorted(hidden))),
        (f"d.id {within}", _wants_text(limits) and json.dumps(_by_text(db, limits))),
        (f"d.id {within}", limits.documents and json.dumps(limits.documents)),
        (f"d.kind {within}", limits.kinds and json.dumps(limits.kinds)),
        (f"d.region {within}", limits.regions and json.dumps([full_name(region) for region in limits.regions])),
        ("d.date >= ?", limits.since),
        ("d.date <= ?", limits.until and last_day(limits.until)),
    )
    given = [(condition, value) for condition, value in limited if value]
    return " AND ".join(condition for condition, _ in given) or "1", [str(value) for _, value in given]


def _wants_text(limits: Filter) -> bool:
    return bool(limits.title or limits.number or limits.issuers or limits.topics)


def _by_text(db: sqlite3.Connection, limits: Filter) -> list[str]:
    """Return the documents whose title, number, issuer and topic hold what is wanted, folded: SQL cannot fold."""
    wanted = (
        ("title", [fold(limits.title).strip()] if limits.title else []),
        ("number", [bare_number(limits.number)] if limits.number else []),
        ("issuer", [fold(issuer).strip() for issuer in limits.issuers]),
        ("topic", [fold(topic).strip() for topic in limits.topics]),
    )
    rows = db.execute("SELECT id, title, number, issuer, topic FROM documents")
    return [row["id"] for row in rows if all(_holds(name, row[name] or "", texts) for name, texts in wanted)]


def _holds(name: str, value: str, texts: Sequence[str]) -> bool:
    folded = bare_number(value) if name == "number" else fold(value)
    return not texts or any(text in folded for text in texts)


def _whole(db: sqlite3.Connection, where: str, values: list[str]) -> Selection:
    above = (UnitType.TITLE, UnitType.HEADING)
    rows = db.execute(
        "SELECT u.document_id, sum(u.type NOT IN (?, ?)) AS citable FROM units u"  # noqa: S608
        f" JOIN documents d ON d.id = u.document_id WHERE {where} GROUP BY u.document_id",  # conditions are our own
        (*above, *values),
    ).fetchall()
    return Selection(frozenset(row["document_id"] for row in rows), None, any(row["citable"] for row in rows))


def _sections(db: sqlite3.Connection, where: str, values: list[str], wanted: str) -> Selection:
    """Select the units under a heading that holds ``wanted``, and that heading itself."""
    rows = db.execute(
        "SELECT u.key, u.document_id, u.ordinal, u.type, u.heading_path, u.folded FROM units u"  # noqa: S608
        f" JOIN documents d ON d.id = u.document_id WHERE {where}",  # conditions are our own
        values,
    )
    keys: dict[Address, int] = {}
    citable = False
    for row in rows:
        itself = row["type"] == UnitType.HEADING and wanted in row["folded"]
        if itself or any(wanted in fold(heading) for heading in json.loads(row["heading_path"])):
            keys[row["document_id"], row["ordinal"]] = row["key"]
            citable = citable or UnitType(row["type"]).citable
    return Selection(frozenset(document for document, _ in keys), keys, citable)
