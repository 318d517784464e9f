"""What a question is limited to, in words and from what a browser sends."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.page.texts import say
from ui.questions import MAX_LIMITS, Filters
from ui.texts import Lang
from vectorstore.errors import NotFoundError
from vectorstore.records import Filter

if TYPE_CHECKING:
    from vectorstore.store import Store

_SHOWN = 24  # characters of a title


def read_filter(sent: Mapping[str, object]) -> Filter:
    """Return the filter that a browser sent. Raises ValidationError where it holds anything else."""
    given: dict[str, object] = {name: value for name in ("since", "until") if (value := sent.get(name))}
    if section := sent.get("section"):
        given["section"] = str(section)[:MAX_LIMITS]  # a heading may be longer; its beginning names it as well
    for name, many in (("document", "documents"), ("kind", "kinds"), ("region", "regions")):
        if value := sent.get(name):
            given[many] = [value]
    return Filters.model_validate(given).to_filter()


def limits_of(within: Filter, store: "Store", lang: Lang) -> list[str]:
    """Return the limits of ``within`` as a reader would say them, none where there are none."""
    said = [f"《{_title(store, document)}》" for document in within.documents]
    said += [within.section] if within.section else []
    said += [say(f"kind_{kind}", lang) for kind in within.kinds]
    said += within.regions
    said += [say("limit_since", lang, date=within.since)] if within.since else []
    said += [say("limit_until", lang, date=within.until)] if within.until else []
    said += [say("limit_as_of", lang, date=within.as_of)] if within.as_of else []
    said += [one for one in (within.title, within.number, *within.issuers, *within.topics) if one]
    return said


def _title(store: "Store", document_id: str) -> str:
    try:
        title = store.document(document_id).title
    except NotFoundError:
        return document_id
    return title if len(title) <= _SHOWN else f"{title[:_SHOWN]}…"
