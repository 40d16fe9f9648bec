"""Looking at real loopback ports."""

import os
import socket

from huizhen.cli.ports_io import free_ports, holder, is_free


def test_a_port_in_use_is_not_free_and_its_holder_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert holder(port).startswith(f"process {os.getpid()} (")
    assert is_free(port)


def test_a_port_on_all_addresses_is_not_free_either() -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:  # noqa: S104  (the case of the test)
        assert not is_free(server.getsockname()[1])


def test_a_port_that_somebody_else_took_is_still_said_to_be_taken() -> None:
    assert holder(1) == "another process"


def test_free_ports_are_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)
