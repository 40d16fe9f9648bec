"""Coverage-guided fuzzing of every wire decoder: `python tests/fuzz/wire.py [seconds]`.

Two outcomes are allowed: a value, or the documented error (BadInput; of what clients say SocketProblem). All else is
a bug. Inputs that found one belong into tests/fuzz/corpus, from which every run starts.
"""

import contextlib
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import atheris
import numpy as np

with atheris.instrument_imports(include=["huizhen"]):
    from huizhen.api import live_messages, room_messages
    from huizhen.producers import journal
    from huizhen.schemas import avro, codestream, envelope, htj2k, packed, packet, profile, record, rejected
    from huizhen.schemas.errors import BadInput

HERE = Path(__file__).parent
CORPUS = HERE / "corpus"
GOLDEN = HERE.parent / "unit" / "schemas" / "golden"
INFRA = HERE.parents[1] / "infra"
FOUND = tempfile.gettempdir()
SECONDS = 20


def headers_of(data: bytes) -> list[tuple[str, bytes | None]]:
    """Cut bytes into headers: lines of name=value."""
    found: list[tuple[str, bytes | None]] = []
    for line in data.split(b"\n"):
        name, _, value = line.partition(b"=")
        found.append((name.decode("latin-1"), value))
    return found


def decode_all(data: bytes) -> None:
    """Offer the bytes to the decoder that their first byte names."""
    kinds = list(avro.VERSIONS)
    which, rest = (data[0] if data else 0), data[1:]
    decoders: list[Callable[[], object]] = [
        lambda: codestream.parse(rest),
        lambda: codestream.prefix(rest, 2),
        lambda: packet.read_body(rest),
        lambda: packet.read_not_sent(rest, 5),
        lambda: record.read_packet_headers(headers_of(rest)),
        lambda: record.read_frame_headers(headers_of(rest)),
        lambda: envelope.from_headers(headers_of(rest)),
        lambda: profile.parse_profile(rest.decode("utf-8", "replace"), "fuzz"),
        lambda: rejected.read_rejected(headers_of(rest)),
        lambda: packed.unpack(rest),
        lambda: journal.scan(rest),
        lambda: live_messages.read_message(rest.decode("utf-8", "replace")),
        lambda: room_messages.read_asked(rest.decode("utf-8", "replace")),
        *[partial(avro.decode_as, kind, rest, 1) for kind in kinds],
    ]
    with contextlib.suppress(BadInput, live_messages.SocketProblem):
        decoders[which % len(decoders)]()


def seeds() -> list[bytes]:
    """Real inputs to start from: a stream, a packet, both kinds of headers."""
    header, tiles = htj2k.code_tiles(np.arange(40 * 50, dtype=np.uint8).reshape(40, 50), 8, False, 32)
    stream = codestream.stitch(header, tiles)
    said = (packet.Unchanged(0, 1, b"12345678"),)
    body = packet.split(header, {1: tiles[1]}, said, 1)[0][1]
    lines = [
        f"{name}={value}" for name, value in json.loads((GOLDEN / "packet_headers.v1.json").read_text("utf-8")).items()
    ]
    heads = "\n".join(lines).encode()
    profile_text = (INFRA / "profiles" / "generic.toml").read_bytes()
    entry = journal.Entry(journal.Kind.FRAME, "probe", 7, 0, 1, 1, bytes(32), bytes(32))
    joined, drawn = b'{"type":"join","ticket":"t","source":""}', b'{"type":"point","x":0.5,"y":0.5}'
    real = [stream, stream, body, b"\0\2", heads, heads, heads, profile_text]
    real += [heads, packed.pack([("a", b"b")]), journal.write_record(entry, b"payload"), joined, drawn]
    return [bytes([which]) + value for which, value in enumerate(real)]


def main() -> None:
    """Fuzz for the given number of seconds, from real inputs and the corpus of old findings."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as grown:
        for number, seed in enumerate(seeds()):
            Path(grown, f"seed-{number}").write_bytes(seed)
        flags = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=5", "-rss_limit_mb=512"]
        places = [grown, str(CORPUS)] if CORPUS.is_dir() else [grown]
        atheris.Setup([sys.argv[0], *flags, "-print_final_stats=1", f"-artifact_prefix={FOUND}/", *places], decode_all)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
