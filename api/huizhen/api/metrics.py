"""What the api counts and times; docs/topics/metrics.md lists each. Labels hold route templates, never ids."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from huizhen.api.stations import Standing

QUICK_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Metrics:
    """The api's metrics on one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.requests = Counter(
            "huizhen_api_requests_total", "Requests answered", ["method", "route", "status"], registry=registry
        )
        self.request_seconds = Histogram(
            "huizhen_api_request_seconds", "Time to the first byte of an answer", ["route"], buckets=QUICK_S,
            registry=registry,
        )  # fmt: skip
        self.denials = Counter("huizhen_api_denials_total", "Accesses refused", ["status"], registry=registry)
        self.audit_waiting = Gauge(
            "huizhen_api_audit_waiting_records", "Audit events the broker has not confirmed", registry=registry
        )
        self.viewers = Gauge("huizhen_api_viewers_count", "Open live sockets", registry=registry)
        self.frames_read = Counter("huizhen_api_frames_read_total", "Frames read from Kafka", registry=registry)
        self.frames_bad = Counter("huizhen_api_frames_bad_total", "Frames that cannot be read", registry=registry)
        self.frames_sent = Counter("huizhen_api_frames_sent_total", "Frames sent to viewers", registry=registry)
        self.frames_dropped = Counter(
            "huizhen_api_frames_dropped_total", "Frames a slow viewer did not get", registry=registry
        )
        self.bytes_sent = Counter("huizhen_api_sent_bytes_total", "Bytes sent to viewers", registry=registry)
        self.live_seconds = Histogram(
            "huizhen_api_live_seconds", "Capture (by the cloud's clock) to hand-over to a viewer's socket",
            buckets=QUICK_S, registry=registry,
        )  # fmt: skip
        self.fanout_seconds = Histogram(
            "huizhen_api_fanout_seconds", "Frame closed by the processors to hand-over to a viewer's socket",
            buckets=QUICK_S, registry=registry,
        )  # fmt: skip
        self.video_viewers = Gauge("huizhen_api_video_viewers_count", "Viewers of video", registry=registry)
        self.video_not_connected = Counter(
            "huizhen_api_video_not_connected_total", "Videos that found no way to their viewer", registry=registry
        )
        self.video_frames_coded = Counter(
            "huizhen_api_video_frames_coded_total", "Pictures coded as video", registry=registry
        )
        self.video_frames_passed_over = Counter(
            "huizhen_api_video_frames_passed_over_total", "Frames that came faster than they were coded as video",
            registry=registry,
        )  # fmt: skip
        self.video_frames_sent = Counter(
            "huizhen_api_video_frames_sent_total", "Pictures of video sent to viewers", registry=registry
        )
        self.video_code_seconds = Histogram(
            "huizhen_api_video_code_seconds", "Time to decode a frame and code it as video", buckets=QUICK_S,
            registry=registry,
        )  # fmt: skip
        self.video_seconds = Histogram(
            "huizhen_api_video_seconds", "Capture (by the cloud's clock) to the last packet of its video",
            buckets=QUICK_S, registry=registry,
        )  # fmt: skip
        self.events = Counter("huizhen_api_events_total", "Events read from Kafka", ["topic"], registry=registry)
        self.events_refused = Counter(
            "huizhen_api_events_refused_total", "Events that cannot be read or are forged", ["topic"], registry=registry
        )
        for topic in (
            "sessions",
            "ledger",
            "consults",
            "gestures",
            "verdicts",
        ):  # begins at 0: the first increase is seen
            self.events_refused.labels(topic)
        self.station_behind = Gauge(
            "huizhen_api_station_behind_frames", "Frames that wait at stations to go out late", registry=registry
        )
        self.station_spool = Gauge(
            "huizhen_api_station_spool_bytes", "Bytes in the fullest station's journals", registry=registry
        )
        self.station_alarms = Gauge(
            "huizhen_api_station_alarms", "Sources whose station says this alarm", ["alarm"], registry=registry
        )
        self.event_lag = Gauge(
            "huizhen_api_event_lag_seconds", "Age of the newest event when it was read", ["topic"], registry=registry
        )

    def stations(self, standing: Standing) -> None:
        """Show what stations say of themselves."""
        self.station_behind.set(standing.behind_frames)
        self.station_spool.set(standing.spooled_bytes)
        for alarm, sources in standing.alarms.items():
            self.station_alarms.labels(alarm).set(sources)
