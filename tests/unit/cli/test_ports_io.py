"""Looking at real loopback ports."""

import os
import socket
import subprocess
import sys

from huizhen.cli.ports_io import Claims, free_ports, holder, is_free


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


def test_a_claimed_port_is_nobody_elses_until_it_is_given_back() -> None:
    mine, others = Claims(), Claims()
    (port,) = free_ports(1)
    assert mine.take(port)
    assert mine.take(port)
    assert not others.take(port)
    with socket.create_server(("127.0.0.1", port)):
        assert not mine.take(port)
    mine.close()
    assert others.take(port)
    others.close()


def test_a_claim_ends_with_its_process() -> None:
    (port,) = free_ports(1)
    code = f"from huizhen.cli.ports_io import Claims; c = Claims(); assert c.take({port}); import os; os.abort()"
    subprocess.run([sys.executable, "-c", code], timeout=30, check=False)
    claims = Claims()
    assert claims.take(port)
    claims.close()


def test_free_ports_are_free() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert all(is_free(port) for port in ports)
