"""Make the pictures of `docs/topics/filling.md`: `python -m benchmarks.filling.pictures [folder]`.

Each sheet shows one crop six times: damaged, two rivals, ours, the truth, and our error (grey: none).
"""

import sys
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from benchmarks.filling.frames import HELD_OUT, TUNING, Frame, loop
from benchmarks.filling.masks import holes, phase_loss
from benchmarks.filling.measure import Mask, Pixels, psnr, square_error
from benchmarks.filling.rivals import Rivals
from numpy.typing import NDArray

from huizhen.processors.fill import Evidence, LostDetail, Previous, SampleFormat, fill, fill_details
from huizhen.processors.fill.lifting import from_planes, to_planes, zero_detail

SIDE = 144  # pixels of a crop
ZOOM = 2
LINE = 22  # pixels for a label
ERROR_GAIN = 2.0
DOCS = Path(__file__).parents[2] / "docs" / "img"
Picture = NDArray[np.uint8]


def grey(values: Pixels, low: float, high: float) -> Picture:
    """Show values between two levels as 0 to 255."""
    return np.asarray(np.clip((values.astype(np.float64) - low) / (high - low) * 255, 0, 255), np.uint8)


def panel(label: str, picture: Picture) -> Picture:
    """Enlarge a crop and write its label above it."""
    size = (picture.shape[1] * ZOOM, picture.shape[0] * ZOOM)
    large = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST)
    head = np.full((LINE, size[0], *picture.shape[2:]), 255, np.uint8)
    cv2.putText(head, label, (4, LINE - 7), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.asarray(np.concatenate((head, large)), np.uint8)


def sheet(panels: Iterable[tuple[str, Picture]]) -> Picture:
    """Put six panels into two rows."""
    made = [cv2.copyMakeBorder(panel(*each), 2, 2, 2, 2, cv2.BORDER_CONSTANT, value=(255,) * 3) for each in panels]
    return np.asarray(np.concatenate([np.concatenate(made[:3], axis=1), np.concatenate(made[3:], axis=1)]), np.uint8)


def error_map(filled: Pixels, truth: Pixels, scale: float) -> Picture:
    """Show the error around middle grey, ERROR_GAIN times as strong as the picture."""
    wrong = (filled.astype(np.float64) - truth.astype(np.float64)) / scale
    return np.asarray(np.clip(128 + ERROR_GAIN * wrong, 0, 255), np.uint8)


def hole_sheet(frame: Frame, rivals: Rivals, side: int, top: int, left: int) -> Picture:
    """A still picture with 8 % of its squares lost."""
    lost = holes(frame.pixels, side, 0.08, 4)
    truth, scale = frame.pixels, frame.scale
    low, high = (float(value) for value in np.percentile(truth, (1, 99.8)))
    filled, _ = fill(np.where(lost, 0, truth), ~lost, Evidence(SampleFormat(frame.bits, frame.signed)))
    shown, crop = (truth - float(truth.min())) / scale, (slice(top, top + SIDE), slice(left, left + SIDE))
    panels = [("damaged", np.where(lost, low, truth))]
    for label, method in (("Navier-Stokes", "ns"), ("FSR-fast", "fsr_fast")):
        answer = rivals.fill(method, shown, ~lost)
        if answer:
            theirs = answer[0].astype(np.float64) * scale + float(truth.min())
            panels.append((_labelled(label, theirs, truth, lost, scale), theirs))
    panels += [(_labelled("ours", filled, truth, lost, scale), filled), ("truth", truth)]
    drawn = [(label, grey(values[crop], low, high)) for label, values in panels]
    return sheet([*drawn, (f"our error x {ERROR_GAIN:.0f}", error_map(filled[crop], truth[crop], scale))])


def detail_sheet(frames: list[NDArray[np.uint8]], number: int, gap: int, top: int, left: int) -> Picture:
    """A colour loop one phase of which came at 1/4 size only."""
    truth, before = frames[number], frames[number - gap]
    loss = phase_loss(truth, 2, 2, 255.0)
    samples, lost = SampleFormat(8, channels=3), np.zeros(truth.shape[:2], np.bool_)
    zero, ours, copied, received = truth.copy(), truth.copy(), truth.copy(), truth.copy()
    for tile, filled in zip(loss.lost, fill_details(loss.lost, samples, Previous(before, gap)), strict=True):
        at = tile.box.slices
        lost[at] = True
        ours[at], copied[at], zero[at] = filled.pixels, before[at], _zero(tile, samples)
        received[at] = np.clip(tile.low.repeat(4, 0).repeat(4, 1), 0, 255)[: zero[at].shape[0], : zero[at].shape[1]]
    crop = (slice(top, top + SIDE), slice(left, left + SIDE))
    panels = [
        ("received: 1/4 size inside", received),
        (_labelled("zero detail", zero, truth, lost, 1.0), zero),
        (_labelled("last tile copied", copied, truth, lost, 1.0), copied),
        (_labelled("ours", ours, truth, lost, 1.0), ours),
        ("truth", truth),
    ]
    drawn = [(label, _brighter(values[crop][..., ::-1])) for label, values in panels]
    return sheet([*drawn, (f"our error x {ERROR_GAIN:.0f}", error_map(ours[crop], truth[crop], 1.0)[..., ::-1])])


def _brighter(picture: Pixels) -> Picture:
    return np.asarray(np.clip(picture.astype(np.float64) * 1.6, 0, 255), np.uint8)


def _zero(tile: LostDetail, samples: SampleFormat) -> Pixels:
    planes = zero_detail(to_planes(tile.low), *tile.box.shape, tile.discard)
    return samples.clip(from_planes(planes))[0]


def _labelled(label: str, found: Pixels, truth: Pixels, lost: Mask, scale: float) -> str:
    return f"{label}: {psnr(square_error(found, truth, lost, scale)):.1f} dB"


def projections() -> str:
    """Draw alternating projections onto two lines, and the point that the closed form gives at once (SVG)."""
    centre, ways = np.array([330.0, 150.0]), np.array([[np.cos(a), np.sin(a)] for a in (-0.12, 0.42)])

    def onto(point: NDArray[np.float64], way: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(centre + way * float((point - centre) @ way))

    points = [np.array([70.0, 190.0])]
    for step in range(14):
        points.append(onto(points[-1], ways[step % 2]))
    trail = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    ends = [(centre - 290 * way, centre + 190 * way) for way in ways]
    lines = "".join(
        f'<line x1="{a[0]:.0f}" y1="{a[1]:.0f}" x2="{b[0]:.0f}" y2="{b[1]:.0f}" stroke="{colour}" stroke-width="2"/>'
        for (a, b), colour in zip(ends, ("#06c", "#a50"), strict=True)
    )
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5"/>' for x, y in points)
    texts = (
        (12, 206, "start: any picture"),
        (352, 122, "pictures that agree with what is known", "#06c"),
        (92, 24, "pictures the model expects", "#a50"),
        (344, 176, "the limit: one matrix product gives it at once"),
    )
    words = "".join(
        f'<text x="{x}" y="{y}" fill="{(*colour, "#222")[0]}">{word}</text>' for x, y, word, *colour in texts
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 250" font-family="sans-serif" font-size="13">'
        f'<rect width="640" height="250" fill="#fff"/>{lines}<polyline points="{trail}" fill="none" stroke="#222"/>'
        f'{dots}<circle cx="330" cy="150" r="6" fill="none" stroke="#c00" stroke-width="2"/>{words}</svg>\n'
    )


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS
    with Rivals() as rivals:
        sheets = {
            "filling-holes-ct": hole_sheet(TUNING["CT-b"](), rivals, 16, 180, 60),
            "filling-holes-held-out": hole_sheet(HELD_OUT["CT-d"](), rivals, 16, 190, 120),
        }
    sheets["filling-detail-loop"] = detail_sheet(loop("loop-1"), 44, 4, 120, 248)
    folder.joinpath("filling-projections.svg").write_text(projections())
    for name, picture in sheets.items():
        cv2.imwrite(str(folder / f"{name}.png"), picture, [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == "__main__":
    main()
