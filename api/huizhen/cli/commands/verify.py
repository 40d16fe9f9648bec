"""`huizhen verify`."""

import json
from typing import Annotated

import typer


def verify(
    session: Annotated[str, typer.Argument(help="Session id, as the page shows it and `huizhen capture` prints it")],
    tenant: Annotated[str, typer.Option(help="Institution id; default: this station's")] = "",
    manifest: Annotated[
        str, typer.Option(help="SHA-256 of the newest manifest, where you kept it; else the ledger is asked")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs")] = False,
) -> None:
    """Read a session's manifests and every object back from S3; exit code 0 only when all is what was stored.

    The chain of manifests must end at the one that the session's newest report on the ledger topic names.

    \b
    Examples:
      huizhen verify exam-20261125-1
      huizhen verify exam-20261125-1 --tenant other-clinic
      huizhen verify exam-20261125-1 --json
    """
    from huizhen.cli.ledger_check.topics_io import newest_manifest
    from huizhen.cli.running_io import load_settings
    from huizhen.schemas.errors import BadInput
    from huizhen.schemas.ids import SessionId, TenantId
    from huizhen.sinks.chain import check_session
    from huizhen.sinks.store_io import S3Store

    settings = load_settings()
    try:
        owner, name = TenantId(tenant or settings.station.tenant), SessionId(session)
    except BadInput as error:
        raise typer.BadParameter(str(error)) from error
    newest = manifest or newest_manifest(settings.kafka, owner, name)
    store = S3Store(settings.s3)
    try:
        found = check_session(store, owner, name, newest, is_locked=settings.s3.locks_manifests)
    finally:
        store.close()
    if as_json:
        said = {"sound": found.is_sound, "manifests": found.manifests, "objects": found.objects, "bytes": found.bytes}
        typer.echo(json.dumps({**said, "unnamed": found.unnamed, "faults": found.faults}))
    else:
        outcome = "all as it was stored" if found.is_sound else f"{len(found.faults)} faults"
        counts = f"{found.manifests} manifests, {found.objects} objects, {found.bytes:,} bytes: {outcome}"
        typer.echo("\n".join([*found.faults, counts]))
    if not found.is_sound:
        raise typer.Exit(1)
