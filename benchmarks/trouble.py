"""Clients that mean harm, until they are stopped: ``python -m benchmarks.trouble ADDRESS``, for ``benchmarks.load``.

Those that are slow send half of a question, then a byte now and then, and come again when they are cut off. Those at the
sign-in send wrong passwords as fast as they are answered, for names that are there and that are not.
"""

import argparse
import asyncio
import random
import signal
from contextlib import suppress
from urllib.parse import urlsplit

import httpx

SLOW, SIGNING_IN = 200, 60
_PATHS = ("/api/v1/ask", "/v1/chat/completions", "/mcp", "/gradio_api/run/predict", "/gradio_api/queue/join")
_PAUSE = 1.0  # seconds between two bytes, or before one that was cut off comes again


async def slow(host: str, port: int, number: int) -> None:
    """Be a client that never ends its request; every fifth does not even end its headers."""
    path = _PATHS[number % len(_PATHS)]
    head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n"
    begun = head if number % 5 == 0 else f'{head}\r\n{{"question"'
    while True:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(begun.encode())
                while True:
                    await writer.drain()
                    await asyncio.sleep(_PAUSE)
                    writer.write(b"x")
            finally:
                writer.close()
        await asyncio.sleep(_PAUSE)


async def sign_in(client: httpx.AsyncClient, number: int) -> None:
    """Try passwords, one after the other."""
    while True:
        name = f"user{number}" if number % 2 else f"nobody{random.random()}"
        with suppress(httpx.TransportError):
            await client.post("/sign-in", data={"name": name, "password": f"wrong {random.random()}"})
        await asyncio.sleep(0.05)


async def trouble(address: str) -> None:
    """Make trouble at ``address`` until this process is told to end."""
    parts = urlsplit(address)
    limits = httpx.Limits(max_connections=SIGNING_IN)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        tasks = [asyncio.create_task(slow(parts.hostname or "", parts.port or 80, number)) for number in range(SLOW)]
        tasks += [asyncio.create_task(sign_in(client, number)) for number in range(SIGNING_IN)]
        ended = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
        await ended.wait()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    asyncio.run(trouble(parser.parse_args().address))
