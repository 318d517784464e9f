"""``guard(app, services)`` puts what keeps others out, and in bounds, in front of every route, those of the page too."""

from typing import TYPE_CHECKING

from starlette.middleware.cors import CORSMiddleware

from ui.access.arrival import Arrival
from ui.access.exposure import ApiCors, Hosts
from ui.access.limits import AddressLimits, Concurrency, KeyLimits, TimeLimit
from ui.access.same_site import SameSite
from ui.access.visitors import Visitors

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.wiring import Services


def guard(app: "FastAPI", services: "Services") -> None:
    """Add the middleware, from the routes outwards.

    Raises RuntimeError where the settings want to know who asks and ``services`` remember nobody.
    """
    settings = services.settings
    app.add_middleware(CORSMiddleware)  # opens nothing: the page's framework, which sees it, then opens nothing either
    app.add_middleware(Concurrency, settings=settings)
    app.add_middleware(TimeLimit, settings=settings)
    app.add_middleware(Arrival, settings=settings)
    known = services.kept or settings.sign_in or settings.require_key
    if known:
        state = services.state
        app.add_middleware(KeyLimits, settings=settings, keys=state.keys)
    app.add_middleware(SameSite, settings=settings)
    if known:
        app.add_middleware(Visitors, settings=settings, accounts=state.accounts, keys=state.keys)
    app.add_middleware(AddressLimits, settings=settings)
    if settings.cors_origins:
        app.add_middleware(ApiCors, settings=settings)
    app.add_middleware(Hosts, settings=settings)
