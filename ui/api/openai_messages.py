"""What an OpenAI client sends, read as a question with its history; and answers as it expects to read them.

Messages of the system, of developers and of tools are data that change nothing: only what the user and the assistant
said counts. An answer comes with its markers, and below it a list of the sources that they stand for; that list is cut
off again where the client sends the answer back as history.
"""

import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Answer, Citation, Turn
from ui.questions import Filters, Question, latest
from ui.settings import Settings
from ui.texts import Lang, say

MAX_MESSAGES = 1000
_RULE = "\n\n---\n"
_HAN = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003134f]")
_MARKDOWN = re.compile(r"([\\\[\]*_`<>])")


class RequestError(Exception):
    """A request that an OpenAI client should not have sent; ``param`` is the field, ``code`` one of OpenAI's."""

    def __init__(self, message: str, param: str, code: str | None = None, status: int = 400) -> None:
        super().__init__(message)
        self.param = param
        self.code = code
        self.status = status


class Part(BaseModel):
    """A part of a message; only texts are read."""

    model_config = ConfigDict(extra="ignore")

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """One message; names, tool calls and the like are not read."""

    model_config = ConfigDict(extra="ignore")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    """How a stream ends."""

    model_config = ConfigDict(extra="ignore")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """What is asked for; parameters that are not named here change nothing.

    ``filters`` is ours: what the question is limited to, as in ``/api/v1/ask`` (``extra_body`` of OpenAI's client).
    """

    model_config = ConfigDict(extra="ignore")

    model: str = Field(max_length=200)
    messages: list[ChatMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    tool_choice: Any = None
    function_call: Any = None
    response_format: dict[str, Any] | None = None
    filters: Filters | None = None

    def check(self, model: str) -> None:
        """Raise RequestError where something is asked for that is not done: to leave it out silently would mislead."""
        if self.model != model:
            said = say("openai_no_model", name=self.model, known=model)
            raise RequestError(said, "model", "model_not_found", 404)
        if self.n not in (None, 1):
            raise RequestError(say("openai_n"), "n", "unsupported_value")
        for name in ("tool_choice", "function_call"):
            if getattr(self, name) not in (None, "none", "auto"):
                raise RequestError(say("openai_tools", name=name), name, "unsupported_value")
        if self.response_format and self.response_format.get("type", "text") != "text":
            raise RequestError(say("openai_format"), "response_format", "unsupported_value")


def question_of(asked: ChatRequest, settings: Settings) -> Question:
    """Return the last message of the user, with as many of the turns before it as ``settings`` allow.

    Raises RequestError where there is none, or a part of one is no text.
    """
    last = max((at for at, one in enumerate(asked.messages) if one.role == "user"), default=None)
    if last is None:
        raise RequestError(say("openai_no_question"), "messages")
    said = [Turn(role=one.role, content=_text(one, at)) for at, one in enumerate(asked.messages[: last + 1])
            if one.role in ("user", "assistant")]  # fmt: skip
    *turns, question = said
    return Question(
        question=question.content,
        history=latest([[turn] for turn in turns], settings),
        filters=asked.filters or Filters(),
    )


def _text(message: ChatMessage, at: int) -> str:
    if not isinstance(message.content, list):
        text = message.content or ""
    else:
        for part in message.content:
            if part.type not in ("text", "refusal"):
                said = say("openai_part", kind=part.type[:40])
                raise RequestError(said, f"messages.{at}.content", "unsupported_value")
        text = "\n".join(part.text or "" for part in message.content)
    return _without_sources(text) if message.role == "assistant" else text


def _without_sources(text: str) -> str:
    heads = tuple(_RULE + say("openai_sources", lang) for lang in ("zh", "en"))
    return text[: min((at for head in heads if (at := text.rfind(head)) >= 0), default=len(text))]


def sources(answer: Answer, address: str, lang: Lang) -> str:
    """Return the list of what the markers of ``answer`` stand for, as Markdown; ``address`` is that of the service."""
    if not answer.citations:
        return ""
    lines = [f"- [{one.id}] [{_named(one)}]({_place(one, address)})" for one in answer.citations]
    return f"{_RULE}{say('openai_sources', lang)}\n\n" + "\n".join(lines)


def _named(citation: Citation) -> str:
    known = ", ".join(part for part in (citation.issuer, citation.date) if part)
    text = f"{citation.label} · 《{citation.title}》" + (f"（{known}）" if known else "")
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))


def _place(citation: Citation, address: str) -> str:
    where = {"document": citation.document_id, "start": citation.start, "end": citation.end}
    return f"{address}/?{urlencode(where)}"


def usage(asked: ChatRequest, said: str) -> Mapping[str, Any]:
    """Return how much was read and written. There need be no model, so that tokens are estimated from characters."""
    prompt = sum(tokens(_shown(one)) for one in asked.messages)
    completion = tokens(said)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "estimated_from": "characters",
    }


def _shown(message: ChatMessage) -> str:
    content = message.content or ""
    return content if isinstance(content, str) else "".join(part.text or "" for part in content)


def tokens(text: str) -> int:
    """Return about how many tokens ``text`` has: one for each Chinese character, one for each four of the others."""
    han = len(_HAN.findall(text))
    return han + -(-(len(text) - han) // 4)
