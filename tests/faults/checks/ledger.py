"""The end of every test of a fault: the ledger checker on all that is left of a session."""

from pathlib import Path

from huizhen.cli.lag_io import lags
from huizhen.cli.ledger_check.bucket_io import read_bucket
from huizhen.cli.ledger_check.history import Session
from huizhen.cli.ledger_check.journal_io import read_journals
from huizhen.cli.ledger_check.judge import Verdict, judge
from huizhen.cli.ledger_check.report import table
from huizhen.cli.ledger_check.topics_io import read_topics
from huizhen.cli.ledger_check.viewers_io import read_viewers
from huizhen.schemas.settings import Settings
from huizhen.schemas.topics import topics_for


def lag_of(settings: Settings) -> dict[str, int | None]:
    """Count the records that each group has not confirmed, of the groups that have any, or of which nobody says."""
    groups = [settings.processor.group, settings.archive.group]
    found = lags(settings.kafka, groups, topics_for(settings.processor.tenants, settings.kafka))
    return {group: count for group, count in found.items() if count != 0}


def ledger_check(
    settings: Settings, session: str, journals: list[Path], viewers: Path | None = None, lag: int = 0
) -> Verdict:
    """Judge a session as `huizhen ledger-check` does; `lag` as it was asked for just before."""
    sessions: dict[tuple[str, str], Session] = {}
    tenant = settings.station.tenant
    for folder in journals:
        read_journals(folder, tenant, sessions)
    read_topics(settings.kafka, sessions)
    read_bucket(settings.s3, sessions, session)
    if viewers is not None:
        read_viewers(viewers, tenant, sessions)
    listed = [each for each in sessions.values() if each.session == session]
    for each in listed:
        each.lag = lag
    return judge(listed)


def assert_adds_up(verdict: Verdict) -> None:
    """Fail with the checker's own table where anything was found."""
    assert verdict.captured > 0, "nothing was captured"
    assert not verdict.findings, "\n" + table(verdict)
