"""Image modules that all classes share: pixels, frames and their times, windows, loss (PS3.3 C.7.6, C.11)."""

from itertools import pairwise

from pydicom.tag import Tag

from huizhen.sinks.attributes import Attributes, date, date_time, decimal, milliseconds, time
from huizhen.sinks.plan import DERIVED, Plan

EVEN_NS = 1_000  # intervals that differ by less are one FrameTime; capture clocks are read to the microsecond


def add_general_image(to: Attributes, plan: Plan) -> None:
    """Add the General Image and Acquisition attributes: when, what kind, and the loss the source brought (C.7.6.1)."""
    offset, first = plan.announced.timezone_offset, plan.frames[0].captured_at_ns
    to.put("AcquisitionDateTime", date_time(first, offset))
    for name in ("Acquisition", "Content"):
        to.put(f"{name}Date", date(first, offset))
        to.put(f"{name}Time", time(first, offset))
    kept = list(to.dataset.get("ImageType") or [])
    rest = [str(value) for value in kept] if len(kept) >= 2 else ["ORIGINAL", "PRIMARY"]
    to.put("ImageType", ["DERIVED", *rest[1:]] if plan.kind == DERIVED else rest)
    to.default_empty("PatientOrientation")
    lossy = plan.source.lossy_image_compression == "01"
    to.put("LossyImageCompression", "01" if lossy else "00")
    if lossy:
        to.put("LossyImageCompressionRatio", [decimal(each) for each in plan.source.lossy_image_compression_ratio])
        to.put("LossyImageCompressionMethod", list(plan.source.lossy_image_compression_method))


def add_pixels(to: Attributes, plan: Plan) -> None:
    """Add the Image Pixel module (C.7.6.3) as the fragments are coded: colour by the reversible transform, YBR_RCT."""
    geometry = plan.geometry
    colour = geometry.samples_per_pixel == 3
    to.put("SamplesPerPixel", geometry.samples_per_pixel)
    to.put("PhotometricInterpretation", "YBR_RCT" if colour else geometry.photometric_interpretation)
    if colour:
        to.put("PlanarConfiguration", 0)
    to.put("Rows", geometry.rows)
    to.put("Columns", geometry.columns)
    to.put("BitsAllocated", geometry.pixel_format.bits_allocated)
    to.put("BitsStored", geometry.bits_stored)
    to.put("HighBit", geometry.bits_stored - 1)
    to.put("PixelRepresentation", geometry.pixel_representation)


def add_spacing(to: Attributes, plan: Plan) -> None:
    """Add the size of a pixel where the geometry is calibrated."""
    to.put("PixelSpacing", [decimal(each) for each in plan.geometry.pixel_spacing])


def add_display(to: Attributes, plan: Plan) -> None:
    """Add the Modality LUT and VOI LUT modules (C.11.1, C.11.2) of grey frames."""
    geometry = plan.geometry
    if geometry.samples_per_pixel == 3:
        return
    if len(geometry.window_center) == len(geometry.window_width):
        to.put("WindowCenter", [decimal(each) for each in geometry.window_center])
        to.put("WindowWidth", [decimal(each) for each in geometry.window_width])
    if (geometry.rescale_slope, geometry.rescale_intercept) != (1.0, 0.0):
        add_rescale(to, plan)


def add_rescale(to: Attributes, plan: Plan, units: str = "US") -> None:
    """Add the linear Modality LUT; its units are `units` (US: unspecified) where the device did not say."""
    to.put("RescaleIntercept", decimal(plan.geometry.rescale_intercept))
    to.put("RescaleSlope", decimal(plan.geometry.rescale_slope))
    to.default("RescaleType", units)


def add_frames(to: Attributes, plan: Plan, timed_alone: bool) -> None:
    """Add the Multi-frame and Cine modules (C.7.6.6, C.7.6.5): times between frames are those of their capture.

    `timed_alone`: whether the class wants a frame time of a single frame too; Secondary Capture forbids it.
    """
    times = [frame.captured_at_ns for frame in plan.frames]
    steps = [max(0, later - earlier) for earlier, later in pairwise(times)]
    to.put("NumberOfFrames", len(times))
    rate = plan.source.expected_rate_hz
    if not steps and not timed_alone:
        return
    if steps and max(steps) - min(steps) > EVEN_NS:
        to.put("FrameTimeVector", [milliseconds(step) for step in [0, *steps]])
        to.put("FrameIncrementPointer", Tag("FrameTimeVector"))
    else:
        usual = round(1e9 / rate) if rate > 0 else 0
        to.put("FrameTime", milliseconds(steps[0] if steps else usual))
        to.put("FrameIncrementPointer", Tag("FrameTime"))
    if rate > 0:
        to.put("RecommendedDisplayFrameRate", max(1, round(rate)))
        to.put("CineRate", max(1, round(rate)))
