"""What the archive would have stored of a fake station's frames: a real multi-frame DICOM file and its ledger entry."""

import hashlib
import io
import struct

from pydicom import Dataset, dcmwrite
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, HTJ2KLossless

from huizhen.schemas.events import LedgerEntry
from huizhen.schemas.ids import FrameNumber
from huizhen.schemas.keys import instance_key
from tests.services.fake_station import US_MULTIFRAME, FakeStation, coded, main_header


def instance(frames: int, uid: str, geometry: int | None = None) -> bytes:
    """An instance with the first frames of the loop; `geometry`: the one its private block names, if any."""
    header = main_header()
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = HTJ2KLossless
    meta.MediaStorageSOPClassUID = UID(US_MULTIFRAME)
    meta.MediaStorageSOPInstanceUID = UID(uid)
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = UID(uid)
    dataset.PatientID = "CANARY-7"
    dataset.Rows, dataset.Columns = header.rows, header.columns
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "YBR_RCT", 0
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 8, 8, 7, 0
    dataset.NumberOfFrames = frames
    dataset.PixelData = encapsulate([coded(number) for number in range(frames)])
    if geometry is not None:
        dataset.private_block(0x0099, "HUIZHEN 1", create=True).add_new(0x08, "OB", struct.pack("<q", geometry))
    out = io.BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def archived(station: FakeStation, frames: int, geometry: int | None = None) -> tuple[LedgerEntry, bytes]:
    """The ledger entry of frames 0 to `frames` - 1, and the object it names."""
    content = instance(frames, "1.2.3.0", geometry)
    sha256 = hashlib.sha256(content).hexdigest()
    key = instance_key(station.stream, "exact", FrameNumber(0), FrameNumber(frames - 1), sha256)
    return station.entry(0, frames - 1, "stored", key, sha256), content
