"""The HTML document around the page: our own head, and nothing in it that names another host.

Gradio's document comes with previews for social networks (pictures on other hosts, its own name). ``PageShell`` takes
them out as the document leaves and puts in our language, title, icon and styles, which are there before any script.
"""

import re
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.page.templates import asset, render
from ui.texts import Lang

_FOREIGN = re.compile(
    r"""<meta\b[^>]*\b(?:property|name)="(?:og|twitter):[^>]*>  # previews for social networks
      | <link\b[^>]*\bhref="(?:https?:)?//[^>]*>          # fonts, preconnects
      | <script\b[^>]*\bsrc="(?:https?:)?//[^>]*>\s*</script>
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LANGUAGE: dict[Lang, str] = {"zh": "zh-CN", "en": "en"}


def page_head(lang: Lang) -> str:
    """Return what the head of the page holds beside Gradio's own scripts."""
    icon = f"data:image/svg+xml,{quote(asset('icon.svg'))}"
    return render("head.html", lang, icon=icon, styles=asset("page.css") + asset("desk.css"), script=asset("page.js"))


def dress(html: str, head: str, lang: Lang) -> str:
    """Return the document ``html`` without the names of other hosts, in the language ``lang``, with ``head``."""
    own = _FOREIGN.sub("", html)
    own = re.sub(r'(<html\b[^>]*?)\s+lang="[^"]*"', rf'\1 lang="{_LANGUAGE[lang]}"', own, count=1)
    return own.replace("</head>", f"{head}</head>", 1)


class PageShell:
    """ASGI middleware that dresses every HTML document that passes."""

    def __init__(self, app: ASGIApp, lang: Lang) -> None:
        self._app = app
        self._lang = lang
        self._head = page_head(lang)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        held: Message | None = None
        body = bytearray()

        async def send_dressed(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start" and _is_html(message):
                held = message
            elif message["type"] == "http.response.body" and held:
                body.extend(message.get("body", b""))
                if not message.get("more_body"):
                    dressed = dress(body.decode(), self._head, self._lang).encode()
                    MutableHeaders(scope=held)["content-length"] = str(len(dressed))
                    await send(held)
                    await send({"type": "http.response.body", "body": dressed})
            else:
                await send(message)

        await self._app(scope, receive, send_dressed)


def _is_html(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
