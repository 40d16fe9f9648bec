"""Every route, by every role, from every side: the status and the one audit event. Made from the OpenAPI document.

A new route without a row fails; so does a route that lets somebody in whom its row does not name.
"""

import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

import httpx
import pytest
from PIL import Image

from huizhen.api.access import digest_of
from huizhen.api.audit import Code
from huizhen.api.openapi import SOCKETS
from huizhen.api.patient import scope_of
from huizhen.api.roles import TABLE, Right, Role
from huizhen.schemas.events import ConsultEvent
from huizhen.schemas.ids import TenantId
from huizhen.schemas.keys import file_key
from huizhen.sinks.instance import dataset_of, write_instance
from huizhen.sinks.plan import Plan
from tests.services import patient_files as files
from tests.services.asgi_socket import Closed, connect
from tests.services.fake_api import KEY, ORIGIN, FakeApi
from tests.services.fake_archive import archived
from tests.services.fake_station import FakeStation
from tests.services.fake_videos import VIDEO
from tests.services.sign_in import make_code
from tests.unit.sinks import exam

UID = "1.2.3.0"
INVITE, SAID, FILED = "an-invitation", b"hello", files.pdf()
GRANT = {"subject": "bob", "institution": "elsewhere", "rights": ["watch"], "expires_in_s": 600}


@dataclass(frozen=True, slots=True)
class Row:
    """What a route asks for and how it is written down."""

    right: Right | None
    code: Code
    action: str
    success: int = 200
    body: dict[str, Any] | None = None
    of_session: bool = False
    of_consult: bool = False
    state: str = "waiting"
    """The consultation's state that the request needs"""
    content: bytes | None = None
    """A body that is no JSON"""
    media_type: str = ""


def picture() -> bytes:
    """A small PNG."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4)).save(out, "PNG")
    return out.getvalue()


ROWS = {
    ("POST", "/v1/refresh"): Row(None, Code.AUTHENTICATION, "E"),
    ("POST", "/v1/sign-out"): Row(None, Code.AUTHENTICATION, "E", 204),
    ("GET", "/v1/sessions"): Row(Right.SEE, Code.QUERY, "E"),
    ("GET", "/v1/sessions/{session}"): Row(Right.SEE, Code.QUERY, "R", of_session=True),
    ("POST", "/v1/tickets"): Row(
        Right.WATCH, Code.ACCESSED, "R", 201, {"purpose": "live", "session": "exam-1"}, of_session=True
    ),
    ("GET", "/v1/sessions/{session}/events"): Row(Right.SEE, Code.QUERY, "R", of_session=True),
    ("GET", "/v1/queue/events"): Row(Right.QUEUE, Code.QUERY, "R"),
    ("GET", "/v1/sessions/{session}/instances"): Row(Right.WATCH, Code.ACCESSED, "R", of_session=True),
    ("GET", "/v1/sessions/{session}/instances/{uid}"): Row(Right.FILE, Code.EXPORT, "R", of_session=True),
    ("GET", "/v1/sessions/{session}/instances/{uid}/frames/{number}"): Row(
        Right.WATCH, Code.ACCESSED, "R", of_session=True
    ),
    ("OPTIONS", "/v1/sessions/{session}/whep"): Row(Right.WATCH, Code.QUERY, "R", 204, of_session=True),
    ("POST", "/v1/sessions/{session}/whep"): Row(
        Right.WATCH, Code.ACCESSED, "R", 201, of_session=True, content=b"v=0", media_type="application/sdp"
    ),
    ("DELETE", "/v1/sessions/{session}/whep/{video}"): Row(Right.WATCH, Code.ACCESSED, "R", of_session=True),
    ("GET", "/v1/consults"): Row(Right.QUEUE, Code.QUERY, "E"),
    ("POST", "/v1/consults"): Row(Right.REQUEST, Code.PROCEDURE, "C", 201, {"session": "exam-1"}, of_session=True),
    ("GET", "/v1/consults/{consult}"): Row(Right.QUEUE, Code.QUERY, "R", of_consult=True),
    ("POST", "/v1/consults/{consult}/claim"): Row(Right.CONSULT, Code.PROCEDURE, "U", of_consult=True),
    ("POST", "/v1/consults/{consult}/finish"): Row(
        Right.CONSULT, Code.PROCEDURE, "U", 200, {"transaction_uid": "2.25.1"}, of_consult=True, state="claimed"
    ),
    ("POST", "/v1/consults/{consult}/cancel"): Row(Right.CANCEL, Code.PROCEDURE, "U", 200, {}, of_consult=True),
    ("POST", "/v1/consults/{consult}/grant"): Row(Right.GRANT, Code.PROCEDURE, "U", 200, GRANT, of_consult=True),
    ("POST", "/v1/consults/{consult}/revoke"): Row(
        Right.GRANT, Code.PROCEDURE, "U", 200, {"subject": "bob", "institution": "elsewhere"}, of_consult=True
    ),
    ("POST", "/v1/consults/{consult}/tickets"): Row(Right.WATCH, Code.ACCESSED, "R", 201, of_consult=True),
    ("POST", "/v1/consults/{consult}/invites"): Row(Right.GRANT, Code.PROCEDURE, "U", 201, {}, of_consult=True),
    ("POST", "/v1/consults/{consult}/redeem"): Row(
        Right.WATCH, Code.PROCEDURE, "U", 200, {"invite": INVITE}, of_consult=True, state="invited"
    ),
    ("POST", "/v1/consults/{consult}/messages"): Row(
        Right.WATCH, Code.PROCEDURE, "U", 201, {"text": "hello"}, of_consult=True
    ),
    ("POST", "/v1/consults/{consult}/images"): Row(
        Right.WATCH, Code.PROCEDURE, "U", 201, of_consult=True, content=picture()
    ),
    ("GET", "/v1/consults/{consult}/messages/{sha256}"): Row(
        Right.WATCH, Code.ACCESSED, "R", of_consult=True, state="said"
    ),
    ("GET", "/v1/consults/{consult}/presentation-state"): Row(
        Right.FILE, Code.EXPORT, "R", of_consult=True, state="drawn"
    ),
    ("GET", "/v1/consults/{consult}/studies"): Row(Right.WATCH, Code.QUERY, "R", of_consult=True),
    ("GET", "/v1/consults/{consult}/studies/{session}/instances"): Row(
        Right.WATCH, Code.ACCESSED, "R", of_consult=True
    ),
    ("GET", "/v1/consults/{consult}/studies/{session}/instances/{uid}/frames/{number}"): Row(
        Right.WATCH, Code.ACCESSED, "R", of_consult=True
    ),
    ("GET", "/v1/consults/{consult}/files"): Row(Right.WATCH, Code.QUERY, "R", of_consult=True, state="filed"),
    ("POST", "/v1/consults/{consult}/files"): Row(
        Right.FILE, Code.IMPORT, "C", 201, of_consult=True, content=files.ct(), media_type="application/dicom"
    ),
    ("GET", "/v1/consults/{consult}/files/{sha256}"): Row(
        Right.FILE, Code.EXPORT, "R", of_consult=True, state="filed"
    ),
    ("GET", "/v1/consults/{consult}/files/{sha256}/report"): Row(
        Right.FILE, Code.ACCESSED, "R", of_consult=True, state="filed"
    ),
    ("GET", "/v1/consults/{consult}/files/{sha256}/document"): Row(
        Right.FILE, Code.EXPORT, "R", of_consult=True, state="filed"
    ),
}  # fmt: skip
OPEN = {("GET", "/healthz"), ("GET", "/readyz"), ("POST", "/v1/sign-in")}
SOCKET = "/v1/sessions/{session}/live"
ROOM = "/v1/rooms/{consult}"
GRANTED = {Right.SEE, Right.WATCH, Right.FILE, Right.CONSULT}
"""Rights the guest below was granted; the queue comes with any grant, canceling with consulting"""


@cache
def exam_file() -> bytes:
    """An instance as the archive writes it, with everything a presentation state takes over."""
    plan = Plan("exact", exam.STREAM, exam.announced(), exam.source(), exam.geometry(), (exam.frame(0), exam.frame(1)))
    dataset, _ = dataset_of(plan)
    dataset.SOPInstanceUID = UID
    coded, out = [exam.coded(exam.COLOUR, number) for number in (0, 1)], io.BytesIO()
    write_instance(out, dataset, [len(each) for each in coded], coded)
    return out.getvalue()


def consult_event(kind: str, **more: object) -> ConsultEvent:
    given = {"subject": "ann", "institution": "clinic", **more}
    return ConsultEvent("c-1", kind, 1, tenant="clinic", session="exam-1", **given)  # type: ignore[arg-type]


def world(row: Row, granted: bool = False) -> FakeApi:
    """A clinic with one exam, one stored instance and one consultation in the state the row needs."""
    api = FakeApi()
    station = FakeStation("clinic")
    entry, content = archived(station, 4)
    api.objects.by_key[entry.object_key] = content
    api.take(station.announced(), station.geometry(), entry, consult_event("requested"))
    if row.state == "claimed":
        api.take(consult_event("claimed", transaction_uid="2.25.1"))
    if row.state == "invited":
        invited = json.dumps({"invite": digest_of(INVITE)})
        api.take(consult_event("invited", payload=invited, rights=["watch"], expires_at_s=int(api.now_s) + 600))
    if row.state == "drawn":
        image = exam_file()
        api.objects.by_key[entry.object_key] = image
        drawing = {"id": "d-1", "kind": "arrow", "source": "probe", "number": 1, "points": [[1, 2], [30, 40]]}
        api.take(consult_event("annotation", payload=json.dumps({"add": drawing})))
    if row.state == "said":
        api.objects.by_key["k"] = SAID
        said = {"sha256": sha256(SAID).hexdigest(), "media_type": "text/plain", "size_bytes": len(SAID)}
        api.take(consult_event("message", payload=json.dumps(said), object_key="k"))
    if row.state == "filed":
        scope = scope_of(station.announced())
        api.objects.by_key[file_key(TenantId("clinic"), scope, files.digest(FILED), "dcm")] = FILED
    if granted:
        rights = sorted(GRANTED)
        until = int(api.now_s) + 600
        api.take(consult_event("granted", subject="guest", institution="elsewhere", rights=rights, expires_at_s=until))
    return api


async def send(client: httpx.AsyncClient, method: str, path: str, row: Row) -> httpx.Response:
    """Send the row's request."""
    digest = files.digest(FILED if "/files/" in path else SAID)
    filled = path.format(session="exam-1", consult="c-1", uid=UID, number=1, sha256=digest, video=VIDEO)
    headers = {"content-type": row.media_type} if row.media_type else None
    return await client.request(method, filled, json=row.body, content=row.content, headers=headers)


async def ask(api: FakeApi, client: httpx.AsyncClient, method: str, path: str, row: Row) -> int:
    """Send the row's request; of a stream the first bytes are enough."""
    api.world.ending = path.endswith("/events")  # a stream ends at once, as at shutdown
    answer = await send(client, method, path, row)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code
    return answer.status_code


def single_event(api: FakeApi, route: tuple[str, str], code: Code, outcome: int, subject: str) -> None:
    events = api.audit.take()
    assert [((e.method, e.route), e.event_code, e.outcome, e.subject) for e in events] == [
        (route, code, outcome, subject)
    ]
    assert "CANARY" not in repr(events)


def routes(api: FakeApi) -> set[tuple[str, str]]:
    return {(method.upper(), path) for path, item in api.app.openapi()["paths"].items() for method in item}


def test_every_route_has_a_row() -> None:
    api = FakeApi()
    assert routes(api) == set(ROWS) | OPEN
    assert api.app.openapi()[SOCKETS] == [SOCKET, ROOM]


EVERY = pytest.mark.parametrize(("method", "path"), ROWS, ids=[f"{method} {path}" for method, path in ROWS])


@EVERY
@pytest.mark.parametrize("role", Role)
async def test_a_role_gets_what_the_table_says_and_it_is_written_down(method: str, path: str, role: Role) -> None:
    row = ROWS[method, path]
    api = world(row)
    async with api.client(role) as client:
        status = await ask(api, client, method, path, row)
    if row.right is None or row.right in TABLE[role]:
        assert status == row.success
        single_event(api, (method, path), row.code, 0, "ann")
    else:
        assert status == 403
        single_event(api, (method, path), Code.ALERT, 4, "ann")


@EVERY
async def test_a_stranger_is_refused(method: str, path: str) -> None:
    api = world(ROWS[method, path])
    async with api.client() as client:
        assert await ask(api, client, method, path, ROWS[method, path]) == 401
    single_event(api, (method, path), Code.ALERT, 4, "anonymous")


@EVERY
async def test_a_role_nobody_knows_is_refused(method: str, path: str) -> None:
    row = ROWS[method, path]
    api = world(row)
    async with api.client("viewer") as client:
        client.headers["authorization"] = f"Bearer {api.token()}"
        assert await ask(api, client, method, path, row) == (row.success if row.right is None else 403)


@EVERY
async def test_an_expired_token_is_refused(method: str, path: str) -> None:
    api = world(ROWS[method, path])
    async with api.client(*Role) as client:
        api.now_s += 700
        assert await ask(api, client, method, path, ROWS[method, path]) == 401
    single_event(api, (method, path), Code.ALERT, 8, "anonymous")


@EVERY
async def test_a_signed_out_token_is_refused(method: str, path: str) -> None:
    api = world(ROWS[method, path])
    async with api.client(*Role) as client:
        await client.post("/v1/sign-out")
        api.audit.take()
        assert await ask(api, client, method, path, ROWS[method, path]) == 401
    single_event(api, (method, path), Code.ALERT, 4, "anonymous")


THINGS = pytest.mark.parametrize(
    ("method", "path"), [key for key, row in ROWS.items() if row.of_session or row.of_consult]
)


@THINGS
async def test_a_foreign_thing_and_an_absent_one_are_the_same(method: str, path: str) -> None:
    """Another institution's reader, with every role there is, learns nothing of what exists."""
    row = ROWS[method, path]
    api = world(replace(row, state="waiting") if row.state == "invited" else row)  # whose invitation is none of hers
    empty = FakeApi()
    bodies = []
    for one in (api, empty):
        async with one.client(*Role, subject="guest", institution="elsewhere") as client:
            answer = await send(client, method, path, row)
        bodies.append((answer.status_code, answer.json(), sorted(answer.headers.items())))
        single_event(one, (method, path), Code.ALERT, 4, "guest")
    assert bodies[0][0] == 404
    assert bodies[0] == bodies[1]


@THINGS
async def test_a_guest_gets_what_the_grant_says_until_it_ends(method: str, path: str) -> None:
    row = ROWS[method, path]
    assert row.right is not None
    api = world(row, granted=True)
    allowed = row.right in GRANTED or (row.of_consult and row.right in {Right.QUEUE, Right.CANCEL})
    async with api.client(*Role, subject="guest", institution="elsewhere") as client:
        assert await ask(api, client, method, path, row) == (row.success if allowed else 404)
        if allowed:
            single_event(api, (method, path), row.code, 0, "guest")
        api.now_s += 601  # the token still counts, within its leeway
        api.audit.take()
        assert await ask(api, client, method, path, row) == 404


@THINGS
async def test_a_granted_right_needs_the_role_as_well(method: str, path: str) -> None:
    row = ROWS[method, path]
    api = world(row, granted=True)
    lacking = [role for role in Role if row.right not in TABLE[role]]
    async with api.client(*lacking, subject="guest", institution="elsewhere") as client:
        assert await ask(api, client, method, path, row) == (403 if lacking else 401)


@EVERY
async def test_what_cannot_be_written_down_is_refused(method: str, path: str) -> None:
    row = ROWS[method, path]
    api = world(row)
    api.audit.away = True
    async with api.client(*Role) as client:
        answer = await send(client, method, path, row)
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert api.log.events == []


@pytest.mark.parametrize("path", sorted({path for _, path in ROWS}))
async def test_nobody_is_served_before_the_logs_are_read(path: str) -> None:
    api = FakeApi()
    api.world.ready = False
    method = next(method for method, one in ROWS if one == path)
    async with api.client(*Role) as client:
        assert await ask(api, client, method, path, ROWS[method, path]) == 503


async def test_a_sign_in_is_written_down_once() -> None:
    api = FakeApi()
    code = make_code(KEY, "ann", "clinic", ["viewer"], now_s=api.now_s)
    async with api.client() as client:
        assert (await client.post("/v1/sign-in", json={"code": code})).status_code == 200
        single_event(api, ("POST", "/v1/sign-in"), Code.AUTHENTICATION, 0, "ann")
        assert (await client.post("/v1/sign-in", json={"code": code})).status_code == 401
        single_event(api, ("POST", "/v1/sign-in"), Code.ALERT, 8, "anonymous")


Attempt = Callable[[FakeApi], Awaitable[int]]


async def join(api: FakeApi, *roles: str, **who: str) -> int:
    """Try to join the live socket of the exam with a ticket; give 0, or the close code."""
    session = "exam-1"
    async with api.client(*roles, **who) as client:
        answer = await client.post("/v1/tickets", json={"purpose": "live", "session": session})
    ticket = answer.json().get("ticket", "none") if answer.status_code == 201 else "none"
    api.audit.take()
    async with connect(api.app, f"/v1/sessions/{session}/live", ORIGIN) as socket:
        await socket.text({"type": "join", "ticket": ticket})
        try:
            while (message := await socket.receive()) and isinstance(message, dict):
                if message["type"] == "joined":
                    return 0
        except Closed as closed:
            return closed.code
    raise AssertionError("neither joined nor refused")


@pytest.mark.parametrize("role", Role)
async def test_a_role_joins_the_socket_as_the_table_says(role: Role) -> None:
    api = world(ROWS["GET", "/v1/sessions/{session}"])
    allowed = Right.WATCH in TABLE[role]
    assert await join(api, role) == (0 if allowed else 4401)
    code, outcome, subject = (Code.ACCESSED, 0, "ann") if allowed else (Code.ALERT, 4, "anonymous")
    single_event(api, ("WEBSOCKET", SOCKET), code, outcome, subject)


async def test_a_guest_joins_the_socket_with_a_grant_alone() -> None:
    guest = {"subject": "guest", "institution": "elsewhere"}
    assert await join(world(ROWS["GET", "/v1/sessions/{session}"]), "expert", **guest) == 4401
    assert await join(world(ROWS["GET", "/v1/sessions/{session}"], granted=True), "expert", **guest) == 0
