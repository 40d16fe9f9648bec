"""The fault proxy itself: each weather does what its name says, and a calm one changes nothing."""

import hashlib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.services.proxy import CALM, FaultProxy, Weather
from tests.services.waiting import wait_for

DEADLINE_S = 60.0
BODY = bytes(range(256)) * 4096  # 1 MiB


class Echo(socketserver.StreamRequestHandler):
    """Gives back what it is given."""

    def handle(self) -> None:
        try:
            while piece := self.request.recv(65536):
                self.request.sendall(piece)
        except OSError:
            return


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with Server(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made = FaultProxy(server.server_address[1], seed=7)
        yield made
        made.close()
        server.shutdown()


@pytest.fixture
def client(proxy: FaultProxy) -> Iterator[socket.socket]:
    with connect(proxy) as made:
        yield made


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), DEADLINE_S)


def echoed(client: socket.socket, body: bytes) -> bytes:
    """Send a body and read as many bytes back, or to the end."""
    sender = threading.Thread(target=_send, args=(client, body), daemon=True)
    sender.start()
    pieces, left = [], len(body)
    while left and (piece := client.recv(min(left, 65536))):
        pieces.append(piece)
        left -= len(piece)
    sender.join(DEADLINE_S)
    return b"".join(pieces)


def _send(client: socket.socket, body: bytes) -> None:
    try:
        client.sendall(body)
    except OSError:
        return


def is_reset(client: socket.socket) -> bool:
    try:
        while client.recv(65536):
            pass
    except ConnectionResetError:
        return True
    return False


def resets(proxy: FaultProxy) -> bool:
    """Say whether a new connection is reset, be it while it is made or after."""
    try:
        with connect(proxy) as client:
            return is_reset(client)
    except ConnectionResetError:
        return True


def test_on_a_calm_link_all_passes_as_it_was_sent(client: socket.socket) -> None:
    assert hashlib.sha256(echoed(client, BODY)).digest() == hashlib.sha256(BODY).digest()


def test_an_end_of_sending_is_passed_on_and_the_rest_comes_back(client: socket.socket) -> None:
    client.sendall(b"last words")
    client.shutdown(socket.SHUT_WR)
    pieces = list(iter(lambda: client.recv(64), b""))
    assert b"".join(pieces) == b"last words"


def test_a_delay_is_waited_for_in_both_directions_and_costs_no_rate(proxy: FaultProxy, client: socket.socket) -> None:
    proxy.weather = Weather(delay_s=0.1, jitter_s=0.02)
    began_s = time.monotonic()
    assert echoed(client, BODY) == BODY
    assert time.monotonic() - began_s >= 0.2


def test_a_thin_link_takes_its_time(proxy: FaultProxy, client: socket.socket) -> None:
    proxy.weather = Weather(rate_bytes_s=1 << 20)
    began_s = time.monotonic()
    assert echoed(client, BODY[: 256 << 10]) == BODY[: 256 << 10]
    assert time.monotonic() - began_s >= 0.2


def test_a_frozen_link_stands_and_goes_on_where_it_was(proxy: FaultProxy, client: socket.socket) -> None:
    assert echoed(client, b"before") == b"before"
    proxy.weather = Weather(is_frozen=True)
    client.sendall(b"during")
    client.settimeout(0.3)
    with pytest.raises(TimeoutError):
        client.recv(1)
    assert proxy.links == 1
    client.settimeout(DEADLINE_S)
    proxy.weather = CALM
    assert client.recv(6) == b"during"


def test_a_cut_resets_what_stands_and_what_comes_until_it_is_healed(proxy: FaultProxy, client: socket.socket) -> None:
    assert echoed(client, b"before") == b"before"
    proxy.weather = Weather(is_cut=True)
    assert is_reset(client)
    assert resets(proxy)
    wait_for(lambda: proxy.links == 0, DEADLINE_S, "the links are gone")
    proxy.weather = CALM
    with connect(proxy) as third:
        assert echoed(third, b"after") == b"after"


def test_a_connection_is_reset_in_the_middle_of_a_body(proxy: FaultProxy, client: socket.socket) -> None:
    proxy.weather = Weather(reset_after_bytes=256 << 10)
    _send(client, BODY)
    assert is_reset(client)
    assert proxy.resets == 1
    with connect(proxy) as second:
        assert echoed(second, b"small") == b"small"


@pytest.mark.parametrize("direction", ["up", "down"])
def test_one_byte_is_wrong_in_every_so_many_large_pieces(proxy: FaultProxy, direction: str) -> None:
    proxy.weather = Weather(corrupt_every=2, corrupts="up" if direction == "up" else "down")
    with connect(proxy) as client:
        assert echoed(client, b"small pieces are headers") == b"small pieces are headers"
        found = echoed(client, BODY)
    wrong = [at for at, (sent, came) in enumerate(zip(BODY, found, strict=True)) if sent != came]
    assert len(wrong) == proxy.corrupted > 0


def test_a_stand_in_answers_for_the_server(proxy: FaultProxy) -> None:
    proxy.weather = Weather(answer=b"HTTP/1.1 503 Slow Down\r\n\r\n")
    with connect(proxy) as client:
        client.sendall(b"PUT / HTTP/1.1\r\n\r\n")
        assert client.recv(1024) == b"HTTP/1.1 503 Slow Down\r\n\r\n"
    assert proxy.answered == 1


def test_a_server_that_is_away_is_away_behind_the_proxy_too() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers there
        proxy = FaultProxy(taken.getsockname()[1])
        assert resets(proxy)
        proxy.close()
