"""The MCP server, by which assistants of others use the service as a tool: ``mcp_server(services)``.

The low-level server of the SDK: its other one would set up logging for the whole process, and tell what is wrong with
arguments in English and with their values in it.
"""

from importlib.metadata import version
from typing import Any

import anyio
from anyio import to_thread
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Described
from pydantic import ValidationError

from ui.access.scopes import NEEDS
from ui.access.visitors import visitor_of
from ui.mcp_tools import TOOLS, Tool
from ui.telling import in_words
from ui.texts import say
from ui.validation import explain
from ui.wiring import Services

NAME = "zhengce"


def mcp_server(services: Services) -> Server[Any]:
    """Return a server with the tools of ``TOOLS`` on ``services``; whoever opened them closes them."""

    async def list_tools(context: Any, _params: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(tool) for tool in TOOLS.values() if _may(context, tool)])

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, say("mcp_no_tool", known=", ".join(TOOLS)))
        if not _may(context, tool):
            return CallToolResult(content=[_text(say("api_forbidden"))], is_error=True)
        # who has gone is not waited for; the thread ends by itself
        owner = visitor_of(context.request).owner if context.request else "unknown"  # over stdio nobody says who it is
        return await to_thread.run_sync(_called, services, tool, params.arguments or {}, owner, abandon_on_cancel=True)

    return Server(
        NAME,
        version=version(NAME),
        title=say("api_title"),
        instructions=say("mcp_instructions"),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def run_stdio(services: Services) -> None:
    """Serve one client over standard input and output until it closes them."""

    async def run() -> None:
        server = mcp_server(services)
        async with stdio_server() as (read, write):
            await server.run(read, write, server.create_initialization_options())

    anyio.run(run)


def _may(context: Any, tool: Tool) -> bool:
    """Whether who asks may use ``tool``: over stdio it is who started the process."""
    return not context.request or visitor_of(context.request).may(NEEDS[tool.does])


def _described(tool: Tool) -> Described:
    return Described(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.arguments.model_json_schema(),
        output_schema=tool.result.model_json_schema(mode="serialization"),
        annotations=ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False),
    )


def _called(services: Services, tool: Tool, arguments: dict[str, Any], owner: str) -> CallToolResult:
    """Run ``tool``. What goes wrong is told to the model that called it, so that it can do better."""
    try:
        result = tool.run(services, tool.arguments.model_validate(arguments), owner)
        return CallToolResult(content=[_text(tool.text(result))], structured_content=result.model_dump(mode="json"))
    except ValidationError as error:
        told = say("api_invalid", reason=explain(error.errors()))
    except Exception as error:  # noqa: BLE001 - our own errors in their words, any other without its inside
        told = in_words(error, "zh")
    return CallToolResult(content=[_text(told)], is_error=True)


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)
