"""The routes about documents: what is indexed, and for admins what comes in and goes out.

The form of an upload is read only after its sender was let in, so that strangers cannot fill the disk.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ui.access.arrival import MAX_FILES, body_limit
from ui.access.scopes import requires
from ui.library import Library
from ui.library.shelf import Storage, TooLargeError, UploadError, in_words
from ui.state.actions import DISCARDED, REINDEXED, REMOVED, RESTORED, UPLOADED
from ui.state.records import Upload
from ui.texts import say
from ui.views import Documents, DocumentView, DocumentWithText, Units, UnitView
from ui.views_kept import Uploads, UploadView
from ui.wiring import Services

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "maxItems": MAX_FILES,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}

_READ = [Depends(requires("read"))]
_INGEST = [Depends(requires("change"))]
_By = Annotated[str, Depends(requires("change"))]  # the owner's name of who asks


class Removed(BaseModel):
    """The titles of the documents that went."""

    removed: list[str]


class StorageView(BaseModel):
    """What the data take, in bytes; ``total`` counts the whole data folder."""

    index_bytes: int
    uploads_bytes: int
    state_bytes: int
    total: int

    @classmethod
    def of(cls, storage: Storage) -> Self:
        """Show ``storage``."""
        return cls(**asdict(storage))


def documents_router(services: Services) -> APIRouter:
    """Return the routes about documents; those that change them only where ``services`` has a library."""
    router = APIRouter(tags=[say("api_documents")])
    _add_reading(router, services)
    if services.library:
        _add_uploading(router, services, services.library)
        _add_following(router, services.library)
        _add_changing(router, services, services.library)
    return router


def _add_reading(router: APIRouter, services: Services) -> None:
    store = services.store

    @router.get("/documents", summary=say("api_list"), dependencies=_READ)
    def documents() -> Documents:
        """List the documents, without their texts."""
        found = [DocumentView.of(one, store.units(one.id), store.standing(one.id)) for one in store.documents()]
        return Documents(documents=[one.without_folder() for one in found])

    @router.get("/documents/{document_id}", summary=say("api_document"), dependencies=_READ)
    def document(document_id: str) -> DocumentWithText:
        """Return one document with its text."""
        found, units = store.document(document_id), store.units(document_id)
        return DocumentWithText.of(found, units, store.standing(document_id)).without_folder()

    @router.get("/documents/{document_id}/units", summary=say("api_units"), dependencies=_READ)
    def units(document_id: str) -> Units:
        """Return the units of one document, in order."""
        return Units(units=[UnitView.of(unit) for unit in store.units(document_id)])


def _add_uploading(router: APIRouter, services: Services, library: Library) -> None:
    limit = body_limit(services.settings, "POST", "/api/v1/documents")

    @router.post(
        "/documents",
        status_code=202,
        summary=say("api_upload"),
        openapi_extra=_FORM,
        max_body_size=limit,
    )
    async def upload(request: Request, by: _By) -> Uploads:
        """Take files, at most twenty; each is read in the background, and its outcome is at ``/uploads/{id}``."""
        try:
            form = await request.form(max_files=MAX_FILES, max_fields=MAX_FILES)
        except ClientDisconnect as error:
            raise HTTPException(400) from error
        except HTTPException as error:
            if error.status_code == 413:
                raise
            raise UploadError(say("upload_form", limit=MAX_FILES)) from error
        try:
            files = [one for one in form.getlist("files") if isinstance(one, UploadFile)]
            accepted = await run_in_threadpool(_accept, services, library, files, by)
        finally:
            await form.close()
        return Uploads(uploads=[UploadView.of(one) for one in accepted])


def _accept(services: Services, library: Library, files: Sequence[UploadFile], by: str) -> list[Upload]:
    """Take all files or, where one is too large, none."""
    if not files:
        raise UploadError(say("upload_none"))
    for one in files:
        if (one.size or 0) > library.max_bytes:
            raise TooLargeError(say("upload_one_too_large", name=one.filename, limit=in_words(library.max_bytes)))
    accepted = []
    for one in files:
        taken = library.accept(one.filename or "", one.file, by)
        services.auditor.note(by, UPLOADED, upload=taken.id, name=taken.name, sha256=taken.digest)
        accepted.append(taken)
    return accepted


def _add_following(router: APIRouter, library: Library) -> None:
    @router.get("/uploads", summary=say("api_uploads"), dependencies=_INGEST)
    def uploads() -> Uploads:
        """List the uploads."""
        return Uploads(uploads=[UploadView.of(one) for one in library.uploads()])

    @router.get("/uploads/{upload_id}", summary=say("api_upload_one"), dependencies=_INGEST)
    def upload(upload_id: str) -> UploadView:
        """Return one upload, or one reading that a reindex began."""
        return UploadView.of(library.upload(upload_id))

    @router.get("/storage", summary=say("api_storage"), dependencies=[Depends(requires("administer"))])
    def storage() -> StorageView:
        """Return what the data take."""
        return StorageView.of(library.storage())


def _add_changing(router: APIRouter, services: Services, library: Library) -> None:
    note = services.auditor.note

    @router.post("/uploads/{upload_id}/restore", status_code=202, summary=say("api_restore"))
    def restore(upload_id: str, by: _By) -> UploadView:
        """Make a version the one in the index; it is read in the background."""
        restored = library.restore(upload_id)
        note(by, RESTORED, upload=upload_id, name=restored.name)
        return UploadView.of(restored)

    @router.delete("/uploads/{upload_id}", status_code=204, summary=say("api_discard"))
    def discard(upload_id: str, by: _By) -> None:
        """Forget a version that is not in the index."""
        library.discard(upload_id)
        note(by, DISCARDED, upload=upload_id)

    @router.post("/documents/{document_id}/reindex", status_code=202, summary=say("api_reindex"))
    def reindex(document_id: str, by: _By) -> UploadView:
        """Read the file of a document again, in the background; how far it is, is at ``/uploads/{id}``."""
        reread = library.reindex(document_id, by)
        note(by, REINDEXED, document=document_id, name=reread.name)
        return UploadView.of(reread)

    @router.delete("/documents/{document_id}", summary=say("api_remove"))
    def remove(document_id: str, by: _By) -> Removed:
        """Forget the file of a document, with all that it holds and all its versions."""
        removed = library.remove_document(document_id)
        note(by, REMOVED, document=document_id, titles=removed)
        return Removed(removed=removed)
