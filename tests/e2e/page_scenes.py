"""Exams that the page's tests show: real frames, coded once, and the events that announce them."""

import hashlib
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filewriter import dcmwrite
from pydicom.uid import HTJ2KLossless

from huizhen.schemas import htj2k
from huizhen.schemas.codestream import read_header
from huizhen.schemas.events import Announced, GeometryDeclared, SourceInfo
from tests.services.patient_files import PATIENT

TENANT = "clinic"
US_FILE = "color3d_jpeg_baseline.dcm"  # 640×480 RGB ultrasound, 120 frames, from pydicom-data
SOP_CLASS = "1.2.840.10008.5.1.4.1.1.3.1"
Pixels = NDArray[np.generic]


@dataclass(frozen=True, slots=True)
class Scene:
    """One source of one session, with the frames it loops over."""

    session: str
    source: str
    modality: str
    kind: str
    rate_hz: float
    lossy: str
    bits: int
    window: tuple[float, float] | None
    pixels: tuple[Pixels, ...]
    streams: tuple[bytes, ...]
    digests: tuple[str, ...]
    """SHA-256 of each frame's samples, C order, little-endian"""
    tile: int = 128
    geometry_id: int = 0
    profile: str = "test"
    mask_teaching: tuple[int, ...] = ()

    @property
    def tiles(self) -> int:
        """Tiles of a frame."""
        return read_header(self.streams[0])[0].tiles

    @property
    def info(self) -> SourceInfo:
        """Say what it is."""
        return SourceInfo(self.source, self.kind, SOP_CLASS, self.profile, 1, self.rate_hz, self.lossy)

    def geometry(self, at_ns: int) -> GeometryDeclared:
        """Give the event that says how its frames are read."""
        header, _ = read_header(self.streams[0])
        return GeometryDeclared(
            tenant=TENANT, session=self.session, source=self.source, geometry=self.geometry_id, epoch=1,
            declared_at_ns=at_ns, columns=header.columns, rows=header.rows, samples_per_pixel=header.components,
            bits_stored=self.bits,
            pixel_representation=int(header.signed),
            photometric_interpretation="RGB" if header.components == 3 else "MONOCHROME2",
            tile=header.tile, levels=header.levels, coding_digest=hashlib.sha256(header.encode()).hexdigest(),
            window_center=[self.window[0]] if self.window else [],
            window_width=[self.window[1]] if self.window else [],
            mask_teaching=list(self.mask_teaching),
        )  # fmt: skip


def announced(scenes: Sequence[Scene], at_ns: int) -> Announced:
    """Give the event that begins a session with these sources."""
    first = scenes[0]
    return Announced(
        alliance="alliance", tenant=TENANT, campus="main", room="room-1", station="station-1", session=first.session,
        epoch=1, announced_at_ns=at_ns, sources=[one.info for one in scenes], modality=first.modality, access_mode="A",
        partitions=8, study_instance_uid="1.2.3", patient_id=PATIENT,
    )  # fmt: skip


def _scene(pixels: list[Pixels], bits: int, **named: object) -> Scene:
    streams = tuple(htj2k.encode(each, bits, False, 128) for each in pixels)
    digests = tuple(hashlib.sha256(np.ascontiguousarray(each).tobytes()).hexdigest() for each in pixels)
    return Scene(pixels=tuple(pixels), streams=streams, digests=digests, bits=bits, **named)  # type: ignore[arg-type]


def ultrasound(frames: int) -> Scene:
    """Give a real colour ultrasound clip; its device had compressed it with loss."""
    dataset = dcmread(str(get_testdata_file(US_FILE, download=False)))
    coded = generate_frames(dataset.PixelData, number_of_frames=120)
    pixels: list[Pixels] = [imagecodecs.jpeg8_decode(each) for each, _ in zip(coded, range(frames), strict=False)]
    return _scene(
        pixels, 8, session="us-1", source="probe", modality="US", kind="probe", rate_hz=30.0, lossy="01", window=None
    )


def camera(frames: int) -> Scene:
    """Give a room camera's colour picture, sent without a profile that blanks anything."""
    dataset = dcmread(str(get_testdata_file("examples_ybr_color.dcm", download=False)))
    pixels: list[Pixels] = [np.array(each) for each in dataset.pixel_array[:frames]]
    return _scene(
        pixels, 8, session="us-3", source="camera", modality="US", kind="camera", rate_hz=5.0, lossy="00", window=None,
        profile="generic",
    )  # fmt: skip


def angiography(frames: int) -> Scene:
    """Give a 12-bit phantom: vessels that fill with contrast, over noise."""
    rng = np.random.default_rng(7)
    rows, columns = np.mgrid[0:512, 0:512]
    body = 2600 + 500 * np.cos(columns / 160) + 300 * np.sin(rows / 130)
    pixels: list[Pixels] = []
    for frame in range(frames):
        picture = body + rng.normal(0, 18, body.shape)
        for vessel in range(5):
            course = 90 + 80 * vessel + 40 * np.sin(rows / (50 + 9 * vessel) + vessel)
            filled = rows < (frame + 1) * 512 / frames
            picture -= 900 * np.exp(-(((columns - course) / (7 - vessel)) ** 2)) * filled
        pixels.append(np.clip(picture, 0, 4095).astype(np.uint16))
    return _scene(
        pixels, 12, session="xa-1", source="angio", modality="XA", kind="angiography", rate_hz=15.0, lossy="00",
        window=(2400.0, 2600.0),
    )  # fmt: skip


def widened(scene: Scene) -> Scene:
    """Give the same source after somebody changed its picture: half as wide again, with another window."""
    pixels: list[Pixels] = [np.concatenate([each, each[:, : each.shape[1] // 2]], axis=1) for each in scene.pixels]
    return _scene(
        pixels, scene.bits, session=scene.session, source=scene.source, modality=scene.modality, kind=scene.kind,
        rate_hz=scene.rate_hz, lossy=scene.lossy, window=(1800.0, 1000.0), geometry_id=1,
    )  # fmt: skip


def uid_of(scene: Scene, first: int, kind: str = "exact") -> str:
    """Give the SOPInstanceUID of the instance that begins with a frame."""
    name = f"{scene.session}/{scene.source}/{kind}/{first}"
    return f"2.25.{int.from_bytes(hashlib.sha256(name.encode()).digest()[:8])}"


def instance(scene: Scene, first: int, frames: int, kind: str = "exact") -> bytes:
    """Give frames of a scene as the archive would store them, with what reading frames back needs and no more."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = SOP_CLASS, uid_of(scene, first, kind)
    dataset.NumberOfFrames = frames
    loop = [scene.streams[number % len(scene.streams)] for number in range(first, first + frames)]
    block = dataset.private_block(0x0099, "HUIZHEN 1", create=True)
    block.add_new(0x08, "OB", struct.pack("<q", scene.geometry_id))
    dataset.PixelData = encapsulate(loop, has_bot=False)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = HTJ2KLossless
    out = io.BytesIO()
    dcmwrite(out, dataset, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return out.getvalue()
