"""`huizhen demo`."""

from typing import Annotated

import typer


def demo(
    port: Annotated[int | None, typer.Option(help="Port of the page and the API")] = None,
) -> None:
    """Run everything on this machine and replay a real ultrasound exam into it until Ctrl-C or `huizhen down`.

    The link of the replayed station is thin on purpose: 5 % of the detail packets are withheld, so that filled tiles
    can be seen. Where `up` runs already, only the station is added.

    \b
    Examples:
      huizhen demo
      huizhen demo --port 8090
    """
    from huizhen.cli.demo import exam_file, replay, station
    from huizhen.cli.running_io import adopt, load_settings
    from huizhen.cli.signin_io import welcome
    from huizhen.cli.up_io import Guests, run_up

    exam = exam_file()  # before anything starts: without the exam there is nothing to show
    if (running := adopt()) is not None:
        typer.echo(f"Already running at {running.page}; the exam is replayed into it until Ctrl-C.")
        raise typer.Exit(replay(exam, load_settings()))
    settings = load_settings({"api": {"port": port}})
    raise typer.Exit(run_up(settings, typer.echo, Guests(parts=station, welcome=welcome)))
