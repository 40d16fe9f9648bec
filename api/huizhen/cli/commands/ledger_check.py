"""`huizhen ledger-check`."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer


def ledger_check(
    journal: Annotated[
        list[Path] | None, typer.Option(help="Folder of a station's journals, as often as there are stations")
    ] = None,
    session: Annotated[str, typer.Option(help="Judge this session alone; default: all")] = "",
    viewers: Annotated[Path | None, typer.Option(help="JSON lines: viewer, session, source, number, as seen")] = None,
    tenant: Annotated[str, typer.Option(help="Institution of the journals; default: this station's")] = "",
    acts: Annotated[
        Path | None, typer.Option(help="JSON lines: all acts and denials, to hold the audit to (L9)")
    ] = None,
    before: Annotated[Path | None, typer.Option(help="JSON of a run before a replay: nothing may differ (L6)")] = None,
    lag: Annotated[bool, typer.Option("--lag/--no-lag", help="Ask Kafka whether records wait")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs")] = False,
) -> None:
    """Hold journals, topics and bucket against each other by the checks L1 to L10; exit code 0 only when all is sound.

    It reads everything itself, every object and frame, and believes nobody's account. See docs/topics/ledger.md.

    \b
    Examples:
      huizhen ledger-check
      huizhen ledger-check --journal /srv/huizhen/spool --session exam-20261125-1
      huizhen ledger-check --json > before.json
      huizhen ledger-check --before before.json
    """
    from huizhen.cli.lag_io import lags
    from huizhen.cli.ledger_check.acts_io import read_acts, read_prints
    from huizhen.cli.ledger_check.bucket_io import read_bucket
    from huizhen.cli.ledger_check.history import Session
    from huizhen.cli.ledger_check.journal_io import read_journals
    from huizhen.cli.ledger_check.judge import Given, judge
    from huizhen.cli.ledger_check.report import as_json as to_json
    from huizhen.cli.ledger_check.report import table
    from huizhen.cli.ledger_check.topics_io import read_topics
    from huizhen.cli.ledger_check.viewers_io import read_viewers
    from huizhen.cli.running_io import load_settings
    from huizhen.schemas.topics import topics_for

    settings = load_settings()
    owner = tenant or settings.station.tenant
    sessions: dict[tuple[str, str], Session] = {}
    for folder in journal or []:
        with _named(folder):
            read_journals(folder, owner, sessions)
    done = prints = None
    if viewers is not None:
        with _named(viewers):
            read_viewers(viewers, owner, sessions)
    if acts is not None:
        with _named(acts):
            done = read_acts(acts)
    if before is not None:
        with _named(before):
            prints = read_prints(before)
    audit = read_topics(settings.kafka, sessions)
    read_bucket(settings.s3, sessions, session)
    listed = [each for each in sessions.values() if not session or each.session == session]
    if lag:
        groups = [settings.processor.group, settings.archive.group]
        waiting = lags(settings.kafka, groups, topics_for(settings.processor.tenants, settings.kafka))
        for each in listed:
            each.lag = sum(count or 0 for count in waiting.values())
    verdict = judge(listed, Given(done, audit, prints))
    typer.echo(json.dumps(to_json(verdict)) if as_json else table(verdict))
    if verdict.findings or (session and not listed):
        raise typer.Exit(1)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Name the file that cannot be read, in one line."""
    from huizhen.cli.problem import Problem

    try:
        yield
    except OSError as error:
        name, why = error.filename or path, error.strerror or type(error).__name__
        raise Problem(f"cannot read {name} ({why})", way_out="run this as who owns it, or name another") from None
    except (ValueError, KeyError, TypeError) as error:
        raise Problem(
            f"{path} is not of the form that is wanted ({type(error).__name__})", way_out="see --help"
        ) from None
