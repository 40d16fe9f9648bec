"""H.264 for browsers: Constrained Baseline, no picture waits for another, parameter sets with each key picture."""

from fractions import Fraction

import av
import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from huizhen.api.video_picture import Rgb
from huizhen.schemas.errors import Bug, Refused
from huizhen.schemas.reasons import RejectReason

CLOCK_HZ = 90_000  # RTP's clock for video (RFC 6184)
GOP_MAX = 600  # pictures; key pictures come by time and by need long before
BUFFER_S = 0.5  # of bits: how far a key picture may be ahead of the rate
QUALITY = "23"  # x264's usual constant rate factor; the bit rate bounds it


class Encoder:
    """Codes pictures of one size."""

    def __init__(self, columns: int, rows: int, bitrate_kbps: int) -> None:
        context = VideoCodecContext.create("libx264", "w")
        context.width, context.height, context.pix_fmt = columns, rows, "yuv420p"
        context.time_base = Fraction(1, CLOCK_HZ)
        context.framerate = Fraction(30, 1)
        context.profile = "Baseline"
        context.gop_size = GOP_MAX
        context.thread_count = 1  # sources share the cores, not slices of one picture
        context.options = {
            "preset": "veryfast", "tune": "zerolatency", "forced-idr": "1", "crf": QUALITY,
            "maxrate": f"{bitrate_kbps}k", "bufsize": f"{int(bitrate_kbps * BUFFER_S)}k",
        }  # fmt: skip
        self._context = context
        self.size = (columns, rows)

    def encode(self, pixels: Rgb, at: int, key: bool) -> bytes:
        """Code a picture shown `at` (1/90,000 s, rising); give its access unit in Annex B."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
        frame.pts, frame.time_base = at, Fraction(1, CLOCK_HZ)
        yuv = frame.reformat(format="yuv420p")
        yuv.pts, yuv.time_base = frame.pts, frame.time_base
        yuv.pict_type = PictureType.I if key else PictureType.NONE
        try:
            coded = b"".join(bytes(packet) for packet in self._context.encode(yuv))
        except FFmpegError as error:  # sides that H.264 does not know
            raise Refused(RejectReason.TOO_LARGE, f"a picture of {self.size} cannot be coded as video") from error
        if not coded:
            raise Bug("the video coder holds a picture back")
        return coded
