"""What every tool of the MCP server is made of: a description, arguments with bounds, a result that reads as text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from ui.questions import MAX_LIMITS, DateBound, Filters, Short
from ui.texts import say
from ui.wiring import Services
from vectorstore.records import Kind


class Arguments(BaseModel):
    """What a tool takes; a name that it does not know is an error."""

    model_config = ConfigDict(extra="forbid")


class Limited(Arguments):
    """Arguments with what the sources are limited to; empty limits nothing."""

    documents: Annotated[list[Short], Field(description=say("mcp_documents"), max_length=MAX_LIMITS)] = []
    kinds: Annotated[list[Kind], Field(description=say("mcp_kinds"), max_length=len(Kind))] = []
    since: Annotated[DateBound | None, Field(description=say("mcp_since"))] = None
    until: Annotated[DateBound | None, Field(description=say("mcp_until"))] = None
    section: Annotated[Short | None, Field(description=say("mcp_section"))] = None
    regions: Annotated[list[Short], Field(description=say("mcp_regions"), max_length=MAX_LIMITS)] = []
    as_of: Annotated[DateBound | None, Field(description=say("mcp_as_of"))] = None
    title: Annotated[Short | None, Field(description=say("mcp_title"))] = None
    number: Annotated[Short | None, Field(description=say("mcp_number"))] = None
    issuers: Annotated[list[Short], Field(description=say("mcp_issuers"), max_length=MAX_LIMITS)] = []
    topics: Annotated[list[Short], Field(description=say("mcp_topics"), max_length=MAX_LIMITS)] = []

    def filters(self) -> Filters:
        """Return the limits as every door takes them."""
        return Filters.model_validate(self.model_dump(include=set(Filters.model_fields)))


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: ``run`` takes validated ``arguments`` and who asks, and returns a ``result``, which ``text`` makes readable.

    ``does`` is what ``NEEDS`` calls what it does.
    """

    name: str
    arguments: type[BaseModel]
    result: type[BaseModel]
    run: Callable[[Services, Any, str], BaseModel]
    text: Callable[[Any], str]
    does: str

    @property
    def title(self) -> str:
        """A name for people."""
        return say(f"mcp_{self.name}_title")

    @property
    def description(self) -> str:
        """What it does, for the model that may call it."""
        return say(f"mcp_{self.name}")
