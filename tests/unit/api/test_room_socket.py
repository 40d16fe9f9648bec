"""What happens in a room reaches everybody in it."""

from typing import Any

from tests.services.asgi_socket import Socket
from tests.services.room_socket import BOB, DRAWING, clinic, entered, showing

ANN = {"institution": "clinic", "subject": "ann"}


async def until(socket: Socket, kind: str, **wanted: object) -> dict[str, Any]:
    """Give the next message of a kind with these values."""
    while True:
        message = await socket.said(kind)
        if all(message.get(name) == value for name, value in wanted.items()):
            return message


def names(people: list[dict[str, Any]]) -> list[str]:
    return [one["subject"] for one in people]


async def test_who_comes_in_is_told_the_room_and_the_others_of_them() -> None:
    api = clinic()
    async with entered(api) as ann:
        first = await ann.said("joined")
        assert (first["session"], first["tenant"], first["room"]["presenter"]) == ("exam-1", "clinic", ANN)
        assert first["you"] == {**ANN, "may_present": True}
        async with entered(api, "expert", **BOB) as bob:
            second = await bob.said("joined")
            assert second["room"]["presenter"] == ANN
            assert names(second["people"]) == ["ann", "bob"]
            while names((await ann.said("people"))["people"]) != ["ann", "bob"]:
                pass
        while names((await ann.said("people"))["people"]) != ["ann"]:
            pass
    assert [event.kind for event in api.log.events] == ["joined", "joined", "left", "left"]


async def test_the_presenters_view_and_everybodys_pointer_reach_the_others() -> None:
    api = clinic()
    async with entered(api) as ann, entered(api, "expert", **BOB) as bob:
        await ann.said("joined")
        await bob.said("joined")
        for n in range(5):
            await ann.text(showing(n, 10 + n))
        assert (await until(bob, "view", n=4))["view"]["stored"]["number"] == 14
        await bob.text(showing(0, 99))
        assert "presents" in (await bob.said("refused"))["detail"]
        pointer = {"pane": "live", "source": "probe", "number": 3, "x": 10.5, "y": 20}
        await bob.text({"type": "pointer", "pointer": pointer})
        (told,) = (await ann.said("pointers"))["pointers"]
        assert told == {"by": {"institution": "hospital", "subject": "bob"}, **pointer}


async def test_a_view_that_stands_still_is_written_down_once() -> None:
    api = clinic()
    async with entered(api) as ann:
        await ann.said("joined")
        for n in range(3):
            await ann.text(showing(n, n))
        while not [event for event in api.log.events if event.kind == "view"]:
            await ann.said("tick")
        await ann.said("tick")
    views = [event for event in api.log.events if event.kind == "view"]
    assert len(views) == 1
    assert '"number":2' in views[0].payload
    async with entered(api) as again:
        room = (await again.said("joined"))["room"]
    assert (room["n"], room["view"]["stored"]["number"]) == (2, 2)


async def test_drawings_are_told_and_removed() -> None:
    api = clinic()
    async with entered(api) as ann, entered(api, "trainee", subject="tim") as tim:
        await ann.said("joined")
        await tim.said("joined")
        await ann.text({"type": "draw", "drawing": DRAWING})
        told = (await tim.said("drawn"))["drawing"]
        assert (told["id"], told["by"], told["points"]) == ("d-1", ANN, [[1, 2], [3, 4]])
        await tim.text({"type": "erase", "id": "d-1"})
        assert "only who drew it" in (await tim.said("refused"))["detail"]
        await ann.text({"type": "erase", "id": "d-1"})
        assert (await tim.said("erased"))["id"] == "d-1"


async def test_the_presenter_hands_over_and_nobody_takes_it() -> None:
    api = clinic()
    async with entered(api) as ann, entered(api, "expert", **BOB) as bob:
        await ann.said("joined")
        await bob.said("joined")
        await bob.text({"type": "present", **BOB})
        assert "only the presenter" in (await bob.said("refused"))["detail"]
        await ann.text({"type": "present", **BOB})
        assert (await until(bob, "presenter", term=2))["presenter"]["subject"] == "bob"
        await ann.text(showing(9, 9))
        assert "presents" in (await ann.said("refused"))["detail"]


async def test_where_the_presenter_is_gone_another_may_lead_but_no_trainee() -> None:
    api = clinic()
    async with entered(api, "expert", **BOB) as bob:
        async with entered(api, "trainee", subject="tim") as tim:
            assert (await bob.said("joined"))["room"]["presenter"]["subject"] == "bob"
            await tim.said("joined")
            await bob.text({"type": "present", "subject": "tim", "institution": "clinic"})
            assert "see everything" in (await bob.said("refused"))["detail"]
        async with entered(api) as ann:
            await ann.said("joined")
            await ann.text({"type": "present", **ANN})
            assert "only the presenter" in (await ann.said("refused"))["detail"]
    async with entered(api) as ann:
        await ann.said("joined")
        await ann.text({"type": "present", **ANN})
        assert (await until(ann, "presenter", term=2))["presenter"] == ANN


async def test_a_message_is_told_by_its_reference() -> None:
    api = clinic()
    async with entered(api, "expert", **BOB) as bob:
        await bob.said("joined")
        async with api.client("requester") as client:
            await client.post("/v1/consults/c-1/messages", json={"text": "septum?"})
        told = (await bob.said("message"))["message"]
        assert (told["by"], told["media_type"], told["size_bytes"]) == (ANN, "text/plain", 7)
    async with entered(api) as again:
        assert (await again.said("joined"))["room"]["messages"][0]["sha256"] == told["sha256"]
