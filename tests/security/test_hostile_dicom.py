"""Each hostile file meets the limited child process and is refused with its reason, or read as what it harmlessly is.

That a file costs 1 s of processor time and 256 MB at most is the kernel's word: the limits that the child stands under
are read from it. How long a test machine takes says nothing.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huizhen.producers.decode_wire import Request
from huizhen.producers.dicom_child import FRAME_CPU_S, MEMORY_MAX_BYTES, OPEN_CPU_S
from huizhen.producers.dicom_child_io import DecodeChild, Fault
from huizhen.schemas import keys
from huizhen.schemas.errors import BadId, BadInput
from huizhen.schemas.ids import ConsultId, FrameNumber, SessionId, SourceId, StreamId, TenantId, Uid
from tests.security.hostile import HARMLESS, PATH, Hostile, corpus


@pytest.fixture(scope="module")
def child() -> Iterator[DecodeChild]:
    made = DecodeChild()
    yield made
    made.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Hostile]:
    return list(corpus(tmp_path_factory.mktemp("hostile")))


def outcome(child: DecodeChild, path: Path, hostile: Hostile) -> tuple[str, str]:
    """Give the reason of a refusal, or what is said of the file."""
    path.write_bytes(hostile.content)
    child.ask(Request(str(path), -1, hostile.allow_deflated))
    try:
        summary = child.summary()
    except BadInput as error:
        return error.reason, str(error)
    child.ask(Request(str(path), 0, hostile.allow_deflated))
    answer = child.frame()
    if isinstance(answer, Fault):
        return answer.refusal.reason, answer.refusal.message
    return HARMLESS, json.dumps(asdict(summary.description))


@pytest.mark.timeout(300)
def test_every_hostile_file_is_refused_with_its_reason_or_harmless(
    child: DecodeChild, files: list[Hostile], tmp_path: Path
) -> None:
    found = {each.name: outcome(child, tmp_path / "hostile.dcm", each) for each in files}
    wrong = {each.name: found[each.name] for each in files if found[each.name][0] not in each.outcomes}
    assert wrong == {}
    assert len(found) == len(files) > 30
    assert not any(".." in said for name, (_, said) in found.items() if name.startswith("a path as"))
    quoted = [name for name, (reason, said) in found.items() if reason != HARMLESS and ("Doe" in said or ".." in said)]
    assert quoted == [], "a refusal names nothing of the file"


def test_the_kernel_holds_the_child_to_a_quarter_of_a_gibibyte_and_a_second_a_frame(
    child: DecodeChild, files: list[Hostile], tmp_path: Path
) -> None:
    outcome(child, tmp_path / "first.dcm", files[-1])
    limits = Path(f"/proc/{child.pid}/limits").read_text()
    words = {line.split("  ")[0]: line.split()[-3:-1] for line in limits.splitlines()}
    assert words["Max data size"] == [str(MEMORY_MAX_BYTES)] * 2 == [str(256 << 20)] * 2
    assert words["Max core file size"] == words["Max file size"] == ["0", "0"]
    assert (FRAME_CPU_S, OPEN_CPU_S) == (1.0, 5.0)


PIECES = ["..", "/", "\\", "\0", "%2e", "\u2024", "\uff0e", "~", "clinic", "exam-1", " ", "\n", "A"]
HOSTILE_TEXT = st.lists(st.sampled_from(PIECES) | st.text(), max_size=5).map("".join)


@given(HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT, HOSTILE_TEXT)
def test_whatever_text_a_sender_gives_a_key_stays_under_its_tenant_or_is_refused(
    tenant: str, session: str, source: str, kind: str, digest: str
) -> None:
    def made() -> Iterator[str]:
        owner = TenantId(tenant)
        stream = StreamId(owner, SessionId(session), SourceId(source))
        yield keys.session_prefix(owner, stream.session)
        for sha256 in ("0" * 64, digest):
            yield keys.manifest_key(owner, stream.session, sha256)
            yield keys.message_key(owner, ConsultId(source), sha256)
            yield keys.instance_key(stream, kind, FrameNumber(0), FrameNumber(1), sha256)

    walk = made()
    while True:
        try:
            key = next(walk)
        except (BadId, StopIteration):
            return
        assert key.startswith(f"{tenant}/")
        assert key.isascii()
        assert not {"..", ".", ""} & set(key.removesuffix("/").split("/"))


@pytest.mark.parametrize("text", [PATH, "1.2..3", "1.2/3", "1.2\\3", "1.02", "1.2.", "１.２", "1.2\0", "1" * 65, ""])
def test_a_path_is_no_uid(text: str) -> None:
    with pytest.raises(BadId):
        Uid(text)
