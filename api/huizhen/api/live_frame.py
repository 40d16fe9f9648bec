"""A frame as viewers get it: one message per resolution, made once, the same bytes for everybody.

Message: u32 little-endian length of the header, the header (JSON, UTF-8), the codestream or its exact prefix. What
differs per viewer is the count of frames it lost; while that count is the same the bytes object is shared.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from huizhen.schemas.codestream import EOC_BYTES, MainHeader, prefix, read_header
from huizhen.schemas.errors import BadCodestream
from huizhen.schemas.ids import StreamId
from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import FrameMeta

DISCARD_MAX = 2
MESSAGES_MAX = 8  # variants of one frame kept: 3 resolutions, whole and masked, and a few drop counts
PLAIN = frozenset({TileState.TRUE, TileState.UNCHANGED})


@dataclass(slots=True, eq=False)
class LiveFrame:
    """One record of `frames`."""

    meta: FrameMeta
    codestream: bytes
    header: MainHeader
    _messages: dict[tuple[int, bool, int], bytes] = field(default_factory=dict)
    _pictures: dict[tuple[int, bool], bytes] = field(default_factory=dict)

    @property
    def stream(self) -> StreamId:
        """The source it belongs to."""
        return self.meta.head.frame.stream

    @property
    def order(self) -> tuple[int, int]:
        """Number and revision."""
        return int(self.meta.head.frame.number), self.meta.revision

    @property
    def geometry(self) -> int:
        """The geometry it names."""
        return int(self.meta.head.geometry)

    def message(self, discard: int, dropped: int, cover: "Cover | None" = None) -> bytes:
        """Give the message for a viewer; `cover` blanks tiles for those who may not see them."""
        key = (discard, cover is not None, dropped)
        if key not in self._messages:
            while len(self._messages) >= MESSAGES_MAX:
                del self._messages[next(iter(self._messages))]
            head = json.dumps(self.head(discard, dropped, cover), separators=(",", ":")).encode()
            self._messages[key] = b"".join((struct.pack("<I", len(head)), head, self.picture(discard, cover)))
        return self._messages[key]

    def picture(self, discard: int, cover: "Cover | None") -> bytes:
        """Give the codestream, or its prefix 2**discard smaller a side."""
        key = (discard, cover is not None)
        if key not in self._pictures:
            if discard:
                self._pictures[key] = prefix(self.picture(0, cover), discard)
            else:
                self._pictures[key] = self.codestream if cover is None else cover.over(self.codestream)
        return self._pictures[key]

    def head(self, discard: int, dropped: int, cover: "Cover | None") -> dict[str, object]:
        """Say what a viewer must know of the picture."""
        header, head = self.header, self.meta.head
        number, revision = self.order
        found: dict[str, object] = {
            "source": str(self.stream.source),
            "number": number,
            "revision": revision,
            "exact": self.meta.exact,
            "key": head.key,
            "geometry": self.geometry,
            "captured_at_ns": str(head.clock.captured_at_cloud_ns),
            "closed_at_ns": str(self.meta.closed_at_ns),
            "discard": discard,
            "columns": header.columns,
            "rows": header.rows,
            "tile": header.tile,
            "tiles_across": header.tiles_across,
            "bits": header.bits,
            "signed": header.signed,
            "components": header.components,
            "origins": [
                [index, str(tile.state), tile.age, round(tile.expected_error, 3)]
                for index, tile in enumerate(self.meta.tiles)
                if tile.state not in PLAIN
            ],
            "dropped": dropped,
        }
        if cover is not None:
            found["masked"] = cover.tiles
        return found


@dataclass(frozen=True, slots=True)
class Cover:
    """Blanks tiles of a codestream."""

    tiles: list[int]
    over: Callable[[bytes], bytes]


def live_frame(meta: FrameMeta, codestream: bytes) -> LiveFrame:
    """Read a record of `frames`; raises BadCodestream or TooLarge."""
    header, _ = read_header(codestream)
    if not codestream.endswith(EOC_BYTES):
        raise BadCodestream("it ends before its end", len(codestream))
    return LiveFrame(meta, codestream, header)
