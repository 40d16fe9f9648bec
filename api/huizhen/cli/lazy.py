"""Commands that are imported when they run: `huizhen --help` answers without loading any part."""

import importlib
from dataclasses import dataclass
from typing import Any

import typer
from typer._click import Command, Context
from typer.core import TyperCommand, TyperGroup

from huizhen.cli.problem import Problem

HELP_OPTIONS = {"help_option_names": ["-h", "--help"]}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the command table."""

    name: str
    place: str
    """`module:function` of a typer-compatible function (or a `typer.Typer`)"""
    summary: str
    adopts: bool = False
    """It speaks to the `up` that runs in the state folder, if one does"""


class LazyCommand(TyperCommand):
    """Stands for a command in listings and becomes it when it is called."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(name=entry.name, help=entry.summary, short_help=entry.summary)
        self._entry = entry

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: Any
    ) -> Context:
        """Hand over to the real command."""
        if self._entry.adopts and not {"-h", "--help"} & set(args):
            from huizhen.cli.running_io import adopt

            adopt()
        return load(self._entry).make_context(info_name, args, parent, **extra)


def load(entry: Entry) -> Command:
    """Import a command; raises Problem when its part is not installed."""
    module, function = entry.place.split(":")
    try:
        found = getattr(importlib.import_module(module), function)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise  # the part is there, something it needs is not: that is a bug to be seen in full
        raise Problem(
            f"this installation has no {entry.name} command ({module})", way_out="install all parts"
        ) from None
    if isinstance(found, typer.Typer):
        return typer.main.get_command(found)
    alone = typer.Typer(add_completion=False, context_settings=HELP_OPTIONS, pretty_exceptions_enable=False)
    alone.command(entry.name)(found)
    return typer.main.get_command(alone)


class LazyGroup(TyperGroup):
    """A group whose commands stand in a table; subclasses set it."""

    table: tuple[Entry, ...] = ()

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for entry in self.table:
            self.add_command(LazyCommand(entry))

    def list_commands(self, ctx: Context) -> list[str]:
        """List the names in the table's order."""
        return [entry.name for entry in self.table]
