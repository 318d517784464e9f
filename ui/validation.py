"""What pydantic finds wrong with a value, in words of ours."""

from collections.abc import Sequence
from typing import Any

from ui.texts import SAID, Lang, say

_KINDS = {
    "missing": "missing_field",
    "model_type": "object_type",
    "model_attributes_type": "object_type",
    "dict_type": "object_type",
    "string_pattern_mismatch": "date_bound",  # dates are all that has a pattern
}


def explain(errors: Sequence[Any], lang: Lang = "zh") -> str:
    """Return the first of pydantic's ``errors`` in words; the value itself is never repeated."""
    error = errors[0]
    kind = _KINDS.get(error["type"], error["type"])
    if kind.endswith("_parsing") or kind == "int_from_float":
        kind = "int_parsing"
    field = ".".join(str(part) for part in error["loc"] if part != "body") or say("whole", lang)
    values = {"field": field, **error.get("ctx", {})}
    if kind in ("literal_error", "enum"):
        values["expected"] = str(values["expected"]).replace(" or ", ", ")
    return say(kind if kind in SAID else "field_bad", lang, **values)
