"""F15 and F16: a viewer behind a thin link among others, and viewers that drop out and come back."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from websockets.exceptions import ConnectionClosed

from huizhen.schemas.percentile import percentile
from tests.faults.checks.figures import Figures, figures_of
from tests.faults.services.proxy import FaultProxy, Weather
from tests.faults.services.stage import Stage
from tests.services.api_server import ApiServer
from tests.services.live_viewer import watch

THIN_BYTES_S = 10_000
WATCHED_S = 600.0
FRAMES = 40


@dataclass(frozen=True)
class Room:
    """An exam, and the api that shows it."""

    server: ApiServer
    institution: str
    session: str


@dataclass
class Seat:
    """One viewer: what it saw in order, and how late each picture was."""

    name: str
    seen: list[int] = field(default_factory=list)
    late_s: list[float] = field(default_factory=list)
    first_s: float = 0.0
    """From joining to the first picture"""

    async def look(self, room: Room, frames: int, through: str = "") -> None:
        """Watch until so many frames came; who is put out, because this machine stood still, joins again."""
        goal, until_s = len(self.seen) + frames, time.monotonic() + WATCHED_S
        while len(self.seen) < goal:
            assert time.monotonic() < until_s, f"{self.name} saw {self.seen}: not within {WATCHED_S:g} s"
            with suppress(ConnectionClosed, OSError, httpx.TransportError):
                await self._join(room, goal, through)

    async def _join(self, room: Room, goal: int, through: str) -> None:
        with await asyncio.to_thread(room.server.client, self.name, room.institution, ["viewer"]) as client:
            began_s = time.monotonic()
            async with watch(room.server.url, client, room.session, through=through) as viewer:
                while len(self.seen) < goal:
                    self._take(await viewer.frame(), began_s)

    def _take(self, frame: tuple[dict[str, Any], bytes], began_s: float) -> None:
        head, _ = frame
        self.first_s = self.first_s if self.late_s else time.monotonic() - began_s
        if int(head["number"]) not in self.seen[-1:]:  # a better revision of the same picture is no other one
            self.seen.append(int(head["number"]))
        self.late_s.append(time.time() - int(head["captured_at_ns"]) / 1e9)


def thin_link(stage: Stage) -> Figures:
    """F15: one viewer gets 10 KB/s, the others all they want: first without it, then with it."""
    line = stage.line
    with _api(stage) as server:
        exam = line.begin(stage.rng("F15"))
        room = Room(server, line.tenant, exam.session)
        others = 20 if stage.is_full else 4
        frames = 600 if stage.is_full else FRAMES
        alone = [Seat(f"alone-{number}") for number in range(others)]
        asyncio.run(_together(room, alone, frames))
        before_bytes = psutil.Process(server.pid).memory_info().rss
        beside, slow = [Seat(f"beside-{number}") for number in range(others)], Seat("slow")
        proxy = FaultProxy(server.port)
        proxy.weather = Weather(rate_bytes_s=THIN_BYTES_S)
        asyncio.run(_together(room, beside, frames, slow, f"http://{proxy.address}"))
        grown = max(0, psutil.Process(server.pid).memory_info().rss - before_bytes)
        proxy.close()
        history = _history(line.folder / "viewers.jsonl", exam.session, [*alone, *beside, slow])
        outcome = line.finish(exam, history)
    p99 = [percentile((late for seat in seats for late in seat.late_s), 0.99) or 0.0 for seats in (alone, beside)]
    return figures_of(
        outcome.verdict, viewers=others + 1, p99_ratio=p99[1] / max(p99[0], 1e-3), p99_ms=p99[1] * 1000,
        memory_growth_mib=grown / (1 << 20), slow_frames=len(slow.seen),
    )  # fmt: skip


async def _together(room: Room, seats: list[Seat], frames: int, slow: Seat | None = None, through: str = "") -> None:
    """Watch side by side; the slow one leaves with the others."""
    lagging = asyncio.create_task(slow.look(room, frames, through)) if slow else None
    try:
        await asyncio.gather(*(seat.look(room, frames) for seat in seats))
    finally:
        if lagging is not None:
            lagging.cancel()
            await asyncio.gather(lagging, return_exceptions=True)


def comes_back(stage: Stage) -> Figures:
    """F16: a viewer drops out and joins again, many times: the newest picture at once, never an older one."""
    line = stage.line
    with _api(stage) as server:
        exam = line.begin(stage.rng("F16"))
        room = Room(server, line.tenant, exam.session)
        seats: list[Seat] = []
        for number in range(50 if stage.is_full else 4):
            seats.append(Seat(f"again-{number}"))
            asyncio.run(seats[-1].look(room, FRAMES // 8))
            if number:
                assert seats[-1].seen[0] >= seats[-2].seen[-1], "it has seen a newer one before"
        history = _history(line.folder / "viewers.jsonl", exam.session, seats)
        outcome = line.finish(exam, history)
    return figures_of(outcome.verdict, joins=len(seats), newest_s=max(seat.first_s for seat in seats))


@contextmanager
def _api(stage: Stage) -> Iterator[ApiServer]:
    folder = stage.folder / f"api-{time.monotonic_ns()}"
    folder.mkdir()
    server = ApiServer(folder, stage.brokers.settings, stage.s3, [stage.line.tenant])
    try:
        yield server.start()
    finally:
        server.stop()


def _history(path: Path, session: str, seats: list[Seat]) -> Path:
    """Write what each viewer saw, for the checker."""
    lines = (
        {"viewer": seat.name, "session": session, "source": "probe", "number": number}
        for seat in seats
        for number in seat.seen
    )
    path.write_text("".join(json.dumps(each) + "\n" for each in lines))
    return path
