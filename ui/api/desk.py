"""The routes of the desk tools: check, find, targets, diff, evidence, match. Each result is also to be had as a file.

``format=json`` (the default) answers with the model; any other with a file to keep. The form of an upload is read only
after its sender was let in.
"""

from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from assistant.desk.check import Check
from assistant.desk.diff import Diff
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.access.arrival import body_limit
from ui.access.scopes import requires
from ui.access.visitors import visitor_of
from ui.api.sources import limits
from ui.desk.desk import MAX_RELATED, MAX_TERM, RELATED, Desk
from ui.desk.draft_files import read_draft
from ui.desk.files import CheckedDraft
from ui.desk.formats import MEDIA, Format, file_of
from ui.desk.texts import tell
from ui.questions import NOT_BLANK, Filters, Short
from ui.texts import say
from ui.wiring import Services
from vectorstore.errors import DeskError

PREFIX = "/api/v1/desk"
Marked = Literal["json", "docx", "xlsx", "csv"]
Tabled = Literal["json", "xlsx", "csv"]
Compared = Literal["json", "html", "docx"]
Printed = Literal["json", "docx", "pdf"]

_Limits = Annotated[Filters, Depends(limits)]
_UPLOAD = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
M = TypeVar("M", bound=BaseModel)


class Draft(BaseModel):
    """A draft to be checked; ``filters`` say against what."""

    text: str = Field(json_schema_extra=dict(NOT_BLANK))
    filters: Filters = Field(default_factory=Filters)


class Enterprise(BaseModel):
    """What an enterprise says of itself; ``filters`` say where to look."""

    description: str = Field(json_schema_extra=dict(NOT_BLANK))
    filters: Filters = Field(default_factory=Filters)


def desk_router(services: Services) -> APIRouter:
    """Return the routes of the tools."""
    router = APIRouter(prefix="/desk", tags=[say("api_desk")], dependencies=[Depends(requires("desk"))])
    _add_checking(router, services)
    _add_looking(router, services)
    _add_relating(router, services)
    return router


def _add_checking(router: APIRouter, services: Services) -> None:
    limit = body_limit(services.settings, "POST", f"{PREFIX}/check/file")

    @router.post("/check", summary=say("api_desk_check"), response_model=Check, responses=_files("docx", "xlsx", "csv"))
    def check(
        request: Request, draft: Draft, into: Annotated[Marked, Query(alias="format")] = "json"
    ) -> Check | Response:
        """Return what each sentence of a text is to the sources."""
        found = _desk(services, request).check(draft.text, draft.filters)
        return _given(found, into, "check", services, CheckedDraft.of(found, draft.text))

    @router.post(
        "/check/file",
        summary=say("api_desk_check_file"),
        response_model=Check,
        responses=_files("docx", "xlsx", "csv"),
        openapi_extra=_UPLOAD,
        max_body_size=limit,
    )
    async def check_file(
        request: Request, filters: _Limits, into: Annotated[Marked, Query(alias="format")] = "json"
    ) -> Check | Response:
        """Return what each sentence of a file is to the sources; the file is read, and not kept."""
        name, data = await _sent(request)

        def work() -> Check | Response:
            draft = read_draft(data, name, services.settings)
            found = _desk(services, request).check(draft.text, filters)
            return _given(found, into, "check", services, CheckedDraft.of(found, draft.text, data))

        return await run_in_threadpool(work)


def _add_looking(router: APIRouter, services: Services) -> None:
    @router.get("/find", summary=say("api_desk_find"), response_model=Found, responses=_files("xlsx", "csv"))
    def find(
        request: Request,
        term: Annotated[str, Query(max_length=MAX_TERM, json_schema_extra=dict(NOT_BLANK))],
        filters: _Limits,
        related: Annotated[int, Query(ge=0, le=MAX_RELATED)] = RELATED,
        into: Annotated[Tabled, Query(alias="format")] = "json",
    ) -> Found | Response:
        """Return every unit that mentions ``term``, and at most ``related`` that mean it without the word."""
        return _given(_desk(services, request).find(term, filters, related), into, "find", services)

    @router.get("/targets", summary=say("api_desk_targets"), response_model=Ledger, responses=_files("xlsx", "csv"))
    def targets(
        request: Request, filters: _Limits, into: Annotated[Tabled, Query(alias="format")] = "json"
    ) -> Ledger | Response:
        """Return every quantified target and dated commitment of ``document``, or of all that are no reports."""
        return _given(_desk(services, request).targets(filters=filters), into, "targets", services)

    @router.post("/match", summary=say("api_desk_match"), response_model=Sheet, responses=_files("docx", "pdf"))
    def match(
        request: Request, enterprise: Enterprise, into: Annotated[Printed, Query(alias="format")] = "json"
    ) -> Sheet | Response:
        """Return what the sources hold for an enterprise, as a sheet of which every line is cited."""
        found = _desk(services, request).match(enterprise.description, enterprise.filters)
        return _given(found, into, "match", services)


def _add_relating(router: APIRouter, services: Services) -> None:
    @router.get("/diff", summary=say("api_desk_diff"), response_model=Diff, responses=_files("html", "docx"))
    def diff(
        request: Request, old: Short, new: Short, into: Annotated[Compared, Query(alias="format")] = "json"
    ) -> Diff | Response:
        """Return what changed from the document ``old`` to the document ``new``, unit by unit."""
        return _given(_desk(services, request).diff(old, new), into, "diff", services)

    @router.get("/evidence", summary=say("api_desk_evidence"), response_model=Evidence, responses=_files("xlsx", "csv"))
    def evidence(
        request: Request,
        filters: _Limits,
        policy: Short | None = None,
        report: Short | None = None,
        into: Annotated[Tabled, Query(alias="format")] = "json",
    ) -> Evidence | Response:
        """Return which paragraphs of reports bear on which tasks, of one ``policy`` or ``report`` where it is named."""
        return _given(_desk(services, request).evidence(policy, report, filters), into, "evidence", services)


def _desk(services: Services, request: Request) -> Desk:
    return Desk(services, visitor_of(request).owner)


async def _sent(request: Request) -> tuple[str, bytes]:
    """Return the name and the bytes of the one file in the form of ``request``. Raises DeskError."""
    try:
        form = await request.form(max_files=1, max_fields=1)
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    except HTTPException as error:
        if error.status_code == 413:
            raise
        raise DeskError(say("desk_upload_form")) from error
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise DeskError(say("desk_upload_form"))
        return _named(file), await file.read()
    finally:
        await form.close()


def _named(file: UploadFile) -> str:
    """Return a harmless name for what a stranger called a file; its suffix helps to tell the format."""
    from ui.library.shelf import safe_name

    return safe_name(file.filename or "")


def _files(*formats: Format) -> dict[int | str, dict[str, Any]]:
    """Return how the description of the API tells of the files that a route can answer with."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {200: {"content": {MEDIA[one].partition(";")[0]: binary for one in formats}}}


def _given(found: M, into: Format, tool: str, services: Services, marked: BaseModel | None = None) -> M | Response:
    """Return ``found`` itself for JSON, else as a file (of ``marked`` where a file needs more than the result)."""
    if into == "json":
        return found
    lang = services.settings.lang
    body = file_of(marked or found, f".{into}", lang)
    name = quote(f"{tell(f'tab_{tool}', lang)}.{into}")
    disposition = f"attachment; filename*=UTF-8''{name}"
    return Response(body, media_type=MEDIA[into], headers={"content-disposition": disposition})
