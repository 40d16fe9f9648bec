"""A door to video without WebRTC."""

from dataclasses import dataclass

from huizhen.api.access import Access
from huizhen.api.turn import IceServer, ice_server
from huizhen.schemas.ids import StreamId

VIDEO = "a-video"


@dataclass(frozen=True, slots=True)
class FakeBegun:
    """A video that was answered."""

    id: str = VIDEO
    answer: str = "v=0\r\n"


class FakeVideos:
    """Answers every offer, and lets everybody end the one video there is."""

    def __init__(self) -> None:
        self.offers: list[tuple[StreamId, bytes]] = []

    def ice_server(self) -> IceServer | None:
        return ice_server(["turns:turn.example.org:443?transport=tcp"], "secret", "word", 1_800_000_000)

    async def begin(self, access: Access, stream: StreamId, offer: bytes) -> FakeBegun:
        self.offers.append((stream, offer))
        return FakeBegun()

    def end(self, name: str, access: Access) -> bool:
        return name == VIDEO
