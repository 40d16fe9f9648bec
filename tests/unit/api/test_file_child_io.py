"""The child process that reads patients' files."""

import pytest

from huizhen.api.file_child_io import FileChild
from huizhen.api.problem import Problem
from tests.services import patient_files as files


async def test_a_child_describes_a_file_and_reads_its_report_and_its_pdf() -> None:
    child = FileChild()
    assert (await child.describe(files.ct())).modality == "CT"
    assert (await child.report(files.report())).kind == "sr"
    assert await child.document(files.pdf()) == files.page("Normal left ventricle")


async def test_a_childs_refusal_is_a_problem() -> None:
    with pytest.raises(Problem) as error:
        await FileChild().describe(b"no DICOM")
    assert (error.value.status, "no DICOM file" in error.value.detail) == (415, True)
