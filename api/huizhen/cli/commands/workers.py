"""`huizhen process`, `archive` and `api`: one part, as deployed."""

import importlib
from typing import Annotated

import typer


def process(
    instance: Annotated[
        str | None, typer.Option(help="Static group member id: stable per worker, unique in the group")
    ] = None,
) -> None:
    """Run one stream processor: packets in, frames, verdicts and refusals out.

    \b
    Examples:
      huizhen process
      huizhen process --instance processor-1
      HUIZHEN_KAFKA__BOOTSTRAP=broker:9092 huizhen process
    """
    _run("huizhen.processors.main", {"processor": {"instance_id": instance}})


def archive() -> None:
    """Run the DICOM archive: frames in, DICOM instances on S3 and the ledger out.

    \b
    Examples:
      huizhen archive
      HUIZHEN_S3__ENDPOINT=s3.example.org:443 HUIZHEN_S3__SECURE=true huizhen archive
    """
    _run("huizhen.sinks.main", {})


def api(
    host: Annotated[str | None, typer.Option(help="Address to listen on")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on")] = None,
) -> None:
    """Run the API and the page.

    \b
    Examples:
      huizhen api --port 8080
      HUIZHEN_API__ISSUER=https://login.example.org huizhen api --host 0.0.0.0
    """
    _run("huizhen.api.main", {"api": {"host": host, "port": port}})


def _run(module: str, flags: dict[str, object]) -> None:
    """Call `run(settings) -> exit code` of a part; raises Problem when the part is not installed."""
    from huizhen.cli.problem import Problem
    from huizhen.cli.running_io import load_settings

    settings = load_settings(flags)
    try:
        part = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise Problem(f"this installation has no {module}", way_out="install all parts") from None
    raise typer.Exit(part.run(settings))
