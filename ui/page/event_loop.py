"""Two things that Gradio needs held still: its event loops and its reports to its makers."""

import asyncio
import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


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


def silence_gradio() -> None:
    """Switch off gradio's reports to its makers, which start with its import."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
