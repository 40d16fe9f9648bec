"""Choose loopback ports.

SeaweedFS takes port + 10000 for gRPC beside every HTTP port, so its ports come in such pairs. Free ports are chosen
below 32768: from there on Linux gives ports to outgoing connections, and one could take ours between check and use.
"""

from collections.abc import Callable, Iterator

GRPC_OFFSET = 10_000  # SeaweedFS: gRPC port = HTTP port + 10000
LOWEST, HIGHEST = 12_000, 21_999  # with the offset: below 32768
TRIES = 2_000


class NoFreePort(Exception):
    """No free port was found in the range."""


def candidates(draw: Callable[[int, int], int]) -> Iterator[int]:
    """Yield ports to try, drawn by `draw(lowest, highest)`."""
    for _ in range(TRIES):
        yield draw(LOWEST, HIGHEST)


def choose(
    count: int,
    is_free: Callable[[int], bool],
    draw: Callable[[int, int], int],
    taken: frozenset[int] = frozenset(),
) -> tuple[int, ...]:
    """Give `count` different free ports whose gRPC partners are free too."""
    chosen: list[int] = []
    for port in candidates(draw):
        used = taken | set(chosen) | {p + GRPC_OFFSET for p in chosen}
        if port not in used and is_free(port) and is_free(port + GRPC_OFFSET):
            chosen.append(port)
        if len(chosen) == count:
            return tuple(chosen)
    raise NoFreePort(f"no {count} free ports between {LOWEST} and {HIGHEST}")


def prefer(
    wanted: int, is_free: Callable[[int], bool], draw: Callable[[int, int], int], taken: frozenset[int] = frozenset()
) -> int:
    """Give the usual port when it is free (with its gRPC partner), else any free one."""
    if wanted not in taken and is_free(wanted) and is_free(wanted + GRPC_OFFSET):
        return wanted
    return choose(1, is_free, draw, taken)[0]
