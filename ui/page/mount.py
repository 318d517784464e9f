"""Serving the page: ``mount_page`` puts it on an application, in our language at ``/`` and in the other beside it."""

from typing import TYPE_CHECKING

from ui.page.blocks import build_page
from ui.page.content import OTHER
from ui.page.event_loop import in_event_loop, silence_gradio
from ui.page.shell import PageShell

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.texts import Lang
    from ui.wiring import Services

_FONT = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "system-ui", "sans-serif"]
_FONT_MONO = ["ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"]


@in_event_loop
def mount_page(app: "FastAPI", services: "Services") -> "FastAPI":
    """Serve the page of ``services``, after the routes that ``app`` has, and return ``app``."""
    silence_gradio()
    lang = services.settings.lang
    _mount(app, services, OTHER[lang], f"/{OTHER[lang]}")
    _mount(app, services, lang, "/")
    return app


def _mount(app: "FastAPI", services: "Services", lang: "Lang", path: str) -> None:
    import gradio as gr
    from starlette.middleware import Middleware

    from ui.page.doors import PageDoors

    page = build_page(services, lang)
    gr.mount_gradio_app(
        app,
        page,
        path=path,
        app_kwargs={"middleware": [Middleware(PageDoors, page=page), Middleware(PageShell, lang=lang)]},
        theme=gr.themes.Base(neutral_hue="slate", font=_FONT, font_mono=_FONT_MONO).set(
            body_background_fill="#f3f5f7", body_background_fill_dark="#12161b"
        ),
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
    )
