import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.schemas import keys
from huizhen.schemas.errors import BadId
from huizhen.schemas.ids import ConsultId, FrameNumber, SessionId, SourceId, StreamId, TenantId

STREAM = StreamId(TenantId("clinic"), SessionId("exam-1"), SourceId("probe"))


def test_an_instance_key_says_whose_what_and_which_bytes() -> None:
    key = keys.instance_key(STREAM, "exact", FrameNumber(64), FrameNumber(127), "a" * 64)
    assert key == f"clinic/exam-1/probe/exact/0000000064-0000000127-{'a' * 64}.dcm"
    assert key.startswith(keys.session_prefix(STREAM.tenant, STREAM.session))


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_gives_a_key_under_its_tenant_or_is_refused(tenant: str, session: str, source: str, kind: str) -> None:
    try:
        stream = StreamId(TenantId(tenant), SessionId(session), SourceId(source))
        key = keys.instance_key(stream, kind, FrameNumber(0), FrameNumber(1), "0" * 64)
    except BadId:
        return
    assert key.split("/")[:3] == [tenant, session, source]
    assert ".." not in key


@pytest.mark.parametrize("digest", ["", "a" * 63, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n"])
def test_a_digest_that_is_none_is_refused(digest: str) -> None:
    with pytest.raises(BadId):
        keys.manifest_key(TenantId("clinic"), SessionId("exam-1"), digest)
    with pytest.raises(BadId):
        keys.message_key(TenantId("clinic"), ConsultId("c"), digest)
