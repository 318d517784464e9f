"""Whether the local language model answers, and how fast: one question about one sentence."""

import re
import time
from dataclasses import dataclass
from typing import Any

import httpx
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_fixed

from assistant.local_server import LocalServer
from vectorstore.errors import LanguageModelError

_SECONDS = 180.0
_SETTLE_SECONDS = 0.5
_DROPPED = (httpx.NetworkError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of asking the model one question about one sentence."""

    answer: str
    load_seconds: float
    seconds: float
    read_per_second: float
    written_per_second: float


TRIAL = "资料：[1] 全市新建公园12个，改造老旧小区86个。\n问题：全市新建了多少个公园？\n只根据资料用一句话回答，句末写资料编号。"
TRIAL_FACT = re.compile("12|十二")


def try_out(server: LocalServer) -> Trial:
    """Ask the model what a sentence in front of it says. Raises LanguageModelError where it does not say that."""
    server.start()
    started = time.perf_counter()
    body = {"messages": [{"role": "user", "content": TRIAL}], "temperature": 0, "seed": 1, "max_tokens": 48}
    reply = _post(server, body)
    try:
        answer, timings = str(reply["choices"][0]["message"]["content"]).strip(), reply["timings"]
        speeds = float(timings["prompt_per_second"]), float(timings["predicted_per_second"])
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise LanguageModelError(
            f"本地语言模型的回答无法解读（{type(error).__name__}）；请重新运行 make llm"
        ) from error
    if not TRIAL_FACT.search(answer):
        raise LanguageModelError(f"本地语言模型没有按资料回答（{answer[:60]}）；请用 ZHENGCE_LOCAL_MODEL 换一个模型")
    return Trial(answer, server.load_seconds, time.perf_counter() - started, *speeds)


def _post(server: LocalServer, body: dict[str, object]) -> Any:
    """Return the reply to one chat request, sent once more where a server that has just started drops the first."""
    again = Retrying(
        stop=stop_after_attempt(2),
        wait=wait_fixed(_SETTLE_SECONDS),
        retry=retry_if_exception_type(_DROPPED),
        reraise=True,
    )
    headers = {"Authorization": f"Bearer {server.api_key}"}
    try:
        # a proxy of the environment has no part in this
        with httpx.Client(trust_env=False, timeout=_SECONDS) as client:
            reply = again(lambda: client.post(f"{server.base_url}/chat/completions", json=body, headers=headers))
        if reply.status_code != httpx.codes.OK:
            raise LanguageModelError(f"本地语言模型拒绝了请求（{reply.status_code}）；请重新运行 make llm")
        return reply.json()
    except (httpx.HTTPError, ValueError) as error:
        raise LanguageModelError(f"本地语言模型没有回答（{type(error).__name__}）；请稍后再试") from error
