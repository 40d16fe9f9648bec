"""Files of a patient as other hospitals give them.

Real ones from pydicom's wheel (a CT slice and two structured reports), given to a patient of the tests; the PDF in a
DICOM file is made here, for no wheel holds a real one.
"""

import io
from functools import cache
from hashlib import sha256
from pathlib import Path

from pydicom import Dataset, dcmread, dcmwrite
from pydicom.data import get_testdata_file
from pydicom.dataset import FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

PATIENT = "CANARY-7"
"""PatientID of `FakeStation`'s exams"""
CT_SPACING_MM = 0.661468
PDF_CLASS = UID("1.2.840.10008.5.1.4.1.1.104.1")


def sample(name: str) -> bytes:
    """Give one of pydicom's own files as it is."""
    path = get_testdata_file(name, download=False)
    assert path is not None
    return Path(str(path)).read_bytes()


def given_to(name: str, patient: str = PATIENT, issuer: str = "", **attributes: object) -> bytes:
    """Give one of pydicom's files to a patient; `attributes`: what else is changed, by keyword."""
    dataset = dcmread(io.BytesIO(sample(name)))
    dataset.PatientID = patient
    if issuer:
        dataset.IssuerOfPatientID = issuer
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return written(dataset)


@cache
def ct(patient: str = PATIENT, issuer: str = "") -> bytes:
    """A CT slice of 128 x 128 pixels of 0.661468 mm."""
    return given_to("CT_small.dcm", patient, issuer, SeriesDescription="Thorax")


@cache
def report(name: str = "reportsi.dcm") -> bytes:
    """A structured report: a Basic Text SR, or `test-SR.dcm`, a Comprehensive SR."""
    return given_to(name)


@cache
def pdf(words: str = "Normal left ventricle") -> bytes:
    """A PDF of one page in a DICOM file."""
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = PDF_CLASS
    uid = generate_uid(entropy_srcs=["pdf", words])
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = uid
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.Modality = "1.2.3", "1.2.3.4", "DOC"
    dataset.PatientID, dataset.StudyDate, dataset.DocumentTitle = PATIENT, "20240131", "Echo report"
    content = page(words)
    dataset.MIMETypeOfEncapsulatedDocument = "application/pdf"
    dataset.EncapsulatedDocumentLength = len(content)
    dataset.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return written(dataset)


def page(words: str) -> bytes:
    """A PDF (1.4) of one page with one line of text, written by hand."""
    drawn = f"BT /F1 24 Tf 60 700 Td ({words}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources "
        b"<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
    ]
    out, places = io.BytesIO(b""), []
    out.write(b"%PDF-1.4\n")
    for number, content in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content))
    table = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    out.write(b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table))
    return out.getvalue()


def written(dataset: Dataset) -> bytes:
    """Give a dataset as a file (PS3.10)."""
    out = io.BytesIO()
    dcmwrite(out, dataset, enforce_file_format=True)
    return out.getvalue()


def digest(content: bytes) -> str:
    """The name of a file in the store."""
    return sha256(content).hexdigest()
