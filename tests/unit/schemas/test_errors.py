from huizhen.schemas.errors import BadId, BadInput, Bug, ChecksumMismatch, HuizhenError, Refused, TooLarge, Unavailable
from huizhen.schemas.reasons import RejectReason


def test_the_tree_answers_whose_fault() -> None:
    assert issubclass(BadId, BadInput)
    assert issubclass(TooLarge, BadInput)
    assert not issubclass(Unavailable, BadInput)
    assert issubclass(Bug, HuizhenError)


def test_messages_name_the_thing_and_the_limit() -> None:
    assert str(TooLarge("tile 7 of frame 1204", 9_541_018, 8 << 20, "TILE_PART_MAX")) == (
        "tile 7 of frame 1204 is 9,541,018, limit 8,388,608 (TILE_PART_MAX)"
    )
    assert "SHA-256 is aaaa" in str(ChecksumMismatch("frame 3", "b" * 64, "a" * 64))
    assert str(Unavailable("Kafka", 2)) == "Kafka is not available; trying again in 2 s"


def test_a_peers_text_cannot_forge_a_log_line() -> None:
    text = str(BadId("TenantId", "a\nlevel=info admin logged in" + "x" * 100, "short"))
    assert "\n" not in text
    assert "x" * 61 not in text


def test_every_refusal_knows_its_reason() -> None:
    assert BadId("a", "b", "c").reason is RejectReason.BAD_ENVELOPE
    assert Refused(RejectReason.STALE_EPOCH, "x").reason is RejectReason.STALE_EPOCH
    assert TooLarge("a", 2, 1, "L").reason is RejectReason.TOO_LARGE
    assert {Refused(RejectReason.POLICY, "x"): 1}  # hashable, as exceptions must be
