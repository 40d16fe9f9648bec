"""What capture counts; docs/topics/metrics.md lists each. Labels hold closed lists only, never ids."""

from prometheus_client import Counter, Gauge, Histogram

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
DELIVERY_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)

CAPTURED = Counter("huizhen_capture_frames_total", "Frames numbered, by what became of them first", ["outcome"])
LIVE = Counter("huizhen_capture_live_frames_total", "Frames settled by live: delivered or late", ["outcome"])
LATE = Counter(
    "huizhen_capture_backfill_frames_total", "Frames handed to backfill or rejected, by outcome", ["outcome"]
)
PACKETS = Counter("huizhen_capture_packets_total", "Records handed to live, by section", ["section"])
SENT = Counter("huizhen_capture_sent_bytes_total", "Bytes of values handed to Kafka, by topic", ["topic"])
TILES = Counter("huizhen_capture_tiles_total", "Tiles of captured frames: coded or unchanged", ["state"])
EVENTS_REFUSED = Counter("huizhen_capture_events_refused_total", "Events unreadable or forged, by topic", ["topic"])
KEPT = Counter("huizhen_capture_journals_kept_total", "Journals not wiped: the archive told of another digest")
ORIGINALS = Counter("huizhen_capture_originals_total", "Originals of unreadable frames, kept or no_room", ["outcome"])
ORIGINALS_BYTES = Gauge("huizhen_capture_originals_bytes", "Bytes of originals of unreadable frames kept here")
CODE = Histogram("huizhen_capture_code_seconds", "From a source's frame to tiles and digests", buckets=SECONDS)
JOURNAL = Histogram("huizhen_capture_journal_seconds", "Appending a frame to the journal", buckets=SECONDS)
DELIVERY = Histogram(
    "huizhen_capture_delivery_seconds", "From handing a live packet over to its report", buckets=DELIVERY_SECONDS
)
QUEUE = Gauge("huizhen_capture_queue_bytes", "Bytes of live frames not handed over, and of records on their way")
WINDOW = Gauge("huizhen_capture_window_bytes", "Bytes that may be on their way at once")
SHARE = Gauge("huizhen_capture_live_share", "Share of the captured frames that goes live, 0 to 1")
FIVE = Gauge("huizhen_capture_five_packets", "1 while frames go in five packets")
SPOOL = Gauge("huizhen_capture_spool_bytes", "Bytes of all journals of the station")
DEPTH = Gauge("huizhen_capture_spool_frames", "Frames of the journals that Kafka has not confirmed")
ALARM = Gauge("huizhen_capture_alarm", "1 while the alarm stands", ["alarm"])
CLOCK = Gauge("huizhen_capture_clock_offset_seconds", "Cloud time less station time")
CLOCK_UNCERTAINTY = Gauge("huizhen_capture_clock_uncertainty_seconds", "Half width of the clock offset's interval")
