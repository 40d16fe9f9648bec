"""`huizhen status`."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from huizhen.cli.runstate import RunState


def status(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs")] = False,
) -> None:
    """Show the parts, their addresses, health and lag; exit code 0 when all is well, 3 when not, 4 when nothing runs.

    \b
    Examples:
      huizhen status
      huizhen status --json
    """
    from huizhen.cli import runstate_io
    from huizhen.cli.lag_io import lags
    from huizhen.cli.running_io import load_settings, state_folder
    from huizhen.schemas.topics import topics_for

    settings = load_settings()
    folder = state_folder(settings)
    running = runstate_io.running(folder)
    if running is None:
        typer.echo(json.dumps({"running": False}) if as_json else f"Nothing runs in {folder}; start it: huizhen up")
        raise typer.Exit(4)
    topics = topics_for(settings.processor.tenants, settings.kafka)
    groups = [settings.processor.group, settings.archive.group] if running.kafka else []
    lag = lags(settings.kafka, groups, topics)
    if as_json:
        typer.echo(json.dumps({"running": True, "well": running.all_well, **asdict(running), "lag_records": lag}))
    else:
        waiting = [
            f"{group:<24}{'nothing read yet' if count is None else f'{count} records behind'}"
            for group, count in lag.items()
        ]
        typer.echo("\n".join([*lines(running), "", *waiting]))
    raise typer.Exit(0 if running.all_well else 3)


def lines(state: "RunState") -> list[str]:
    """Write the state of a deployment for people."""
    table = [
        f"{part.name:<12}{part.phase:<16}{part.address:<22}{f'pid {part.pid}' if part.pid else '':<12}"
        f"{f'restarted {part.restarts} times' if part.restarts else ''}"
        f"{f'  ({part.reason})' if part.reason and part.phase != 'healthy' else ''}".rstrip()
        for part in state.parts
    ]
    notice = [state.notice] if state.notice else []
    page = [f"page        {state.page}"] if state.page else []
    return [*table, *notice, *page]
