"""Traces, sent to an OpenTelemetry collector: request → question → a span for each step of the answer.

The assistant knows nothing of this: the steps are made from the timings of the finished answer. What a step did in
several goes is summed up there, so the steps stand one behind the other, in the order in which each began. No span
holds a question or an answer.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import SpanProcessor
    from opentelemetry.trace import Span

    from assistant.pipeline import Trace

_NS = 1_000_000  # nanoseconds of a millisecond
_SECONDS = 5  # for one export


class Tracing:
    """Makes spans and hands them to ``processor``. Its provider is its own: nothing global is set."""

    def __init__(self, processor: "SpanProcessor") -> None:
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider

        self._provider = TracerProvider(resource=Resource.create({SERVICE_NAME: "zhengce"}), shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("zhengce")

    @classmethod
    def sent_to(cls, endpoint: str) -> "Tracing":
        """Return tracing that sends to the OTLP/gRPC ``endpoint``, ``http://host:4317`` or ``https://…``, in batches."""
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        insecure = urlsplit(endpoint).scheme != "https"
        return cls(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, insecure=insecure, timeout=_SECONDS)))

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> "Iterator[Span]":
        """Have what is done within belong to a span of its own, under the caller's where ``headers`` name one."""
        from opentelemetry.trace import SpanKind
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        caller = TraceContextTextMapPropagator().extract(headers)
        with self._tracer.start_as_current_span(
            "request", caller, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield span

    def answered(self, trace: "Trace") -> None:
        """Make the spans of an answer that is finished at this moment."""
        from opentelemetry.trace import set_span_in_context

        answer = trace.answer
        steps = {step: ms for step, ms in answer.timings_ms.items() if step != "total"}
        end = time.time_ns()
        at = end - int(answer.timings_ms.get("total", sum(steps.values())) * _NS)
        told: dict[str, Any] = {
            "zhengce.status": answer.status,
            "zhengce.engine": answer.engine,
            "zhengce.cached": "cache" in steps,
            "zhengce.citations": len(answer.citations),
            "zhengce.sentences.written": trace.written,
            "zhengce.sentences.dropped": trace.dropped,
        }
        question = self._tracer.start_span("question", start_time=at, attributes=told)
        within = set_span_in_context(question)
        for step, ms in steps.items():
            span = self._tracer.start_span(step, within, start_time=at)
            at = min(end, at + int(ms * _NS))
            span.end(at)
        question.end(end)

    def close(self) -> None:
        """Send what is left, for at most a few seconds."""
        self._provider.shutdown()
