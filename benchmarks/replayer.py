"""The stations of several streams in one process, without their own work.

`python -m benchmarks.replayer SECONDS FILE GATE SESSION…`

In life stations are other machines. What they spend on coding, journal and digests is measured by the rows `one` and
`journalled`; here packets are cut beforehand from a file's first frames and only get new numbers and times, so that two
cores are left to what runs in the cloud. Says in the folder GATE that it is ready, and begins when `go` stands there.
"""

import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.stations import wait_at

from huizhen.producers.announce import Moment, Shape, Standing, announced, geometry_declared, progress
from huizhen.producers.coder import Coded
from huizhen.producers.frame import Frame, Offset, Sender, head_of
from huizhen.producers.journal import Entry, Kind
from huizhen.producers.journal_state import JournalState
from huizhen.producers.options import Exam, Input
from huizhen.producers.pick import open_source
from huizhen.producers.references import References
from huizhen.producers.replay_coded import Pair, precode
from huizhen.producers.sending import begin
from huizhen.producers.source import Description
from huizhen.schemas.bundled import bundled
from huizhen.schemas.ids import Epoch, SessionId, SourceId, StationId, TenantId
from huizhen.schemas.kafka_io import Publisher
from huizhen.schemas.packet import Section
from huizhen.schemas.profile import Profile, parse_profile
from huizhen.schemas.record import PacketMeta, packet_headers
from huizhen.schemas.routing import Record, to_record
from huizhen.schemas.settings import Settings, kafka_client_config
from huizhen.schemas.topics import Topic, name_of

RATE_HZ = 30.0
FRAMES = 120  # coded beforehand: four key intervals of a second
KEY_EVERY = 30
SOURCE = SourceId("probe")
PERIOD_NS = int(1e9 / RATE_HZ)


@dataclass(frozen=True, slots=True)
class Cut:
    """A frame of the loop as one packet."""

    frame: Frame
    key: bool
    section: Section
    body: bytes
    digest: str


def cut_all(pairs: list[Pair], sender: Sender) -> list[Cut]:
    """Cut the frames of the loop into packets, as a station does with one packet a frame."""
    references, cuts = References(KEY_EVERY * PERIOD_NS), []
    for number, (coded, _) in enumerate(pairs):
        frame = _frame(coded, number, number * PERIOD_NS)
        plan = references.plan(frame)
        sending = begin(frame, head_of(frame, sender, plan.key, Offset()), plan, 1)
        out = sending.hand_over(0)
        references.settle(frame, plan, ())
        cuts.append(Cut(frame, plan.key, out.meta.section, out.value, out.meta.payload_digest))
    if not cuts[0].key or [n for n, one in enumerate(cuts) if one.key] != list(range(0, len(cuts), KEY_EVERY)):
        raise ValueError("the loop's key frames are not a second apart")
    return cuts


def _frame(coded: Coded, number: int, at_ns: int) -> Frame:
    return Frame(
        SOURCE, number, 0, at_ns, at_ns, coded.header, coded.tiles, coded.tile_digests, coded.frame_digest,
        coded.pixel_digest,
    )  # fmt: skip


@dataclass(slots=True)
class Station:
    """One session: what it has sent."""

    sender: Sender
    state: JournalState = field(init=False)

    def __post_init__(self) -> None:
        self.state = JournalState(self.sender.session)

    def next(self, cuts: list[Cut], now_ns: int) -> tuple[PacketMeta, bytes]:
        """Give the next frame with its number and times."""
        number = self.state.source(SOURCE).next_number
        cut = cuts[number % len(cuts)]
        frame = replace(cut.frame, number=number, captured_at_ns=now_ns, monotonic_ns=time.monotonic_ns())
        digests = frame.frame_digest, frame.pixel_digest
        self.state.add_frame(Entry(Kind.FRAME, SOURCE, number, 0, now_ns, frame.monotonic_ns, *digests))
        return PacketMeta(head_of(frame, self.sender, cut.key, Offset()), 0, 1, cut.section, cut.digest), cut.body

    def progress(self, now_ns: int) -> object:
        """Report how far it has come."""
        return progress(self.sender, SOURCE, self.state.source(SOURCE), Standing(now_ns, 0, 0, ""))


@dataclass(slots=True)
class _Given:
    description: Description


def run(seconds: float, file: str, gate: Path, sessions: list[str]) -> int:
    """Send all sessions for some seconds; give the exit code: 1 where a packet was not delivered."""
    settings = Settings()
    profile = parse_profile(bundled("profiles/generic.toml").read_text("utf-8"), "generic")
    source = open_source(file)
    pairs = precode(source, profile, FRAMES)
    tenant = TenantId(settings.station.tenant)
    stations = [
        Station(Sender(tenant, SessionId(name), StationId(f"{settings.station.station}-{n}"), Epoch(0)))
        for n, name in enumerate(sessions)
    ]
    cuts = cut_all(pairs, stations[0].sender)
    publisher = Publisher(kafka_client_config(settings.kafka), 64 << 20)
    wait_at(gate, "replayer")
    for one in stations:
        for record in announcement(one, settings, profile, pairs[0], source.description):
            publisher.send(record)
    publisher.flush(10)
    failed = _send(seconds, cuts, stations, publisher)
    publisher.close()
    print(f"{sum(one.state.source(SOURCE).next_number for one in stations)} frames, {failed} not delivered", flush=True)
    return 1 if failed else 0


def announcement(
    one: Station, settings: Settings, profile: Profile, first: Pair, description: Description
) -> list[Record]:
    """Announce a session and declare its geometry."""
    now_ns = time.time_ns()
    given = [Input(SOURCE, _Given(replace(description, rate_hz=RATE_HZ)), profile)]  # type: ignore[arg-type]
    moment = Moment(now_ns, settings.kafka.partitions, f"2.25.{now_ns}")
    shape = Shape(first[1], first[0].header, ())
    events = (
        announced(one.sender, settings.station, given, Exam(), moment),
        geometry_declared(one.sender, SOURCE, 0, shape, now_ns),
    )
    return [to_record(event, f"{one.sender.session}/{type(event).__name__}", now_ns) for event in events]


def _send(seconds: float, cuts: list[Cut], stations: list[Station], publisher: Publisher) -> int:
    failed = 0

    def delivered(error: object, _: object) -> None:
        nonlocal failed
        failed += error is not None

    topic = name_of(Topic.PACKETS, stations[0].sender.tenant)
    slots = len(stations)
    begin_s = time.monotonic()
    for turn in range(
        int(seconds * RATE_HZ) * slots
    ):  # spread over the period: machines of their own do not tick alike
        time.sleep(max(0.0, begin_s + turn / RATE_HZ / slots - time.monotonic()))
        one = stations[turn % slots]
        meta, body = one.next(cuts, time.time_ns())
        publisher.send_raw(topic, one.sender.session, body, packet_headers(meta), delivered)
        if turn // slots % int(RATE_HZ) == 0:
            now_ns = time.time_ns()
            publisher.send(to_record(one.progress(now_ns), f"{one.sender.session}/p/{turn}", now_ns))
    publisher.flush(10)
    return failed


if __name__ == "__main__":
    raise SystemExit(run(float(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:]))
