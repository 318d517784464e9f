"""Whether a request was sent by a page of ours: what changes something must not come from a page of another site."""

from urllib.parse import urlsplit

from starlette.requests import Request

from ui.access.visitors import visitor_of
from ui.texts import say
from vectorstore.errors import ZhengceError


class OtherSiteError(ZhengceError):
    """A page of another site made the browser send this."""


def same_site(request: Request) -> None:
    """Refuse what a page of another site sends: browsers ask before a DELETE, but not before a form.

    Who shows a key may be anywhere: no browser adds a key by itself.
    """
    if visitor_of(request).key:
        return
    fetched = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    # browsers say where a request is from only where the connection is safe; programs say neither
    other = fetched not in ("same-origin", "none") if fetched else False
    if not fetched and origin:
        other = urlsplit(origin).netloc != request.headers.get("host")
    if other:
        raise OtherSiteError(say("upload_other_site"))


def same_site_to_change(request: Request) -> None:
    """Refuse what changes something and was sent by a page of another site."""
    if request.method not in ("GET", "HEAD"):
        same_site(request)
