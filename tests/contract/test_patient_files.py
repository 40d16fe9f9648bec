"""A patient's files in a real S3."""

from huizhen.api.file_child_io import FileChild
from huizhen.api.files import PatientFiles
from huizhen.api.objects_io import S3Objects
from huizhen.schemas.ids import TenantId
from huizhen.schemas.keys import file_key
from huizhen.schemas.settings import S3Settings
from tests.services import patient_files as samples

CLINIC, SCOPE = TenantId("clinic"), samples.digest(b"files of one patient")


async def test_files_are_found_where_they_were_put_and_read_in_a_child(s3: S3Settings) -> None:
    objects = S3Objects(s3)
    for content, suffix in ((samples.ct(), "dcm"), (b"Normal.", "txt"), (b"x" * (9 << 20), "dcm")):
        await objects.put(file_key(CLINIC, SCOPE, samples.digest(content), suffix), content, "application/dicom")
    files = PatientFiles(objects, FileChild())
    found = await files.listed(CLINIC, SCOPE)
    assert sorted(one.facts.kind for one in found.files) == ["images", "text"]
    assert found.left_out == 1
    ct = await files.find(CLINIC, SCOPE, samples.digest(samples.ct()))
    assert ct is not None
    assert (await files.content(ct), ct.stored.size_bytes) == (samples.ct(), len(samples.ct()))
    assert await files.find(CLINIC, samples.digest(b"another patient"), ct.sha256) is None
