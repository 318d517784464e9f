"""The metrics, for Prometheus. ``Metrics`` is the one object by which other parts count; it keeps its own registry.

With several processes (``PROMETHEUS_MULTIPROC_DIR`` is set before this is first used) each writes its numbers into
files of that folder, and whichever is asked answers for all. Times are in seconds.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vectorstore.errors import ZhengceError

if TYPE_CHECKING:
    from assistant.pipeline import Trace

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_STEPS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Metrics:
    """What is counted. Safe to call from several threads; never raises for what it is told."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

        self._folder = os.environ.get(FOLDER_VARIABLE)
        self.registry = own = CollectorRegistry()
        if self._folder:
            forget_dead(Path(self._folder))
        else:  # in files of several processes there is no place for it
            ProcessCollector(registry=own)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(f"zhengce_{name}", text, labels, registry=own)

        def histogram(name: str, text: str, *labels: str) -> Histogram:
            return Histogram(f"zhengce_{name}", text, labels, registry=own, buckets=_STEPS)

        def latest(name: str, text: str) -> Gauge:
            return Gauge(f"zhengce_{name}", text, registry=own, multiprocess_mode="mostrecent")

        def going_on(name: str, text: str) -> Gauge:
            return Gauge(f"zhengce_{name}", text, registry=own, multiprocess_mode="livesum")

        self._steps = histogram("answer_step_seconds", "Time of an answer by step", "step")
        self._whole = histogram("answer_seconds", "Time of a whole answer", "engine")
        self._answers = counter("answers", "Answers given", "status", "engine")
        self._failed = counter("questions_failed", "Questions that met an error", "error")
        self._stopped = counter("questions_stopped", "Questions whose reader did not wait for the answer")
        self._written = counter("sentences_written", "Sentences that a language model wrote")
        self._dropped = counter("sentences_dropped", "Sentences of a language model that the sources do not support")
        self._cache = counter("answer_cache", "Answers looked for among those kept", "result")
        self._tokens = counter("llm_tokens", "Tokens that the language model said it read or wrote", "direction")
        self._requests = histogram("http_request_seconds", "Time of a request", "route", "method", "status")
        self._database = counter("database_errors", "Times that the state database could not be used")
        self._requesting = going_on("http_requests_in_flight", "Requests being answered")
        self._answering = going_on("answers_in_flight", "Questions being answered")
        self._uploads = latest("uploads_waiting", "Uploads that wait or are being read")
        self._revision = latest("index_revision", "How often the index was changed")
        self._documents = latest("index_documents", "Documents in the index")

    def answered(self, trace: "Trace") -> None:
        """Count a whole answer."""
        answer = trace.answer
        engine = answer.engine.partition(":")[0]  # behind it stand the model and the version of the prompts
        kept = "cache" in answer.timings_ms
        self._answers.labels(answer.status, engine).inc()
        self._cache.labels("hit" if kept else "miss").inc()
        for step, spent in answer.timings_ms.items():
            if step != "total":
                self._steps.labels(step).observe(spent / 1000)
        self._whole.labels(engine).observe(answer.timings_ms.get("total", 0.0) / 1000)
        if not kept:  # what was written for a kept answer was counted then
            self._written.inc(trace.written)
            self._dropped.inc(trace.dropped)

    def failed(self, error: Exception) -> None:
        """Count a question that met ``error``, by its class where it is one of ours."""
        self._failed.labels(type(error).__name__ if isinstance(error, ZhengceError) else "unexpected").inc()

    def stopped(self) -> None:
        """Count a question whose reader went away."""
        self._stopped.inc()

    def tokens(self, read: int, written: int) -> None:
        """Count what a language model said it read and wrote."""
        self._tokens.labels("read").inc(read)
        self._tokens.labels("written").inc(written)

    def database_failed(self) -> None:
        """Count an error of the state database."""
        self._database.inc()

    def requested(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request to ``route``, a template that holds nothing of what was asked."""
        self._requests.labels(route, method if method in _METHODS else "other", str(status)).observe(seconds)

    @contextmanager
    def requesting(self) -> Iterator[None]:
        """Count a request as going on."""
        with self._requesting.track_inprogress():
            yield

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Count a question as being answered."""
        with self._answering.track_inprogress():
            yield

    def tell_index(self, revision: int, documents: int) -> None:
        """Note how the index is now."""
        self._revision.set(revision)
        self._documents.set(documents)

    def tell_uploads(self, waiting: int) -> None:
        """Note how many uploads wait or are being read."""
        self._uploads.set(waiting)

    def render(self) -> tuple[bytes, str]:
        """Return everything in the text format of Prometheus, and its media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self.registry
        if self._folder:
            registry = CollectorRegistry()
            MultiProcessCollector(registry, self._folder)  # type: ignore[no-untyped-call]
        return generate_latest(registry), CONTENT_TYPE_LATEST

    def close(self) -> None:
        """Take what this process has going on out of the sums."""
        if self._folder:
            from prometheus_client.multiprocess import mark_process_dead

            mark_process_dead(os.getpid(), self._folder)  # type: ignore[no-untyped-call]


def forget_dead(folder: Path) -> None:
    """Delete from ``folder`` what killed processes had going on; what they counted stays."""
    for file in folder.glob("gauge_live*_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdecimal() and not _alive(int(pid)):
            file.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
