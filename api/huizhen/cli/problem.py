"""The one-line message a person gets when something cannot run: what is wrong, and the way out."""

from dataclasses import dataclass

from huizhen.schemas.errors import Unavailable


@dataclass(eq=False)
class Problem(Unavailable):
    """The machine lacks something; `way_out` says what to do about it."""

    way_out: str = ""

    def __str__(self) -> str:
        return f"{self.thing}: {self.way_out}" if self.way_out else self.thing
