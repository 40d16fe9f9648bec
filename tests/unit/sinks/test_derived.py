from pathlib import Path

import numpy as np
from pydicom import dcmread

from huizhen.schemas.reasons import TileState
from huizhen.schemas.record import TileOrigin
from huizhen.sinks.derived import mask_dataset, mask_key, mask_of, write_mask
from huizhen.sinks.instance import dataset_of, write_instance
from huizhen.sinks.plan import Plan
from tests.unit.sinks import exam
from tests.unit.sinks.dicom_tools import errors_of

TRUE, BASE = TileOrigin(TileState.TRUE), TileOrigin(TileState.BASE, 1, 2.0)
TILES = {3: (TRUE, BASE, TRUE, TRUE), 4: (BASE, TRUE, TileOrigin(TileState.UNCHANGED, 1), BASE)}


def plan() -> Plan:
    source = exam.source()
    frames = tuple(exam.frame(number, exact=False, tiles=tiles) for number, tiles in TILES.items())
    return Plan("derived", exam.STREAM, exam.announced(source), source, exam.geometry(), frames)


def test_the_mask_is_one_where_a_tile_was_filled() -> None:
    mask = mask_of(exam.geometry(), TILES[4])
    assert mask[:64, :64].all()
    assert mask[64:, 64:].all()
    assert mask.sum() == 64 * 64 + 16 * 32


def test_a_derived_instance_and_its_mask_are_valid_and_say_what_they_are(tmp_path: Path) -> None:
    made = plan()
    derived, refused = dataset_of(made)
    coded = [exam.coded(exam.COLOUR, each.number) for each in made.frames]
    with (tmp_path / "derived.dcm").open("w+b") as out:
        write_instance(out, derived, [len(each) for each in coded], coded)
    with (tmp_path / "mask.dcm").open("w+b") as out:
        write_mask(out, mask_dataset(made, derived))
    assert (refused, errors_of(tmp_path / "derived.dcm"), errors_of(tmp_path / "mask.dcm")) == ([], [], [])
    mask = dcmread(tmp_path / "mask.dcm")
    np.testing.assert_array_equal(
        mask.pixel_array, np.stack([mask_of(made.geometry, each.tiles) for each in made.frames])
    )
    assert mask.SourceImageSequence[0].ReferencedSOPInstanceUID == derived.SOPInstanceUID
    assert derived.ImageType[0] == "DERIVED"
    assert "Not acquired" in derived.DerivationDescription
    assert len({derived.SeriesInstanceUID, mask.SeriesInstanceUID}) == 2
    assert mask_key(made, "b" * 64).startswith("clinic/exam-1/probe/mask/0000000003-0000000004-")
