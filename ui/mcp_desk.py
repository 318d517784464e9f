"""The desk tools for the MCP server: the same results as from the API, read-only."""

from typing import Annotated

from pydantic import Field

from assistant.desk.check import Check
from assistant.desk.diff import Diff
from assistant.desk.evidence import Evidence
from assistant.desk.find import Found
from assistant.desk.match import Sheet
from assistant.desk.targets import Ledger
from ui.desk.desk import MAX_RELATED, MAX_TERM, RELATED, Desk
from ui.desk.plain import as_text
from ui.mcp_tool import Arguments, Limited, Tool
from ui.questions import Short
from ui.texts import say
from ui.wiring import Services

MAX_DRAFT = 100_000  # characters; the settings may allow fewer
MAX_DESCRIPTION = 10_000


class CheckArguments(Limited):
    """A draft."""

    text: Annotated[str, Field(description=say("mcp_draft"), min_length=1, max_length=MAX_DRAFT)]


class FindArguments(Limited):
    """A term."""

    term: Annotated[str, Field(description=say("mcp_term"), min_length=1, max_length=MAX_TERM)]
    related: Annotated[int, Field(description=say("mcp_related"), ge=0, le=MAX_RELATED)] = RELATED


class TargetsArguments(Limited):
    """Whose targets."""

    document_id: Annotated[Short | None, Field(description=say("mcp_target_document"))] = None


class DiffArguments(Arguments):
    """Two editions."""

    old: Annotated[Short, Field(description=say("mcp_old"))]
    new: Annotated[Short, Field(description=say("mcp_new"))]


class EvidenceArguments(Limited):
    """Which policy or report, if only one."""

    policy: Annotated[Short | None, Field(description=say("mcp_policy"))] = None
    report: Annotated[Short | None, Field(description=say("mcp_report"))] = None


class MatchArguments(Limited):
    """An enterprise in its own words."""

    description: Annotated[str, Field(description=say("mcp_description"), min_length=1, max_length=MAX_DESCRIPTION)]


def _check(services: Services, given: CheckArguments, owner: str) -> Check:
    return Desk(services, owner).check(given.text, given.filters())


def _find(services: Services, given: FindArguments, owner: str) -> Found:
    return Desk(services, owner).find(given.term, given.filters(), given.related)


def _targets(services: Services, given: TargetsArguments, owner: str) -> Ledger:
    return Desk(services, owner).targets(given.document_id, given.filters())


def _diff(services: Services, given: DiffArguments, owner: str) -> Diff:
    return Desk(services, owner).diff(given.old, given.new)


def _evidence(services: Services, given: EvidenceArguments, owner: str) -> Evidence:
    return Desk(services, owner).evidence(given.policy, given.report, given.filters())


def _match(services: Services, given: MatchArguments, owner: str) -> Sheet:
    return Desk(services, owner).match(given.description, given.filters())


DESK_TOOLS = (
    Tool("check", CheckArguments, Check, _check, as_text, "desk"),
    Tool("find", FindArguments, Found, _find, as_text, "desk"),
    Tool("targets", TargetsArguments, Ledger, _targets, as_text, "desk"),
    Tool("diff", DiffArguments, Diff, _diff, as_text, "desk"),
    Tool("evidence", EvidenceArguments, Evidence, _evidence, as_text, "desk"),
    Tool("match", MatchArguments, Sheet, _match, as_text, "desk"),
)
