"""Runs in the rivals' own environment: reads one job a line, writes the filled picture, answers with its time.

A job: {"method", "picture", "known", "filled", "repeats"}, paths of npy files; the picture is float32 of 0 to 255.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from numpy.typing import NDArray  # noqa: E402

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]

cv2.setNumThreads(1)
RADIUS = 3  # pixels, of OpenCV's two fast methods


def _opencv(flag: int) -> Callable[[Field, Mask], Field]:
    def fill(picture: Field, known: Mask) -> Field:
        damaged = np.where(known, picture, np.float32(0))
        return np.asarray(cv2.inpaint(damaged, (~known).astype(np.uint8), RADIUS, flag), np.float32)

    return fill


def _xphoto(name: str) -> Callable[[Field, Mask], Field]:
    """Of 8 bit only, and the mask marks what is known."""

    xphoto: Any = getattr(cv2, "xphoto", None)

    def fill(picture: Field, known: Mask) -> Field:
        damaged = np.where(known, np.rint(picture), 0).astype(np.uint8)
        filled = np.zeros_like(damaged)
        xphoto.inpaint(damaged, known.astype(np.uint8) * np.uint8(255), filled, getattr(xphoto, name))
        return filled.astype(np.float32)

    return fill


def _biharmonic(picture: Field, known: Mask) -> Field:
    from skimage.restoration import inpaint_biharmonic

    return np.asarray(inpaint_biharmonic(np.where(known, picture, 0), ~known), np.float32)


METHODS: dict[str, Callable[[Field, Mask], Field]] = {
    "ns": _opencv(cv2.INPAINT_NS),
    "telea": _opencv(cv2.INPAINT_TELEA),
    "fsr_fast": _xphoto("INPAINT_FSR_FAST"),
    "fsr_best": _xphoto("INPAINT_FSR_BEST"),
    "shiftmap": _xphoto("INPAINT_SHIFTMAP"),
    "biharmonic": _biharmonic,
}


def samples(name: str) -> Field:
    """Give a sample picture of scikit-image in grey."""
    from skimage import data

    picture = np.asarray(getattr(data, name)(), np.float32)
    if picture.ndim == 3:
        picture = picture @ np.array([0.299, 0.587, 0.114], np.float32)
    return np.asarray(np.rint(picture), np.float32)


def do(job: dict[str, Any]) -> dict[str, Any]:
    """Do one job; the times are CPU milliseconds of this thread."""
    if job["method"] == "sample":
        np.save(job["filled"], samples(job["name"]))
        return {"ms": []}
    picture, known = np.load(job["picture"]), np.load(job["known"])
    taken = []
    for _ in range(job["repeats"]):
        began = time.thread_time_ns()
        filled = METHODS[job["method"]](picture, known)
        taken.append((time.thread_time_ns() - began) / 1e6)
    np.save(job["filled"], filled)
    return {"ms": taken}


if __name__ == "__main__":
    print(json.dumps({"opencv": cv2.__version__, "has": sorted(METHODS)}), flush=True)
    for line in sys.stdin:
        try:
            answer = do(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the rival's, and told to who asked
            answer = {"error": f"{type(error).__name__}: {error}"[:200]}
        print(json.dumps(answer), flush=True)
