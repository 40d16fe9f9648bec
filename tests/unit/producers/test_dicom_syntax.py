"""Each transfer syntax is read one way, and what loses pixels says so."""

import pytest
from pydicom.uid import UID

from huizhen.producers.dicom_syntax import Codec, syntax_of
from huizhen.schemas.errors import Refused
from huizhen.schemas.reasons import RejectReason

ROOT = "1.2.840.10008.1.2"


@pytest.mark.parametrize(
    ("tail", "codec", "method"),
    [
        ("", Codec.NATIVE, ""),
        (".1", Codec.NATIVE, ""),
        (".2", Codec.NATIVE, ""),
        (".5", Codec.RLE, ""),
        (".4.50", Codec.JPEG, "ISO_10918_1"),
        (".4.51", Codec.JPEG, "ISO_10918_1"),
        (".4.57", Codec.JPEG_LOSSLESS, ""),
        (".4.70", Codec.JPEG_LOSSLESS, ""),
        (".4.80", Codec.JPEG_LS, ""),
        (".4.81", Codec.JPEG_LS, "ISO_14495_1"),
        (".4.90", Codec.JPEG_2000, ""),
        (".4.91", Codec.JPEG_2000, "ISO_15444_1"),
        (".4.201", Codec.HTJ2K, ""),
        (".4.202", Codec.HTJ2K, ""),
        (".4.203", Codec.HTJ2K, "ISO_15444_15"),
    ],
)
def test_a_known_syntax_agrees_with_pydicom(tail: str, codec: Codec, method: str) -> None:
    syntax, reference = syntax_of(ROOT + tail, allow_deflated=False), UID(ROOT + tail)
    assert (syntax.codec, syntax.lossy_method) == (codec, method)
    assert syntax.is_encapsulated == reference.is_encapsulated
    assert syntax.is_implicit == reference.is_implicit_VR
    assert syntax.is_little_endian == reference.is_little_endian


def test_a_deflated_data_set_is_read_only_where_that_is_allowed() -> None:
    assert syntax_of(ROOT + ".1.99", allow_deflated=True).is_deflated
    with pytest.raises(Refused, match="allow_deflated") as caught:
        syntax_of(ROOT + ".1.99", allow_deflated=False)
    assert caught.value.reason is RejectReason.POLICY


@pytest.mark.parametrize("uid", ["", "1.2.3", ROOT + ".4.100", ROOT + ".1.98"])
def test_a_syntax_that_is_not_replayed_is_refused_by_name(uid: str) -> None:
    with pytest.raises(Refused, match=f"transfer syntax '{uid}' is not replayed"):
        syntax_of(uid, allow_deflated=True)


@pytest.mark.parametrize(("uid", "shown"), [("1.2.3", "syntax '1.2.3' is"), ("Doe^Jane", "syntax that is no UID is")])
def test_a_message_names_a_uid_and_no_other_text_of_the_file(uid: str, shown: str) -> None:
    with pytest.raises(Refused, match=shown):
        syntax_of(uid, False)
