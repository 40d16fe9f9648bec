"""What passes over a room's socket: text messages, checked when they come in; the room as its participants see it."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from huizhen.api.attendance import Attendance, Seat
from huizhen.api.live_messages import BAD_MESSAGE, SocketProblem
from huizhen.api.room import Drawn, Message, Person, Room
from huizhen.api.room_shapes import SAFE, Drawing, Pointer, Shape, Slug, View

SUBPROTOCOL = "huizhen.room.v1"


class _Message(Shape):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Enter(_Message):
    """The first message: who."""

    type: Literal["join"]
    ticket: str = Field(max_length=200)


class Point(_Message):
    """I point here."""

    type: Literal["pointer"]
    pointer: Pointer


class Show(_Message):
    """I see this: the `n`th view of my term."""

    type: Literal["view"]
    n: int = Field(ge=0, le=SAFE)
    view: View


class Draw(_Message):
    """One more drawing."""

    type: Literal["draw"]
    drawing: Drawing


class Erase(_Message):
    """One drawing less."""

    type: Literal["erase"]
    id: Slug


class Present(_Message):
    """Somebody presents from now on: another, if I do; I, if nobody does who is here."""

    type: Literal["present"]
    subject: Slug
    institution: Slug


Asked = Enter | Point | Show | Draw | Erase | Present
ADAPTER: TypeAdapter[Asked] = TypeAdapter(Annotated[Asked, Field(discriminator="type")])


def read_asked(text: str) -> Asked:
    """Read a participant's message; raises SocketProblem."""
    try:
        return ADAPTER.validate_json(text)
    except ValidationError as error:
        hint = "join, pointer, view, draw, erase or present"
        raise SocketProblem(BAD_MESSAGE, "A message is not understood", hint) from error


def person_view(person: Person | None) -> dict[str, object] | None:
    """Name a person."""
    return None if person is None else {"institution": person[0], "subject": person[1]}


def seat_view(seat: Seat) -> dict[str, object]:
    """Show somebody who is here."""
    return {**(person_view(seat.person) or {}), "name": seat.name, "may_present": seat.may_present}


def drawn_view(drawn: Drawn) -> dict[str, object]:
    """Show a drawing."""
    return {"by": person_view(drawn.by), "at_ns": str(drawn.at_ns), **drawn.drawing.model_dump(mode="json")}


def message_view(message: Message) -> dict[str, object]:
    """Show a chat message's reference."""
    return {"by": person_view(message.by), "at_ns": str(message.at_ns), **message.said.model_dump(mode="json")}


def view_told(room: Room) -> dict[str, object]:
    """Tell the presenter's view."""
    view = room.view.model_dump(mode="json") if room.view is not None else None
    return {"type": "view", "term": room.term, "n": room.n, "view": view}


def presenter_told(room: Room) -> dict[str, object]:
    """Tell who presents."""
    return {"type": "presenter", "term": room.term, "presenter": person_view(room.presenter)}


def people_told(attendance: Attendance) -> dict[str, object]:
    """Tell who is here."""
    return {"type": "people", "people": [seat_view(seat) for seat in attendance.people]}


def room_told(room: Room) -> dict[str, object]:
    """Tell the whole room."""
    return {
        **{name: value for name, value in view_told(room).items() if name != "type"},
        "presenter": person_view(room.presenter),
        "drawings": [drawn_view(one) for one in room.drawings.values()],
        "messages": [message_view(one) for one in room.messages],
    }
