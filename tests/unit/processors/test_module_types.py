from huizhen.processors.module_types import STORAGE, from_highdicom, module_types


def test_the_kept_table_is_the_one_of_the_highdicom_wheel() -> None:
    wheel = from_highdicom()
    assert {uid: (sorted(types.type_1), sorted(types.type_2)) for uid, types in module_types().items()} == {
        uid: (types["1"], types["2"]) for uid, types in wheel.items()
    }


def test_it_knows_what_a_ct_image_cannot_do_without() -> None:
    types = module_types()[STORAGE + "2"]
    assert {"ImagePositionPatient", "FrameOfReferenceUID", "StudyInstanceUID"} <= types.type_1
    assert {"PatientName", "PatientID", "StudyDate"} <= types.type_2
