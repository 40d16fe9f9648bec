"""The api as a process on a real Kafka and a real S3: from records on topics to what a reader gets."""

import asyncio
import concurrent.futures
import io
import json
from collections.abc import Iterator

import httpx
import pytest
from minio import Minio

from huizhen.schemas.events import AuditEvent
from huizhen.schemas.kafka_io import EventReader
from huizhen.schemas.record import frame_headers
from huizhen.schemas.settings import KafkaSettings, S3Settings, kafka_client_config
from tests.services.api_server import ApiServer
from tests.services.fake_archive import archived
from tests.services.fake_station import FakeStation, StationFeed, coded
from tests.services.live_viewer import watch
from tests.services.sign_in import make_code
from tests.services.waiting import wait_for

pytest_plugins = ["tests.services.api_fixture"]


@pytest.fixture
def feed(kafka: KafkaSettings, tenant: str) -> Iterator[StationFeed]:
    made = StationFeed(kafka, FakeStation(tenant, f"exam-{tenant}"))
    made.begin()
    try:
        yield made
    finally:
        made.close()


def seen(client: httpx.Client, path: str) -> None:
    wait_for(lambda: client.get(path).status_code == 200, 60, f"{path} is there")


async def test_a_frame_goes_from_kafka_to_the_screen_bit_for_bit(
    api: ApiServer, feed: StationFeed, tenant: str
) -> None:
    session = feed.station.session
    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{session}")
        async with watch(api.url, client, session, resolution="full") as viewer:
            assert (await viewer.said("joined"))["session"]["tenant"] == tenant
            await viewer.said("tick")
            for number in range(40):
                feed.frame(number)
                head, codestream = await viewer.frame()
                assert (head["number"], codestream) == (number, coded(number))
            feed.frame(41, 0, exact=False)
            assert (await viewer.frame())[0]["exact"] is False
            feed.frame(41, 1)
            head, _ = await viewer.frame()
            assert (head["number"], head["revision"], head["exact"]) == (41, 1, True)
        async with watch(api.url, client, session) as late:
            assert (await late.frame())[0]["number"] == 41  # at once, without a new frame


async def test_a_record_that_is_no_frame_is_counted_and_the_next_frame_is_shown(
    api: ApiServer, feed: StationFeed, tenant: str, kafka: KafkaSettings
) -> None:
    session = feed.station.session
    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{session}")
        async with watch(api.url, client, session) as viewer:
            await viewer.said("joined")
            meta, stream = feed.station.frame(0)
            for value, headers in (
                (b"noise", frame_headers(meta)),
                (stream, []),
                (stream[:9_000], frame_headers(meta)),
            ):
                feed.raw(value, headers)
            feed.frame(1)
            assert (await viewer.frame())[0]["number"] == 1
    text = (await asyncio.to_thread(httpx.get, f"http://127.0.0.1:{api.metrics_port}/metrics")).text
    assert "huizhen_api_frames_bad_total 3.0" in text


async def test_messages_are_small_and_not_compressed(api: ApiServer, feed: StationFeed, tenant: str) -> None:
    session = feed.station.session
    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{session}")
        async with watch(api.url, client, session, offer_compression=True) as viewer:
            assert viewer.socket.response is not None
            assert "sec-websocket-extensions" not in viewer.socket.response.headers
            await viewer.said("joined")
            await viewer.socket.send("x" * (64 * 1024 + 1))
            await viewer.socket.wait_closed()
            assert viewer.socket.close_code == 1009


def test_a_session_is_counted_from_verdicts_and_ledger_and_known_again_after_a_restart(
    api: ApiServer, feed: StationFeed, tenant: str
) -> None:
    station = feed.station
    for number in range(10):
        feed.event(station.verdict(number, filled=number % 2))
    feed.event(station.progress(12))
    feed.event(station.entry(0, 9))
    feed.event(station.entry(10, 11, "missing"))

    def settled(client: httpx.Client) -> bool:
        found = client.get(f"/v1/sessions/{station.session}").json()
        if not found.get("sources"):
            return False
        counts = found["sources"][0]["counts"]
        return (counts["captured"], counts["filled"], counts["stored"], counts["missing"]) == (12, 5, 10, 2)

    with api.client("ann", tenant, ["viewer"]) as client:
        wait_for(lambda: settled(client), 60, "the counts are there")
        assert client.get(f"/v1/sessions/{station.session}").json()["state"] == "live"
    assert api.stop() == 0
    api.start()
    with api.client("ann", tenant, ["viewer"]) as client:
        assert client.get(f"/v1/sessions/{station.session}").status_code == 200
        wait_for(lambda: settled(client), 60, "the counts are there again")


def test_of_many_who_claim_at_once_one_has_it_and_the_log_agrees(
    api: ApiServer, feed: StationFeed, tenant: str, kafka: KafkaSettings
) -> None:
    with api.client("ann", tenant, ["requester"]) as client:
        seen(client, f"/v1/sessions/{feed.station.session}")
        consult = client.post("/v1/consults", json={"session": feed.station.session}).json()["consult"]
    experts = [api.client(f"eve-{number}", tenant, ["expert"]) for number in range(12)]
    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda one: one.post(f"/v1/consults/{consult}/claim"), experts))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 11
    winner = next(number for number, answer in enumerate(answers) if answer.status_code == 200)
    told = experts[0].get(f"/v1/consults/{consult}").json()
    assert (told["state"], told["claimed_by"]) == ("IN PROGRESS", f"eve-{winner}")
    claims: list[str] = []
    reader = EventReader(
        kafka_client_config(kafka), ["huizhen.consults"],
        lambda event, _: claims.append(event.subject) if event.consult == consult and event.kind == "claimed" else None,
    ).start()  # fmt: skip
    assert reader.catch_up(20)
    reader.close()
    assert claims[0] == f"eve-{winner}"
    for one in experts:
        one.close()


def test_stored_instances_are_read_from_the_bucket_and_checked(
    api: ApiServer, feed: StationFeed, tenant: str, s3: S3Settings, s3_client: Minio
) -> None:
    station = feed.station
    entry, content = archived(station, 4)
    s3_client.put_object(s3.bucket, entry.object_key, io.BytesIO(content), len(content))
    feed.event(entry)
    base = f"/v1/sessions/{station.session}/instances"
    with api.client("ann", tenant, ["viewer"]) as client:
        wait_for(lambda: client.get(base).json().get("items"), 60, "the instance is listed")
        href = client.get(base).json()["items"][0]["href"]
        assert client.get(href).content == content
        assert client.get(f"{href}/frames/3").content == coded(2)
        s3_client.put_object(s3.bucket, entry.object_key, io.BytesIO(content + b"x"), len(content) + 1)
        assert client.get(href).status_code == 502
        s3_client.remove_object(s3.bucket, entry.object_key)
        assert client.get(href).status_code == 502


def test_event_streams_resume_behind_the_last_event(api: ApiServer, feed: StationFeed, tenant: str) -> None:
    station = feed.station
    path = f"/v1/sessions/{station.session}/events"

    def events(client: httpx.Client, last: str, wanted: str, count: int) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        headers = {"last-event-id": last} if last else {}
        with client.stream("GET", path, headers=headers) as answer:
            kind = place = ""
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                kind, place = (value if name == "event" else kind), (value if name == "id" else place)
                if name == "data" and kind == "session" and wanted == "verdict" and not last:
                    for number in range(3):
                        feed.event(station.verdict(number))
                if name == "id" or (name == "data" and kind == wanted):
                    data = json.loads(value) if name == "data" else {}
                    found += [(place, data["number"])] if "number" in data else []
                if name == "id" and found:
                    found[-1] = (value, found[-1][1])
                if len(found) >= count and line == "":
                    return found
        return found

    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{station.session}")
        first = events(client, "", "verdict", 3)
        assert [number for _, number in first] == [0, 1, 2]
        assert all(place.startswith("huizhen.verdicts/") for place, _ in first)
        assert [number for _, number in events(client, first[0][0], "verdict", 2)] == [1, 2]


def test_every_access_stands_in_the_audit_topic(
    api: ApiServer, feed: StationFeed, tenant: str, kafka: KafkaSettings
) -> None:
    session = feed.station.session
    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{session}")
        client.get("/v1/sessions/not-here")
    httpx.get(f"{api.url}/v1/sessions")
    assert api.stop() == 0  # what was queued is delivered before it ends
    api.start()
    found: list[AuditEvent] = []
    reader = EventReader(kafka_client_config(kafka), ["huizhen.audit"], lambda event, _: found.append(event)).start()
    assert reader.catch_up(20)
    reader.close()
    ours = [event for event in found if event.tenant == tenant]
    assert [(event.event_code, event.outcome) for event in ours[:1]] == [("110114", 0)]
    assert ours[-2].session == session
    assert (ours[-1].event_code, ours[-1].outcome, ours[-1].session) == ("110113", 4, "")
    assert any(event.subject == "anonymous" for event in found)
    assert len({event.event_id for event in found}) == len(found)


def test_a_sign_in_code_stays_used_over_a_restart(api: ApiServer, tenant: str) -> None:
    code = make_code(api.key, "ann", tenant, ["viewer"])
    assert httpx.post(f"{api.url}/v1/sign-in", json={"code": code}).status_code == 200
    assert api.stop() == 0
    api.start()
    assert httpx.post(f"{api.url}/v1/sign-in", json={"code": code}).status_code == 401


def test_health_and_metrics_stand_on_the_loopback_port_alone(api: ApiServer) -> None:
    loopback = f"http://127.0.0.1:{api.metrics_port}"
    assert httpx.get(f"{loopback}/healthz").json() == {"api": "ok"}
    assert "huizhen_api_requests_total" in httpx.get(f"{loopback}/metrics").text
    assert httpx.get(f"{api.url}/metrics").status_code == 404


async def test_it_ends_soon_and_cleanly_with_streams_and_sockets_open(
    api: ApiServer, feed: StationFeed, tenant: str
) -> None:
    session = feed.station.session
    with api.client("ann", tenant, ["viewer"]) as client:
        seen(client, f"/v1/sessions/{session}")
        with client.stream("GET", f"/v1/sessions/{session}/events") as stream:
            next(stream.iter_lines())
            async with watch(api.url, client, session) as viewer:
                await viewer.said("joined")
                assert api.stop() == 0
                await viewer.socket.wait_closed()
                assert viewer.socket.close_code == 1012
    assert '"level": "error"' not in api.log.read_text()
    assert "CANARY" not in api.log.read_text()
    api.start()
