"""What is known about a damaged frame beside its known pixels."""

from dataclasses import dataclass

import numpy as np

from huizhen.processors.fill.samples import BadFillInput, Pixels, SampleFormat
from huizhen.processors.fill.tile import LostDetail, Previous


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about a damaged frame beside its known pixels; all of it may be left out.

    `samples`: the samples' depth, by default that of the frame's type. `lost`: tiles known at reduced size. `previous`:
    the last exact frame. `padding`: the value of pixels that are known but no samples (outside a CT's circle), which
    are kept and told nothing by.
    """

    samples: SampleFormat | None = None
    lost: tuple[LostDetail, ...] = ()
    previous: Previous | None = None
    padding: int | None = None

    def format_of(self, frame: Pixels) -> SampleFormat | None:
        """Give the samples' format; None for a frame of floats, whose samples have no limits."""
        channels = frame.shape[2] if frame.ndim == 3 else 1
        if np.issubdtype(frame.dtype, np.floating):
            if self.samples or self.lost:
                raise BadFillInput(f"a frame of {frame.dtype} with whole-number evidence: convert it to whole numbers")
            return None
        if self.samples is None:
            bits = max(8 * frame.dtype.itemsize, 8)
            return SampleFormat(min(bits, 16), np.issubdtype(frame.dtype, np.signedinteger), channels)
        if self.samples.channels != channels:
            raise BadFillInput(f"a frame of {channels} channels: the format says {self.samples.channels}")
        return self.samples
