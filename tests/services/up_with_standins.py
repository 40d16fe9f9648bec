"""Run `huizhen up` with the real Kafka and S3 and stand-ins for our own parts, as a process of its own for tests."""

import sys
from pathlib import Path

import typer

from huizhen.cli.deployment import SERVERS
from huizhen.cli.deployment_io import Deployment, health_check
from huizhen.cli.part import Part
from huizhen.cli.problem import Problem
from huizhen.cli.running_io import load_settings
from huizhen.cli.runstate_io import Taken
from huizhen.cli.up_io import Guests, run_up

STANDIN = Path(__file__).with_name("standin.py")


def standins(deployment: Deployment) -> tuple[Part, ...]:
    """Give Kafka and S3 and one stand-in."""
    port = deployment.ports.processors_metrics
    check = health_check(port)
    part = Part(
        "processors", (sys.executable, str(STANDIN), str(port)), check, check, f"127.0.0.1:{port}", needs=SERVERS
    )
    return (*(p for p in deployment.parts if p.name in SERVERS), part)


def main() -> int:
    """Run until told to stop."""
    guests = Guests(parts=standins, replace_parts=True, welcome=lambda deployment: "ALL WELL")
    try:
        return run_up(load_settings(), typer.echo, guests)
    except Problem as problem:
        typer.echo(f"huizhen: {problem}", err=True)
        return 1
    except Taken:
        return 9


if __name__ == "__main__":
    sys.exit(main())
