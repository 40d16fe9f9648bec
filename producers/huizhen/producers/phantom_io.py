"""Give the frames of the angiography phantom in real time."""

import itertools
import json
from collections.abc import Iterator

from huizhen.producers.cadence import Cadence
from huizhen.producers.clock_io import SystemClock
from huizhen.producers.phantom import BITS, make_phantom, phantom_frame
from huizhen.producers.sop_class import XA_IMAGE
from huizhen.producers.source import Captured, Description, Failed, Geometry, Identity
from huizhen.schemas.errors import Refused
from huizhen.schemas.geometry import PixelFormat
from huizhen.schemas.reasons import RejectReason

DEFAULT_RATE_HZ = 15.0
RATE_MAX_HZ = 120.0
SIDE_MIN, SIDE_MAX = 64, 2048  # above, drawing takes longer than a frame lasts
# what the X-Ray Image and Acquisition modules ask for (PS3.3 C.8.7.1, C.8.7.2)
_IMAGE = {"00080008": {"vr": "CS", "Value": ["ORIGINAL", "PRIMARY", "SINGLE PLANE"]}}
_EQUIPMENT = {
    "00080070": {"vr": "LO", "Value": ["Huizhen"]},
    "00081090": {"vr": "LO", "Value": ["Angiography phantom"]},
    "00181155": {"vr": "CS", "Value": ["GR"]},
    "00281040": {"vr": "CS", "Value": ["LIN"]},
}


class PhantomSource:
    """A Source over the phantom; `frames` 0 goes on for ever."""

    def __init__(self, rows: int, columns: int, frames: int, seed: int, rate_hz: float | None = None) -> None:
        self._rate_hz = DEFAULT_RATE_HZ if rate_hz is None else rate_hz
        _check(min(rows, columns) >= SIDE_MIN and max(rows, columns) <= SIDE_MAX, f"sides of {SIDE_MIN} to {SIDE_MAX}")
        _check(0 < self._rate_hz <= RATE_MAX_HZ, f"a rate above 0 and up to {RATE_MAX_HZ:g} images/s")
        _check(frames >= 0 and seed >= 0, "frames and seed of 0 or more")
        self._count = frames
        self._phantom = make_phantom(rows, columns, seed)
        self._geometry = Geometry(
            PixelFormat(rows, columns, 1, BITS, 0),
            "MONOCHROME2",
            window_center=(2000.0,),
            window_width=(3200.0,),
            dicom_json=json.dumps(_IMAGE),
        )
        self._clock = SystemClock()
        self._description = Description(
            kind="angiography",
            modality="XA",
            sop_class_uid=XA_IMAGE,
            rate_hz=self._rate_hz,
            dicom_json=json.dumps(_EQUIPMENT),
            identity=Identity(patient_id="PHANTOM", patient_name="Phantom^Angiography"),
            burned_in_annotation="NO",
        )

    @property
    def description(self) -> Description:
        """What the source is."""
        return self._description

    def close(self) -> None:
        """End frames(), from any thread."""
        self._clock.close()

    def frames(self) -> Iterator[Captured | Failed]:
        """Yield frames when they are due."""
        cadence = Cadence(self._clock.now().monotonic_ns)
        for index in itertools.count() if not self._count else range(self._count):
            pixels = phantom_frame(self._phantom, index, self._rate_hz)
            offset_ns = round(index * 1e9 / self._rate_hz)
            if not self._clock.wait_until(cadence.due_ns(offset_ns)):
                return
            now = self._clock.now()
            yield Captured(pixels, self._geometry, now.utc_ns, now.monotonic_ns)
            cadence = cadence.after(offset_ns, now.monotonic_ns)


def _check(holds: bool, rule: str) -> None:
    if not holds:
        raise Refused(RejectReason.POLICY, f"the phantom takes {rule}")
