"""`huizhen ledger`."""

from pathlib import Path
from typing import Annotated

import typer


def ledger(
    session: Annotated[str, typer.Argument(help="Session id, as the page shows it and `huizhen capture` prints it")],
    tenant: Annotated[str, typer.Option(help="Institution id; default: this station's")] = "",
    csv: Annotated[Path | None, typer.Option("--csv", help="Write the entries to this file as well")] = None,
) -> None:
    """Say in one line what became of a session's frames, and write its entries as CSV.

    \b
    Examples:
      huizhen ledger exam-20261125-1
      huizhen ledger exam-20261125-1 --csv exam.csv
    """
    import csv as writing

    from huizhen.cli.ledger_check.history import Session
    from huizhen.cli.ledger_check.topics_io import read_ledger
    from huizhen.cli.ledger_table import COLUMNS, line, rows
    from huizhen.cli.running_io import load_settings

    settings = load_settings()
    owner = tenant or settings.station.tenant
    sessions: dict[tuple[str, str], Session] = {}
    read_ledger(settings.kafka, sessions)
    found = sessions.get((owner, session), Session(owner, session))
    newest = {(e.source, e.first, e.outcome): e for each in found.sources.values() for e in each.entries}
    if csv is not None:
        with csv.open("w", encoding="utf-8", newline="") as out:
            table = writing.writer(out)
            table.writerow(COLUMNS)
            table.writerows(rows(newest.values()))
    if not found.reports:
        typer.echo(f"huizhen: session {session} of institution {owner} has no report: it is not sealed", err=True)
        raise typer.Exit(1)
    typer.echo(line(found.reports[-1], newest.values()))
