"""What the properties of an office file say of it: title, author, company, days.

Programs fill them in unasked (the title of the file that was written over, the name of a computer), so that nothing of
them counts that the text does not print.
"""

import re
from collections.abc import Iterable, Sequence

from ingest.lines import Line, Said
from ingest.metadata.bodies import is_body, split_bodies
from ingest.metadata.days import DAY, first_day, iso
from ingest.metadata.file_name import bare, read_file_name
from vectorstore.text import fold

_PROGRAM = re.compile(r"^(?:Microsoft\s+\w+|WPS[^-]{0,12}|PowerPoint[^-]{0,12})\s*-\s*", re.IGNORECASE)
_SUFFIX = re.compile(r"\.(?:docx?|docm|wps|rtf|odt|pdf|ofd|txt|html?)$", re.IGNORECASE)
_STAMP = re.compile(r"(?:D:)?(\d{4})-?(\d{2})-?(\d{2})")
_FRONT, _BACK = 40, 12  # lines in which titles, bodies and days of a document stand
_LEAST = 6  # letters of a title that is found again by no accident


def believed(lines: Sequence[Line], title: str, bodies: Iterable[str], stamps: Iterable[str]) -> Said:
    """Return what the text of ``lines`` bears out of a ``title``, of names of ``bodies`` and of ``stamps`` of time."""
    front = [line.text for line in lines[:_FRONT]]
    around = [*front, *(line.text for line in lines[max(len(front), len(lines) - _BACK) :])]
    printed = {day for text in around for match in DAY.finditer(fold(text)) if (day := iso(match))}
    letters = bare("".join(around))
    called = read_file_name(_SUFFIX.sub("", _PROGRAM.sub("", title.strip())) + ".x").title
    wanted = bare(called)
    named = [body for text in bodies for body in split_bodies(text.strip()) if is_body(body) and bare(body) in letters]
    days = [day for stamp in stamps if (day := _day(stamp)) in printed]
    return Said(
        named=called if len(wanted) >= _LEAST and wanted in bare("".join(front)) else None,
        body=named[0] if named else None,
        day=days[0] if days else None,
    )


def _day(stamp: str) -> str | None:
    match = _STAMP.match(stamp.strip())
    return first_day("-".join(match.groups()), printed=False) if match else None
