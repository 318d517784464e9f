"""The sign-in page and its two actions: ``sign_in_router(accounts, settings, auditor)``: a plain form that needs no script."""

from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ui.access.doors import SIGN_IN, SIGN_OUT
from ui.access.limits import client_address
from ui.access.sign_in_gate import SignInGate
from ui.access.visitors import SESSION_COOKIE, cookie
from ui.page.content import OTHER
from ui.page.shell import page_head
from ui.page.templates import render
from ui.state.accounts import account_key
from ui.state.actions import SIGN_IN_FAILED, SIGNED_IN
from ui.state.errors import SignInError

if TYPE_CHECKING:
    from ui.auditing import Auditor
    from ui.settings import Settings
    from ui.state.accounts import Accounts
    from ui.texts import Lang


def sign_in_router(accounts: "Accounts", settings: "Settings", auditor: "Auditor") -> APIRouter:
    """Return the routes by which people sign in and out."""
    router = APIRouter(include_in_schema=False)
    gate = SignInGate()
    seconds = settings.session_hours * 3600

    @router.get(SIGN_IN)
    def form(to: Annotated[str, Query(alias="next", max_length=2000)] = "/") -> HTMLResponse:
        """Show the form."""
        return HTMLResponse(_page(_language(to, settings), _own(to)))

    @router.post(SIGN_IN)
    async def sign_in(
        request: Request,
        name: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=1000)],
        to: Annotated[str, Form(alias="next", max_length=2000)] = "/",
    ) -> Response:
        """Start a session."""

        def check() -> str:
            try:
                token = accounts.sign_in(name, password)
            except SignInError:
                # only a name that is somebody's is kept: people type passwords into the wrong field
                auditor.note(_somebody(name, accounts), SIGN_IN_FAILED)
                raise
            auditor.note(_somebody(name, accounts), SIGNED_IN)
            return token

        try:
            token = await gate.enter(client_address(request.scope), account_key(name), check)
        except SignInError as error:
            page = _page(_language(to, settings), _own(to), name, str(error))
            headers = {"retry-after": str(error.seconds)} if error.seconds else None
            return HTMLResponse(page, 429 if error.seconds else 401, headers)
        return RedirectResponse(
            _own(to), 303, headers={"set-cookie": cookie(SESSION_COOKIE, token, seconds, request.scope)}
        )

    @router.post(SIGN_OUT)
    def sign_out(request: Request) -> Response:
        """End the session."""
        accounts.sign_out(request.cookies.get(SESSION_COOKIE, ""))
        return RedirectResponse(SIGN_IN, 303, headers={"set-cookie": cookie(SESSION_COOKIE, "", 0, request.scope)})

    return router


def _somebody(name: str, accounts: "Accounts") -> str:
    """Return the user that is called ``name`` as they are kept; nothing where there is none."""
    user = accounts.find(name)
    return user.name if user else ""


def _page(lang: "Lang", to: str, name: str = "", problem: str | None = None) -> str:
    return render("sign_in.html", lang, head=page_head(lang), to=to, name=name, problem=problem)


def _language(to: str, settings: "Settings") -> "Lang":
    """Return the language of the page that the visitor is on the way to."""
    other = OTHER[settings.lang]
    return other if to.split("?")[0].rstrip("/") == f"/{other}" else settings.lang


def _own(address: str) -> str:
    """Return ``address`` if it is a path of ours, else the start page: a link must not lead elsewhere after signing in."""
    parts = urlsplit(address)
    own = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return address if own and address.isprintable() else "/"
