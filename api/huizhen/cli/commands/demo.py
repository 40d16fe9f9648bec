"""`huizhen demo`."""

import json
import sys
from typing import Annotated

import typer


def demo(
    port: Annotated[int | None, typer.Option(help="Port of the page and the API")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Replay 300 frames, read them back from S3, report, end")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: print the report as one line of JSON")] = False,
) -> None:
    """Run everything on this machine and replay a real ultrasound exam into it until Ctrl-C or `huizhen down`.

    The link of the replayed station is thin on purpose: 5 % of the detail packets are withheld, so that filled tiles
    can be seen. Where `up` runs already, only the station is added. With --once the exit code is 0 only if loss was
    filled, nothing is missing, and all of the archive is what was captured.

    \b
    Examples:
      huizhen demo
      huizhen demo --port 8090
      huizhen demo --once --json
    """
    from huizhen.cli.demo import exam_file, replay, station
    from huizhen.cli.running_io import adopt, load_settings
    from huizhen.cli.signin_io import welcome
    from huizhen.cli.up_io import Guests, run_up

    exam = exam_file()  # before anything starts: without the exam there is nothing to show
    if once:
        raise typer.Exit(_once(port, as_json))
    if (running := adopt()) is not None:
        typer.echo(f"Already running at {running.page}; the exam is replayed into it until Ctrl-C.")
        raise typer.Exit(replay(exam, load_settings()))
    settings = load_settings({"api": {"port": port}})
    raise typer.Exit(run_up(settings, typer.echo, Guests(parts=station, welcome=welcome)))


def _once(port: int | None, as_json: bool) -> int:
    """Run everything in a folder of its own, replay once, report; the figures go to stdout, the talk to stderr."""
    import tempfile

    from huizhen.cli.demo import exam_file
    from huizhen.cli.deployment_io import Deployment
    from huizhen.cli.once_io import run_once
    from huizhen.cli.running_io import load_settings
    from huizhen.cli.up_io import Guests, run_up

    def say(line: str) -> None:
        typer.echo(line, err=True)

    def attend(deployment: Deployment) -> int:
        figures = run_once(exam_file(), deployment, say)
        found = figures.as_dict()
        sys.stdout.write(json.dumps(found) if as_json else "\n".join(f"{name:18} {found[name]}" for name in found))
        sys.stdout.write("\n")
        sys.stdout.flush()
        return 0 if figures.is_sound else 1

    with tempfile.TemporaryDirectory(prefix="huizhen-demo-") as folder:
        settings = load_settings({"api": {"port": port}, "state": folder})
        return run_up(settings, say, Guests(welcome=lambda _: "everything runs", attend=attend))
