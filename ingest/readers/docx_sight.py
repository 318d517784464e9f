"""Which runs of a DOCX nobody sees who reads it in print."""

from typing import TYPE_CHECKING

from ingest.readers.docx_numbering import W, value

if TYPE_CHECKING:
    from lxml.etree import _Element

_TINY = 3  # half points


def is_unseen(run: "_Element") -> bool:
    """Whether ``run`` is printed in white on white, or too small to be seen; the ground of a cell may have a colour."""
    properties = run.find(f"{W}rPr")
    if properties is None:
        return False
    size = value(properties, "sz") or ""
    if size.isdecimal() and int(size) <= _TINY:
        return True
    if (value(properties, "color") or "").upper() != "FFFFFF":
        return False
    paragraph = next(run.iterancestors(f"{W}p"), None)
    grounds = [properties, None if paragraph is None else paragraph.find(f"{W}pPr")]
    marked = any(
        one is not None and one.find(f"{W}{name}") is not None for one in grounds for name in ("shd", "highlight")
    )
    return not marked and next(run.iterancestors(f"{W}tc", f"{W}txbxContent"), None) is None
