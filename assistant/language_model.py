"""The language model behind one interface: LangChain's chat model, for any OpenAI-compatible endpoint.

DeepSeek, Qwen, vLLM, Ollama and llama.cpp differ in their address and model name only. Messages and what comes back are
bounded; the key is never logged. What goes wrong is one error that names the mend.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vectorstore.errors import LanguageModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from assistant.local_server import LocalServer

_log = logging.getLogger(__name__)

Message = tuple[str, str]  # (system | human | ai, text)
MOST_TOKENS = 800  # that a model may write
MOST_ANSWER_CHARS = 4000  # what a model writes beyond is not read


class Usage:
    """Where a model tells how many tokens it read and wrote, if its endpoint says so. Put what wants to know there."""

    def __init__(self) -> None:
        self.tell: Callable[[int, int], None] = lambda _read, _written: None


@dataclass(frozen=True)
class LanguageModel:
    """A chat model with what it is called. ``grammatical``: it takes a GBNF grammar (llama.cpp does)."""

    name: str
    opens: "Callable[[], BaseChatModel]"
    grammatical: bool = False
    starts: Callable[[], None] = lambda: None  # called before each request: a server of its own may have died
    closes: Callable[[], None] = lambda: None
    usage: Usage = field(default_factory=Usage)

    def close(self) -> None:
        """Release what the model holds, a server of its own for example."""
        self.closes()

    @cached_property
    def _chat(self) -> "BaseChatModel":
        with _in_words(self.name):
            return self.opens()

    def write(self, messages: Sequence[Message], grammar: str | None = None) -> Iterator[str]:
        """Yield what the model writes, piece by piece. Raises LanguageModelError."""
        bound: dict[str, Any] = {"extra_body": {"grammar": grammar}} if grammar and self.grammatical else {}
        self.starts()
        chat = self._chat
        left = MOST_ANSWER_CHARS
        with _in_words(self.name):
            for chunk in chat.stream(_messages(messages), **bound):
                if told := chunk.usage_metadata:
                    self.usage.tell(told["input_tokens"], told["output_tokens"])
                piece = str(chunk.text)[:left]
                left -= len(piece)
                yield piece
                if not left:
                    return

    def say(self, messages: Sequence[Message], grammar: str | None = None) -> str:
        """Return all that the model writes. Raises LanguageModelError."""
        return "".join(self.write(messages, grammar))


def _messages(messages: Sequence[Message]) -> "list[BaseMessage]":
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    kinds = {"system": SystemMessage, "human": HumanMessage, "ai": AIMessage}
    return [kinds[kind](text) for kind, text in messages]


@contextmanager
def _in_words(name: str) -> Iterator[None]:
    try:
        yield
    except LanguageModelError:
        raise
    except Exception as error:
        _log.warning("the language model failed: %s", type(error).__name__)
        raise LanguageModelError(
            f"语言模型 {name} 没有给出回答（{type(error).__name__}）；请用 zhengce doctor 检查地址、模型名和密钥"
        ) from error


def remote_model(
    base_url: str, model: str, api_key: str | None, *, timeout: float = 120.0, usage: bool = False
) -> LanguageModel:
    """Return the model ``model`` of an OpenAI-compatible endpoint, not yet connected to.

    ``usage``: it is asked how many tokens it used, which some endpoints refuse.
    """
    return LanguageModel(model, lambda: _chat_model(base_url, model, api_key or "none", timeout, usage=usage))


def local_model(server: "LocalServer", name: str, *, timeout: float = 300.0) -> LanguageModel:
    """Return the model of a server on this machine, which starts at the first question."""
    return LanguageModel(
        name,
        lambda: _chat_model(server.base_url, name, server.api_key, timeout, direct=True, usage=True),
        grammatical=True,
        starts=server.start,
        closes=server.close,
    )


def _chat_model(
    base_url: str, model: str, api_key: str, timeout: float, *, direct: bool = False, usage: bool = False
) -> "BaseChatModel":
    """Make the client; ``direct``: past any proxy that the environment names, which must not see this machine's own."""
    import httpx
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    return ChatOpenAI(
        base_url=base_url,
        model=model,
        api_key=SecretStr(api_key),
        temperature=0,
        seed=1,
        timeout=timeout,
        max_retries=2,
        max_completion_tokens=MOST_TOKENS,
        stream_usage=usage,
        http_client=httpx.Client(trust_env=False, timeout=timeout) if direct else None,
    )
