"""What watches one running service: ``open_operation(settings)``. Other parts call its few methods and know no more."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from ui.operation.lifecycle import Lifecycle
from ui.operation.logs import request_id
from ui.operation.metrics import Metrics
from ui.operation.readiness import Warming

if TYPE_CHECKING:
    from collections.abc import Generator

    from opentelemetry.trace import Span

    from assistant.pipeline import Trace
    from ui.operation.tracing import Tracing
    from ui.settings import Settings


class RequestSpan:
    """The span of a request, or nothing where no traces are made."""

    def __init__(self, span: "Span | None") -> None:
        self._span = span

    def update(self, route: str, method: str, status: int) -> None:
        """Name it and note how the request went."""
        if self._span is None:
            return
        self._span.update_name(f"{method} {route}")
        told: dict[str, Any] = {"http.request.method": method, "http.route": route, "http.response.status_code": status}
        self._span.set_attributes({**told, "zhengce.request_id": request_id() or ""})


@dataclass(frozen=True, slots=True)
class Operation:
    """Counts, traces, and knows whether the service begins or ends. Close it after the last answer."""

    metrics: Metrics
    lifecycle: Lifecycle
    warming: Warming = field(default_factory=Warming)
    tracing: "Tracing | None" = None

    def watch(self, steps: "Iterator[Trace]") -> "Iterator[Trace]":
        """Yield ``steps``, a growing answer, and count what becomes of it.

        Raises StoppingError between two steps once the service must end, and what ``steps`` raises.
        """
        last: Trace | None = None
        with self.lifecycle.busy(), self.metrics.answering(), closing(cast("Generator[Trace]", steps)):
            try:
                for last in steps:
                    self.lifecycle.check()
                    yield last
            except GeneratorExit:
                self.metrics.stopped()
                raise
            except Exception as error:
                self.metrics.failed(error)
                raise
            if last:
                self._answered(last)

    def _answered(self, trace: "Trace") -> None:
        self.metrics.answered(trace)
        self.warming.done()
        if self.tracing:
            self.tracing.answered(trace)

    @contextmanager
    def traced(self, headers: Mapping[str, str]) -> Iterator[RequestSpan]:
        """Have what is done within belong to the span of a request."""
        if self.tracing is None:
            yield RequestSpan(None)
            return
        with self.tracing.request(headers) as span:
            yield RequestSpan(span)

    def close(self) -> None:
        """Send the last spans."""
        if self.tracing:
            self.tracing.close()
        self.metrics.close()


def open_operation(settings: "Settings") -> Operation:
    """Return what watches a service with ``settings``; nothing is connected to before the first span."""
    tracing: Any = None
    if settings.otlp_endpoint:
        from ui.operation.tracing import Tracing

        tracing = Tracing.sent_to(settings.otlp_endpoint)
    return Operation(Metrics(), Lifecycle(settings.shutdown_seconds), tracing=tracing)
