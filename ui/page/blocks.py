"""The page's components and which event calls what: ``build_page(services, lang)``.

What an event sends from the browser is data in a click's attributes (see ``acts``); what it gets back is whole blocks of
HTML, of which Gradio changes only the nodes that differ.
"""

from typing import TYPE_CHECKING, Any

from ui.page.desk.blocks import Desk
from ui.page.event_loop import in_event_loop, silence_gradio
from ui.page.templates import asset, render
from ui.page.texts import say
from ui.texts import Lang

if TYPE_CHECKING:
    import gradio as gr

    from ui.wiring import Services

AT_ONCE = 4  # questions that are answered at the same time; the others wait


@in_event_loop
def build_page(services: "Services", lang: Lang) -> "gr.Blocks":
    """Return the page of ``services`` in ``lang``, to be served by ``mount_page``."""
    silence_gradio()
    import gradio as gr

    from ui.page.acts import Acts, Seat

    with gr.Blocks(title=say("title", lang), fill_width=True, analytics_enabled=False) as page:
        seat = gr.State(Seat())
        top = _html("top", "top.js")
        with gr.Row(elem_id="desk"):
            with gr.Column(elem_id="drawer"):
                sidebar = _html("sidebar", "sidebar.js")
            with gr.Column(elem_id="chat"):
                transcript = _html("transcript", "chat.js", render("opening.html", lang))
                filters = _html("filters", "filters.js")
                question = gr.Textbox(
                    label=say("question", lang), placeholder=say("question_hint", lang), lines=1, max_lines=6,
                    show_label=False, container=False, submit_btn=say("send", lang), elem_id="question",
                    html_attributes=gr.InputHTMLAttributes(enterkeyhint="send", spellcheck=False),
                )  # fmt: skip
            with gr.Column(elem_id="browser"):
                tasks = _html("tasks", "tasks.js")
            with gr.Column(elem_id="library"):
                _html("uploader", "uploader.js", render("uploader.html", lang))
                documents = _html("documents", "documents.js")
            desk = Desk(_html)
            with gr.Column(elem_id="side"):
                panel = _html("panel", "source.js")
        _html("dialogs", None, render("dialog.html", lang))
        acts = Acts(services, lang)
        quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
        at_once: dict[str, Any] = {**quiet, "queue": False}
        talk = [transcript, sidebar, filters, seat]
        page.load(acts.greet, None, [top, *talk, tasks, documents, panel], **at_once)
        asking = gr.on(
            [question.submit, transcript.submit, panel.submit], acts.ask, [question, seat],
            [transcript, question, sidebar, seat], concurrency_limit=AT_ONCE, trigger_mode="once", **quiet,
        )  # fmt: skip
        question.stop(acts.stop, [seat], [transcript, question], cancels=[asking], **at_once)
        gr.on([sidebar.select, sidebar.clear], acts.open, [seat], [*talk, question], cancels=[asking], **at_once)
        gr.on([sidebar.input, sidebar.edit, sidebar.delete], acts.arrange, [seat], talk, **at_once)
        transcript.like(acts.rate, [seat], transcript, **at_once)
        filters.input(acts.limit, [seat], [filters, seat], **at_once)
        tasks.input(acts.browse, None, tasks, **at_once)
        # what is asked for while a list is on its way must not get lost: the list would stay as it was
        gr.on([documents.input], acts.tend, None, [documents, tasks], trigger_mode="always_last", **at_once)
        documents.edit(acts.tend, None, [documents, tasks], trigger_mode="multiple", **at_once)
        desk.connect(page, services, lang, at_once)
        opening = [transcript.select, panel.select, tasks.select, documents.select, *desk.opening]
        gr.on([*opening, panel.clear], acts.open_source, None, panel, trigger_mode="multiple", **at_once)
    # what is beyond its end is refused, and what waits in it is not called past it
    return page.queue(max_size=services.settings.max_concurrent, api_open=False)


def _html(name: str, script: str | None, value: str = "") -> "gr.HTML":
    import gradio as gr

    return gr.HTML(value, apply_default_css=False, js_on_load=asset(script) if script else None, elem_id=name)
