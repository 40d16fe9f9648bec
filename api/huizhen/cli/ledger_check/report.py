"""What the checker found, as a table and as JSON."""

from dataclasses import asdict

from huizhen.cli.ledger_check.judge import NAMES, Verdict


def table(verdict: Verdict) -> str:
    """Write the ten checks, one a line, and each finding below."""
    head = (
        f"{verdict.sessions} sessions: captured {verdict.captured:,}, stored {verdict.stored:,}, "
        f"rejected {verdict.rejected:,}, missing {verdict.missing:,}"
    )
    refused = "refused records: " + ", ".join(f"{count:,} {what}" for what, count in verdict.refusals.items())
    rows = [
        f"{name:<4}{what:<26}{verdict.standing(name):<12}{verdict.not_judged.get(name, '')}".rstrip()
        for name, what in NAMES.items()
    ]
    found = [f"{each.check:<4}{each.session}: {each.what}" for each in verdict.findings]
    return "\n".join([head, refused, "", *rows, *([""] if found else []), *found])


def as_json(verdict: Verdict) -> dict[str, object]:
    """Give one object for programs."""
    checks = {name: verdict.standing(name) for name in NAMES}
    counts = {name: getattr(verdict, name) for name in ("sessions", "captured", "stored", "rejected", "missing")}
    findings = [asdict(each) for each in verdict.findings]
    return {
        "sound": not findings,
        **counts,
        "refusals": verdict.refusals,
        "checks": checks,
        "findings": findings,
        "not_judged": verdict.not_judged,
        "prints": verdict.prints,
    }
