"""Results of the desk tools as files of any format, JSON too, with what HTTP calls them."""

from typing import TYPE_CHECKING, Literal

from ui.texts import Lang

if TYPE_CHECKING:
    from pydantic import BaseModel

Format = Literal["json", "csv", "xlsx", "html", "docx", "pdf"]

_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA: dict[Format, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "pdf": "application/pdf",
}


def formats_of(kind: "type[BaseModel]") -> list[str]:
    """Return the ends of file names that a result of ``kind`` can have, JSON last."""
    from ui.desk.files import FORMATS

    return [*FORMATS[kind], ".json"]


def file_of(result: "BaseModel", suffix: str, lang: Lang) -> bytes:
    """Return ``result`` as a file of the format ``suffix`` (".xlsx").

    Raises DeskError where there is no such file of it, ExportError where it cannot be made here.
    """
    if suffix == ".json":
        return result.model_dump_json(indent=2).encode()
    from ui.desk.files import write_file

    return write_file(result, suffix, lang)
