"""Results of the desk tools as files: which format each can have, and who writes it.

result, ".xlsx" → write_file → tables → tables_xlsx │ tables_csv
→ check_docx │ diff_files │ sheet_files
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from assistant.desk.check import Check
from assistant.desk.diff import Diff
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.desk.texts import tell
from ui.texts import Lang
from vectorstore.errors import DeskError


class CheckedDraft(Check):
    """A check with the draft of which it is, as its marked-up copy needs it; as JSON it is the check.

    ``text`` is what the sentences' offsets count in; ``original`` the bytes of the file that it was read from, None
    where it was typed. A file that is no DOCX is marked up as its text.
    """

    text: str = Field(exclude=True, repr=False)
    original: bytes | None = Field(default=None, exclude=True, repr=False)

    @classmethod
    def of(cls, check: Check, text: str, original: bytes | None = None) -> "CheckedDraft":
        """Return ``check`` with the ``text`` that was checked."""
        return cls(sentences=check.sentences, text=text, original=original)


FORMATS: Mapping[type[BaseModel], tuple[str, ...]] = {
    CheckedDraft: (".docx", ".xlsx", ".csv"),
    Check: (".xlsx", ".csv"),
    Found: (".xlsx", ".csv"),
    Ledger: (".xlsx", ".csv"),
    Evidence: (".xlsx", ".csv"),
    Diff: (".html", ".docx"),
    Sheet: (".docx", ".pdf"),
}
"""The formats of each result, by the ends of their files' names, the most useful first."""


def write_file(result: BaseModel, suffix: str, lang: Lang = "zh", at: datetime | None = None) -> bytes:
    """Return ``result`` as a file of the format ``suffix`` (".xlsx"), made ``at`` (aware, by default now).

    Raises DeskError where such a result has no such format, ExportError where it cannot be made here.
    """
    formats = FORMATS.get(type(result), ())
    if suffix not in formats:
        raise DeskError(tell("no_format", lang, suffix=suffix, formats=tell("listed", lang).join(formats)))
    moment = at or datetime.now().astimezone()
    match result:
        case CheckedDraft() if suffix == ".docx":
            from ui.desk.check_docx import check_docx

            return check_docx(result, result.text, result.original, lang, moment)
        case Diff():
            return _diff(result, suffix, lang, moment)
        case Sheet():
            from ui.desk.sheet_files import sheet_docx, sheet_pdf

            write = sheet_docx if suffix == ".docx" else sheet_pdf
            return write(result, lang, at=moment)
    return _table(result, suffix, lang, moment)


def _diff(result: Diff, suffix: str, lang: Lang, at: datetime) -> bytes:
    from ui.desk.diff_files import diff_docx, diff_html

    if suffix == ".html":
        page = diff_html(result, lang, at=at)
        return page.encode() if isinstance(page, str) else page
    return diff_docx(result, lang, at=at)


def _table(result: BaseModel, suffix: str, lang: Lang, at: datetime) -> bytes:
    from ui.desk.tables import table_of

    table = table_of(result, lang)
    if suffix == ".csv":
        from ui.desk.table_files import table_csv

        return table_csv(table)
    from ui.desk.table_files import table_xlsx

    return table_xlsx(table, result.targets if isinstance(result, Ledger) else (), lang, at)
