"""The desk tools on the page: one view with a tab for each tool.

``blocks`` lays them out, ``acts`` answers what the browser sends, ``tools`` calls a tool with it, ``forms`` and
``results`` prepare what the templates ``assets/desk_*.html`` show, ``chart`` the bars of the ledger.
"""

from typing import Literal

Tool = Literal["check", "find", "targets", "diff", "evidence", "match"]
TOOLS: tuple[Tool, ...] = ("check", "find", "targets", "diff", "evidence", "match")
