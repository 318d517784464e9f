"""The components of the desk and which event calls what: ``add_desk`` within the page's blocks."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ui.page.desk import TOOLS
from ui.texts import Lang

if TYPE_CHECKING:
    import gradio as gr

    from ui.wiring import Services

MakeBlock = Callable[[str, str | None], "gr.HTML"]


class Desk:
    """The blocks of the desk: the tabs, and for each tool what it is given and what it found."""

    def __init__(self, block: MakeBlock) -> None:
        import gradio as gr

        self.forms: dict[str, gr.HTML] = {}
        self.results: dict[str, gr.HTML] = {}
        with gr.Column(elem_id="bench"):
            self.tabs = block("desk-tabs", "desk.js")
            for tool in TOOLS:
                with gr.Column(elem_id=f"pane-{tool}", elem_classes="pane"):
                    self.forms[tool] = block(f"form-{tool}", "desk_form.js")
                    self.results[tool] = block(f"result-{tool}", "desk_result.js")

    @property
    def opening(self) -> "list[Any]":
        """What happens where a citation is clicked."""
        return [result.select for result in self.results.values()]

    def connect(self, page: "gr.Blocks", services: "Services", lang: Lang, at_once: dict[str, Any]) -> None:
        """Let the events of the desk call its acts."""
        from ui.page.desk.acts import LISTING, DeskActs

        acts = DeskActs(services, lang)
        page.load(acts.greet_desk, None, [self.tabs, *self.forms.values()], **at_once)
        self.tabs.input(acts.relist, None, [self.forms[tool] for tool in LISTING], **at_once)
        self.forms["check"].upload(acts.take_draft, None, self.forms["check"], **at_once)
        for tool in TOOLS:
            latest: dict[str, Any] = {**at_once, "trigger_mode": "always_last"}
            self.forms[tool].submit(acts.running(tool), None, self.results[tool], **latest)
