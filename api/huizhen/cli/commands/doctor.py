"""`huizhen doctor`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="A JSON list, for programs")] = False,
) -> None:
    """Say what is missing or wrong on this machine and how to mend it; exit code 3 when `up` would not work.

    \b
    Examples:
      huizhen doctor
      HUIZHEN_KAFKA__BOOTSTRAP=broker:9092 huizhen doctor
    """
    from huizhen.cli.doctor_io import examine
    from huizhen.cli.finding import Level, report
    from huizhen.cli.running_io import load_settings

    findings = examine(load_settings())
    typer.echo(json.dumps([asdict(one) for one in findings]) if as_json else "\n".join(report(findings)))
    if any(one.level is Level.WRONG for one in findings):
        raise typer.Exit(3)
