"""`huizhen rejected`: what was refused is not lost."""

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from huizhen.cli.lazy import HELP_OPTIONS

if TYPE_CHECKING:
    from huizhen.cli.rejected import Wanted

rejected = typer.Typer(
    add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, context_settings=HELP_OPTIONS
)
Places = Annotated[list[str] | None, typer.Argument(help="Records as `list` names them: topic/partition/offset")]
Session = Annotated[str, typer.Option(help="Of this session alone")]
Reason = Annotated[str, typer.Option(help="Refused for this reason alone, for example unknown_geometry")]
Tenant = Annotated[str, typer.Option(help="Of this institution alone")]
By = Annotated[str, typer.Option(help="Who decides: your id, no name")]
Why = Annotated[str, typer.Option(help="Why, in a few words without patient data")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON lines, for programs")]


@rejected.callback()
def root() -> None:
    """List, show, replay or discard refused records.

    \b
    Examples:
      huizhen rejected list --session exam-20261125-1
      huizhen rejected show huizhen.clinic.rejected/0/17
      huizhen rejected replay --reason unknown_geometry --by op-7 --why "geometry was declared late"
      huizhen rejected discard huizhen.clinic.rejected/0/17 --by op-7 --why "a test picture"
    """


@rejected.command("list")
def listed(
    session: Session = "", reason: Reason = "", tenant: Tenant = "",
    undecided: Annotated[bool, typer.Option("--undecided", help="Only what waits for a decision")] = False,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List refused records and what was decided about each.

    \b
    Examples:
      huizhen rejected list --undecided
      huizhen rejected list --session exam-20261125-1 --reason frame_size_changed
    """
    from huizhen.cli.rejected import as_json as to_json
    from huizhen.cli.rejected import table
    from huizhen.cli.rejected_io import refused
    from huizhen.cli.running_io import load_settings

    wanted = _wanted([], session, reason, tenant, undecided)
    found = [each for each, _ in refused(load_settings().kafka, wanted)]
    typer.echo("\n".join(json.dumps(to_json(each)) for each in found) if as_json else table(found))


@rejected.command()
def show(
    place: Annotated[str, typer.Argument(help="Record as `list` names it: topic/partition/offset")],
    raw: Annotated[bool, typer.Option("--raw", help="Write the original's bytes to the standard output")] = False,
) -> None:
    """Show one record: why it was refused, where it came from, who decided what.

    \b
    Examples:
      huizhen rejected show huizhen.clinic.rejected/0/17
      huizhen rejected show huizhen.clinic.rejected/0/17 --raw > original.bin
    """
    from huizhen.cli.rejected import as_json as to_json
    from huizhen.cli.rejected_io import refused
    from huizhen.cli.running_io import load_settings

    found = next(refused(load_settings().kafka, _wanted([place], "", "", "", False)), None)
    if found is None:
        typer.echo(f"huizhen: no refused record stands at {place}", err=True)
        raise typer.Exit(1)
    if raw:
        sys.stdout.buffer.write(found[1])
    else:
        typer.echo(json.dumps(to_json(found[0]), indent=2))


@rejected.command()
def replay(
    by: By, why: Why, place: Places = None, session: Session = "", reason: Reason = "", tenant: Tenant = "",
) -> None:  # fmt: skip
    """Put refused records back where they came from, whole; each is decided on once, and its frame counted once.

    \b
    Examples:
      huizhen rejected replay --session exam-20261125-1 --by op-7 --why "the profile was mended"
      huizhen rejected replay huizhen.clinic.rejected/0/17 --by op-7 --why "geometry was declared late"
    """
    _decide(_wanted(place or [], session, reason, tenant, True), by, why, is_replay=True)


@rejected.command()
def discard(
    by: By, why: Why, place: Places = None, session: Session = "", reason: Reason = "", tenant: Tenant = "",
) -> None:  # fmt: skip
    """Decide that refused records stay refused: who, when and why stand in the audit trail; no byte is deleted.

    \b
    Examples:
      huizhen rejected discard --session exam-20261125-1 --by op-7 --why "menu of the console"
    """
    _decide(_wanted(place or [], session, reason, tenant, True), by, why, is_replay=False)


def _wanted(places: list[str], session: str, reason: str, tenant: str, undecided: bool) -> "Wanted":
    from huizhen.cli.rejected import Wanted
    from huizhen.schemas.reasons import RejectReason

    if reason and reason not in set(RejectReason):
        raise typer.BadParameter(f"must be one of {', '.join(RejectReason)}", param_hint="--reason")
    return Wanted(frozenset(places), session, reason, tenant, undecided)


def _decide(wanted: "Wanted", by: str, why: str, *, is_replay: bool) -> None:
    """Decide on all that is meant; exit code 1 where nothing was, or a record cannot go back."""
    from huizhen.cli.rejected_io import Desk, refused
    from huizhen.cli.running_io import load_settings
    from huizhen.schemas.errors import BadInput
    from huizhen.schemas.ids import SubjectId

    if not wanted.is_narrow:
        raise typer.BadParameter("say which: a place, --session or --reason")
    try:
        who = SubjectId(by)
    except BadInput as error:
        raise typer.BadParameter(str(error), param_hint="--by") from error
    settings = load_settings()
    desk, done, left = Desk(settings.kafka, who, why, settings.station.alliance), 0, 0
    for found in refused(settings.kafka, wanted):
        try:
            (desk.replay if is_replay else desk.discard)(found)
            done += 1
        except BadInput as error:
            typer.echo(f"huizhen: {error}", err=True)
            left += 1
    typer.echo(f"{done} {'replayed' if is_replay else 'discarded'}" + (f", {left} left as they are" if left else ""))
    if left or not done:
        raise typer.Exit(1)
