"""`huizhen topics`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from huizhen.cli.topics_io import Standing


def topics(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit code 3 when something differs")] = False,
) -> None:
    """Create the topics that are missing, make the settings of the others the table's, and list all of them.

    Settings that the table does not name stay as they are, and so do partitions.

    \b
    Examples:
      huizhen topics
      huizhen topics --check
      HUIZHEN_PROCESSOR__TENANTS='["clinic-a","clinic-b"]' huizhen topics
    """
    from huizhen.cli.running_io import load_settings
    from huizhen.cli.topics_io import ensure_topics, look_at_topics

    settings = load_settings()
    kafka, tenants = settings.kafka, settings.processor.tenants
    standings = look_at_topics(kafka, tenants) if check else ensure_topics(kafka, tenants, alter=True)
    for standing in standings:
        typer.echo(line(standing))
    if check and any(standing.partitions != standing.spec.partitions or standing.differs for standing in standings):
        raise typer.Exit(3)


def line(standing: "Standing") -> str:
    """Write how a topic stands."""
    spec = standing.spec
    if standing.created:
        outcome = "created"
    elif not standing.partitions:
        outcome = "missing"
    elif standing.partitions != spec.partitions:
        outcome = f"has {standing.partitions} partitions on the broker: partitions are fixed for a deployment"
    elif standing.differs:
        outcome = f"{'changed' if standing.altered else 'differs'}: {', '.join(standing.differs)}"
    else:
        outcome = "there"
    return f"{spec.name:<36}{spec.partitions:>3} partitions  x{spec.replication_factor}  {outcome}"
