"""A TCP proxy that makes the weather on one link: late, thin, frozen, cut, torn in mid-body, or not what was sent.

Clients connect to its port as if it were the server. The weather may change at any time and holds for what passes from
then on; a cut ends the connections that stand. Each direction is read and written by tasks of their own with a bounded
queue between them, so that a delay costs no rate.
"""

import asyncio
import contextlib
import random
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import Literal

PIECE_MAX = 64 << 10
QUEUE_PIECES = 64  # on their way in one direction: 4 MiB, then the sender waits as on a real link
LARGE = 4 << 10  # only pieces of bodies are so large: headers and small answers are never corrupted
STEP_S = 0.005
ANSWER_S = 60.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to what passes; 0, False and empty: nothing."""

    delay_s: float = 0.0
    jitter_s: float = 0.0
    rate_bytes_s: float = 0.0
    is_frozen: bool = False
    """Connections stand and nothing passes"""
    is_cut: bool = False
    """Connections end, and new ones end at once"""
    reset_after_bytes: int = 0
    """A client that has sent so much on one connection is reset"""
    corrupt_every: int = 0
    """Of every so many large pieces one has a wrong byte"""
    corrupts: Literal["up", "down"] = "up"
    answer: bytes = b""
    """Given to whoever asks, instead of the server's; connections that stand end"""


CALM = Weather()


@dataclass(eq=False, slots=True)
class _Link:
    client: asyncio.StreamWriter
    server: asyncio.StreamWriter
    sent_bytes: int = 0

    def reset(self) -> None:
        for writer in (self.client, self.server):
            _reset(writer)


class FaultProxy:
    """A proxy before a server of this machine, on a port of its own (0: a free one) and a thread with its own loop."""

    def __init__(self, server_port: int, port: int = 0, seed: int = 0) -> None:
        self._server_port = server_port
        self._rng = random.Random(seed)
        self._weather = CALM
        self._links: set[_Link] = set()
        self._large = 0
        self.corrupted = 0
        """Pieces that were given on with a wrong byte"""
        self.resets = 0
        """Connections that were ended in the middle"""
        self.answered = 0
        """Requests that were answered in the server's place"""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault-proxy", daemon=True)
        self._thread.start()
        self._listener = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, HOST, port, limit=PIECE_MAX), self._loop
        ).result(ANSWER_S)
        self.port: int = self._listener.sockets[0].getsockname()[1]

    @property
    def address(self) -> str:
        """Where clients connect."""
        return f"{HOST}:{self.port}"

    @property
    def links(self) -> int:
        """How many connections stand."""
        return len(self._links)

    @property
    def weather(self) -> Weather:
        """The weather now."""
        return self._weather

    @weather.setter
    def weather(self, weather: Weather) -> None:
        changed = threading.Event()
        self._loop.call_soon_threadsafe(self._change, weather, changed)
        assert changed.wait(ANSWER_S), "the proxy's loop stands still"

    def _change(self, weather: Weather, changed: threading.Event) -> None:
        self._weather = weather
        if weather.is_cut or weather.answer:
            for link in list(self._links):
                link.reset()
        changed.set()

    def close(self) -> None:
        """End it and all connections."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(ANSWER_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ANSWER_S)
        self._loop.close()

    async def _close(self) -> None:
        self._listener.close()
        for link in list(self._links):
            link.reset()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        if self._weather.is_cut:
            _reset(client)
            return
        if self._weather.answer:
            await self._answer(reader, client)
            return
        try:
            from_server, server = await asyncio.open_connection(HOST, self._server_port, limit=PIECE_MAX)
        except OSError:
            _reset(client)
            return
        link = _Link(client, server)
        self._links.add(link)
        try:
            await asyncio.gather(
                self._pass(reader, server, link, is_up=True), self._pass(from_server, client, link, is_up=False)
            )
        finally:
            self._links.discard(link)
            client.close()
            server.close()

    async def _answer(self, reader: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            await reader.read(PIECE_MAX)
            self.answered += 1
            client.write(self._weather.answer)
            await client.drain()
        client.close()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, link: _Link, *, is_up: bool
    ) -> None:
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(QUEUE_PIECES)
        reading = asyncio.create_task(self._read(reader, queue, link, is_up))
        try:
            await self._write(queue, writer)
        except OSError:
            link.reset()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(
        self, reader: asyncio.StreamReader, queue: asyncio.Queue[tuple[float, bytes]], link: _Link, is_up: bool
    ) -> None:
        piece = b"-"
        while piece:
            try:
                piece = await reader.read(PIECE_MAX)
            except OSError:
                link.reset()
                piece = b""
            weather = self._weather
            if is_up:
                link.sent_bytes += len(piece)
            if is_up and weather.reset_after_bytes and link.sent_bytes > weather.reset_after_bytes:
                self.resets += 1
                link.reset()
                piece = b""
            due_s = time.monotonic() + weather.delay_s + self._rng.uniform(0, weather.jitter_s)
            await queue.put((due_s, self._corrupted(piece, weather, is_up)))

    def _corrupted(self, piece: bytes, weather: Weather, is_up: bool) -> bytes:
        if not weather.corrupt_every or is_up != (weather.corrupts == "up") or len(piece) < LARGE:
            return piece
        self._large += 1
        if self._large % weather.corrupt_every:
            return piece
        self.corrupted += 1
        at = self._rng.randrange(len(piece) // 2, len(piece))
        return piece[:at] + bytes([piece[at] ^ 0x20]) + piece[at + 1 :]

    async def _write(self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due_s, piece = await queue.get()
            await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            while self._weather.is_frozen:  # noqa: ASYNC110 - the weather is changed from another thread
                await asyncio.sleep(STEP_S)
            if not piece:
                with contextlib.suppress(OSError):
                    writer.write_eof()
                return
            writer.write(piece)
            await writer.drain()
            if self._weather.rate_bytes_s:
                await asyncio.sleep(len(piece) / self._weather.rate_bytes_s)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection by RST, not by FIN: the other end must not take it for an orderly end."""
    found = writer.get_extra_info("socket")
    if found is not None and not writer.transport.is_closing():
        found.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
