"""The `huizhen` command."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from huizhen.cli.lazy import HELP_OPTIONS, Entry, LazyGroup
from huizhen.schemas.errors import HuizhenError, Unavailable

COMMANDS = "huizhen.cli.commands"
TABLE = (
    Entry("up", f"{COMMANDS}.up:up", "Run everything on this machine, or against your own Kafka and S3"),
    Entry("down", f"{COMMANDS}.down:down", "End what `up` started"),
    Entry("demo", f"{COMMANDS}.demo:demo", "Run everything and replay a real exam into it"),
    Entry("status", f"{COMMANDS}.status:status", "Show the parts, their ports, health and lag", adopts=True),
    Entry("doctor", f"{COMMANDS}.doctor:doctor", "Say what is missing or wrong, and how to mend it", adopts=True),
    Entry("config", f"{COMMANDS}.config:config", "Print all settings, secrets hidden"),
    Entry("topics", f"{COMMANDS}.topics:topics", "Create the Kafka topics and list them", adopts=True),
    Entry("capture", "huizhen.producers.commands:capture", "Send an exam from a source", adopts=True),
    Entry("process", f"{COMMANDS}.workers:process", "Run a stream processor", adopts=True),
    Entry("archive", f"{COMMANDS}.workers:archive", "Run the DICOM archive", adopts=True),
    Entry("api", f"{COMMANDS}.workers:api", "Run the API and the page", adopts=True),
    Entry("export", "huizhen.sinks.commands:export", "Get a stored session as DICOM files", adopts=True),
    Entry("ledger-check", f"{COMMANDS}.ledger_check:ledger_check", "Prove that nothing was lost", adopts=True),
    Entry("verify", f"{COMMANDS}.verify:verify", "Check a session's manifests and every stored object", adopts=True),
    Entry("ledger", f"{COMMANDS}.ledger:ledger", "Say what became of a session's frames", adopts=True),
    Entry("rejected", f"{COMMANDS}.rejected:rejected", "List, show, replay or discard refused records", adopts=True),
)


class _Huizhen(LazyGroup):
    table = TABLE


app = typer.Typer(
    cls=_Huizhen,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings=HELP_OPTIONS,
)


@app.callback()
def root(
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML) instead of huizhen.toml")] = None,
    state: Annotated[Path | None, typer.Option(help="Folder for everything this machine keeps")] = None,
) -> None:
    """Stream a live imaging exam, see it beside the stored study, and archive it exactly.

    \b
    Examples:
      huizhen demo                        a real exam on this machine, with the page to open
      huizhen up                          everything on this machine, waiting for a station
      huizhen up --kafka broker:9092      against your own Kafka
      huizhen capture --help              what a station can send
      huizhen doctor                      what is missing here
    """
    if config is not None:
        if not config.is_file():
            raise typer.BadParameter(f"there is no file {config}", param_hint="--config")
        os.environ["HUIZHEN_CONFIG"] = str(config)
    if state is not None:
        os.environ["HUIZHEN_STATE"] = str(state)


def main() -> None:
    """Run the command line; what a person can mend is one line, exit code 1."""
    try:
        app()
    except HuizhenError as error:
        said = f"{error.thing} is not available" if type(error) is Unavailable else error  # a command tries once
        print(f"huizhen: {said}", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
