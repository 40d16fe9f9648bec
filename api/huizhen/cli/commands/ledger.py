"""`huizhen ledger`."""

from pathlib import Path
from typing import Annotated

import typer


def ledger(
    session: Annotated[str, typer.Argument(help="Session id, as the page shows it and `huizhen capture` prints it")],
    tenant: Annotated[str, typer.Option(help="Institution id; default: this station's")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the entries to this file as well")] = None,
    parquet: Annotated[Path | None, typer.Option("--parquet", help="The same, as a Parquet file")] = None,
) -> None:
    """Say in one line what became of a session's frames, and write its entries as CSV or Parquet.

    \b
    Examples:
      huizhen ledger exam-20261125-1
      huizhen ledger exam-20261125-1 --csv exam.csv
      huizhen ledger exam-20261125-1 --parquet exam.parquet
    """
    from huizhen.cli.ledger_check.history import Session
    from huizhen.cli.ledger_check.topics_io import read_ledger
    from huizhen.cli.ledger_table import line
    from huizhen.cli.running_io import load_settings

    settings = load_settings()
    owner = tenant or settings.station.tenant
    sessions: dict[tuple[str, str], Session] = {}
    read_ledger(settings.kafka, sessions)
    found = sessions.get((owner, session), Session(owner, session))
    newest = {(e.source, e.first, e.outcome): e for each in found.sources.values() for e in each.entries}
    for path in (csv, parquet):
        if path is not None:
            from huizhen.cli.ledger_table_io import write_csv, write_table

            try:
                (write_csv if path is csv else write_table)(path, newest.values())
            except OSError as error:
                typer.echo(f"huizhen: cannot write {path} ({error.strerror or error}): choose another file", err=True)
                raise typer.Exit(1) from None
    if not found.reports:
        typer.echo(f"huizhen: session {session} of institution {owner} has no report: it is not sealed", err=True)
        raise typer.Exit(1)
    typer.echo(line(found.reports[-1], newest.values()))
