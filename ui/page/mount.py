"""The web page: ``build_page`` puts it together, ``mount_page`` serves it.

Here is only which event calls what. What is shown comes from ``page_content`` and ``page_answer``, as HTML from the
templates in ``assets``.
"""

import asyncio
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from ui.page_answer import render_conversation
from ui.page_content import source, welcome
from ui.page_conversation import Conversation
from ui.page_templates import asset, render
from ui.page_texts import say

if TYPE_CHECKING:
    import gradio as gr
    from fastapi import FastAPI

    from ui.wiring import Services

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 4  # questions that are answered at the same time; the others wait
_FONT = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", "system-ui", "sans-serif"]
_FONT_MONO = ["ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"]


def in_event_loop(build: Callable[P, T]) -> Callable[P, T]:
    """Run ``build`` inside an event loop: outside of one, Gradio makes a loop for each of its locks and closes none."""

    @wraps(build)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        async def inside() -> T:
            return build(*args, **kwargs)

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(inside())
        return build(*args, **kwargs)

    return run


@in_event_loop
def mount_page(app: "FastAPI", services: "Services") -> "FastAPI":
    """Serve the page of ``services`` at ``/``, after the routes that ``app`` has, and return ``app``."""
    _silence_gradio()
    import gradio as gr
    from starlette.middleware import Middleware

    from ui.page_shell import PageShell

    mounted: FastAPI = gr.mount_gradio_app(
        app,
        build_page(services),
        path="/",
        app_kwargs={"middleware": [Middleware(PageShell, lang=services.settings.lang)]},
        theme=gr.themes.Base(neutral_hue="slate", font=_FONT, font_mono=_FONT_MONO).set(
            body_background_fill="#f3f5f7", body_background_fill_dark="#12161b"
        ),
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=1,  # byte: nothing is uploaded here
        ssr_mode=False,
    )
    return mounted


@in_event_loop
def build_page(services: "Services") -> "gr.Blocks":
    """Return the page of ``services``, to be served by ``mount_page``."""
    _silence_gradio()
    import gradio as gr

    lang = services.settings.lang
    with gr.Blocks(title=say("title", lang), fill_width=True, analytics_enabled=False) as page:
        conversation = gr.State()
        with gr.Row(elem_id="top"):
            gr.HTML(render("header.html", lang), apply_default_css=False, js_on_load=None, elem_id="brand")
            new = gr.Button(say("new_conversation", lang), elem_id="new", size="sm")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="chat"):
                transcript = gr.HTML(apply_default_css=False, js_on_load=asset("chat.js"), elem_id="transcript")
                question = gr.Textbox(
                    label=say("question", lang), placeholder=say("question_hint", lang), lines=1, max_lines=6,
                    show_label=False, container=False, submit_btn=say("send", lang),
                    elem_id="question", html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", spellcheck=False),
                )  # fmt: skip
            with gr.Column(elem_id="side"):
                panel = gr.HTML(apply_default_css=False, js_on_load=asset("source.js"), elem_id="panel")

        def greet(request: gr.Request) -> tuple[str, str]:
            return welcome(services), source(services, dict(request.query_params))

        def ask(event: gr.EventData, typed: str, held: Conversation | None) -> Iterator[tuple[Any, Any, Any]]:
            """Show the question at once and the answer when it is there. A button brings its question with it."""
            brought = _sent(event).get("question")
            asked = brought if isinstance(brought, str) else typed
            if asked.strip():
                waiting = (held or Conversation()).ask(asked)
                yield render_conversation(waiting, lang), gr.skip() if asked is brought else "", gr.skip()
                for grown in waiting.answers(services):
                    yield render_conversation(grown, lang), gr.skip(), grown

        def restart() -> tuple[str, str, None]:
            return welcome(services), "", None

        def open_source(event: gr.EventData) -> str:
            return source(services, _sent(event))

        def close_source() -> str:
            return source(services, {})

        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        at_once: dict[str, Any] = {**quiet, "queue": False}
        page.load(greet, None, [transcript, panel], **at_once)
        asking = gr.on(
            [question.submit, transcript.submit], ask, [question, conversation], [transcript, question, conversation],
            concurrency_limit=AT_ONCE, trigger_mode="once", **quiet,
        )  # fmt: skip
        new.click(restart, None, [transcript, question, conversation], cancels=[asking], **at_once)
        gr.on([transcript.select, panel.select], open_source, None, panel, trigger_mode="multiple", **at_once)
        panel.clear(close_source, None, panel, trigger_mode="multiple", **at_once)
    return page


def _sent(event: "gr.EventData") -> dict[str, object]:
    """Return what the browser sent with ``event``."""
    data = event._data  # noqa: SLF001 (its attributes raise where the browser sent nothing)
    return data if isinstance(data, dict) else {}


def _silence_gradio() -> None:
    """Switch off gradio's reports to its makers, which start with its import."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
