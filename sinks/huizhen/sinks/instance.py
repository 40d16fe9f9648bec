"""Build a DICOM instance from frames: attributes by module, codestreams untouched as fragments."""

from collections.abc import Iterable
from typing import BinaryIO

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID

from huizhen.schemas.encapsulate import write_pixel_data
from huizhen.schemas.events import GeometryDeclared, SourceInfo
from huizhen.sinks.attributes import Attributes
from huizhen.sinks.carried import carried, drop_unwritable, is_writable
from huizhen.sinks.modules_class import add_class
from huizhen.sinks.modules_image import add_display, add_frames, add_general_image, add_pixels, add_spacing
from huizhen.sinks.modules_study import add_equipment, add_patient, add_series, add_sop_common, add_study, version
from huizhen.sinks.plan import DERIVED, Plan
from huizhen.sinks.private import add_private
from huizhen.sinks.sop_classes import SC_MULTI, is_multi_frame, sop_class_for
from huizhen.sinks.uids import IMPLEMENTATION_CLASS_UID

HTJ2K_LOSSLESS = UID("1.2.840.10008.1.2.4.201")


def sop_class_of(source: SourceInfo, geometry: GeometryDeclared) -> str:
    """Give the SOP class that frames of a source and geometry are written as."""
    known = carried(source.dicom_json)[0]
    known.update(carried(geometry.dicom_json)[0])
    return sop_class_for(source.sop_class_uid, geometry, known)


def dataset_of(plan: Plan) -> tuple[Dataset, list[str]]:
    """Build the data set without pixels; return it and the attributes that were refused (keywords or tags)."""
    dataset, refused = carried(plan.source.dicom_json)
    more, refused_too = carried(plan.geometry.dicom_json)
    dataset.update(more)
    sop_class = sop_class_for(plan.source.sop_class_uid, plan.geometry, dataset)
    to = Attributes(dataset)
    add_sop_common(to, plan, sop_class)
    add_patient(to, plan)
    add_study(to, plan)
    add_series(to, plan)
    add_equipment(to, plan)
    add_general_image(to, plan)
    add_pixels(to, plan)
    add_spacing(to, plan)
    add_display(to, plan)
    if is_multi_frame(sop_class):
        add_frames(to, plan, timed_alone=sop_class not in SC_MULTI)
    add_class(to, plan, sop_class)
    if plan.kind == DERIVED:
        to.put("DerivationDescription", "Pixels lost on the way were filled in; the mask names them. Not acquired.")
    add_private(dataset, plan)
    problems = refused + refused_too + to.problems
    return dataset, problems if is_writable(dataset) else problems + drop_unwritable(dataset)


def file_meta(dataset: Dataset, transfer_syntax: UID) -> FileMetaDataset:
    """Make the file meta information of an instance of ours (PS3.10 section 7.1)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    meta.ImplementationVersionName = f"HUIZHEN {version()}"[:16]
    return meta


def write_instance(out: BinaryIO, dataset: Dataset, sizes: list[int], frames: Iterable[bytes]) -> None:
    """Write a DICOM file: `dataset`, then the codestreams of `sizes` bytes as its fragments; the preamble is zeros."""
    dataset.file_meta = file_meta(dataset, HTJ2K_LOSSLESS)
    dcmwrite(out, dataset, enforce_file_format=True)
    out.seek(0, 2)
    write_pixel_data(out, sizes, frames)
