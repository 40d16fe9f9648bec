"""What the processors count; docs/topics/metrics.md lists each. Labels hold closed lists only, never ids."""

from prometheus_client import Counter, Gauge, Histogram

from huizhen.processors.studio import Finished

SECONDS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5)
LATENCY_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 30.0, 300.0)

FRAMES = Counter("huizhen_processors_frames", "Frames emitted, by verdict", ["verdict"])
REFUSED = Counter("huizhen_processors_refused_records", "Records refused, by reason", ["reason"])
EVENTS_REFUSED = Counter("huizhen_processors_events_refused", "Events unreadable or forged, by topic", ["topic"])
FILLED = Counter("huizhen_processors_filled_tiles", "Tiles filled, by where they come from", ["state"])
FLAGS = Counter("huizhen_processors_flags", "Picture checks that flagged, by flag", ["flag"])
UNKNOWN_PROFILE = Counter(
    "huizhen_processors_unknown_profile_frames", "Frames held to default limits: their profile is not here"
)
JUDGED = Counter("huizhen_processors_judged", "Sessions and geometries held against DICOM, by verdict", ["verdict"])
MAKE = Histogram("huizhen_processors_make_seconds", "CPU time from a closed frame to its records", buckets=SECONDS)
LATENCY = Histogram(
    "huizhen_processors_latency_seconds", "Capture (cloud clock) to closed, live frames", buckets=LATENCY_SECONDS
)
SESSIONS = Gauge("huizhen_processors_known_sessions", "Sessions known from the sessions topics")
STREAMS = Gauge("huizhen_processors_streams", "Sources with an open window")
HELD = Gauge("huizhen_processors_held_records", "Records read and not acknowledged yet")
LAG = Gauge("huizhen_processors_lag_seconds", "Age of the newest record taken, by its own time stamp")
INFLOW = Gauge("huizhen_processors_inflow_bytes", "Bytes fetched and not taken yet")
EASED = Counter("huizhen_processors_eased", "Times a source was asked for fewer live frames")
WAITING = Gauge("huizhen_processors_waiting", "1 while something unavailable is waited for")


def observe(finished: Finished, seconds: float, now_ns: int) -> None:
    """Count a frame that was made in `seconds`; `now_ns`: UTC nanoseconds since 1970."""
    closed = finished.closed
    FRAMES.labels(str(closed.verdict)).inc()
    MAKE.observe(seconds)
    if not closed.is_backfilled:
        LATENCY.observe(max(0.0, (now_ns - closed.head.clock.captured_at_cloud_ns) / 1e9))
    if finished.unknown is not None:
        UNKNOWN_PROFILE.inc()
    for flag in finished.seen.flags:
        FLAGS.labels(str(flag)).inc()
    for origin in finished.made.origins:
        if not origin.state.is_exact:
            FILLED.labels(str(origin.state)).inc()
