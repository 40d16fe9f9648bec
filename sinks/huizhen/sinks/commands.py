"""`huizhen export`: a session's instances as files."""

from pathlib import Path
from typing import Annotated

import typer

from huizhen.schemas.errors import HuizhenError
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.settings import Settings
from huizhen.schemas.transcode import syntax_of
from huizhen.sinks.export import export as instances
from huizhen.sinks.store_io import S3Store


def export(
    session: Annotated[str, typer.Argument(help="Session id, as the page and `huizhen status` show it")],
    to: Annotated[Path, typer.Option(help="Folder to write to; it is made where it is not there")],
    transfer_syntax: Annotated[
        str, typer.Option(help="jpeg-ls, jpeg2000, explicit (all lossless), or htj2k: as it is stored")
    ] = "explicit",
    tenant: Annotated[str, typer.Option(help="Institution id; default: this station's")] = "",
) -> None:
    """Write the stored instances of a session as DICOM files.

    \b
    Examples:
      huizhen export exam-20261125-1 --to out
      huizhen export exam-20261125-1 --to out --transfer-syntax jpeg-ls
      huizhen export exam-20261125-1 --to out --tenant other-clinic
    """
    settings = Settings()
    store = S3Store(settings.s3)
    count = 0
    try:
        syntax = syntax_of(transfer_syntax)
        for each in instances(store, TenantId(tenant or settings.station.tenant), SessionId(session), syntax):
            file = to / each.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(each.data)
            count += 1
    except HuizhenError as error:
        raise typer.BadParameter(str(error)) from error
    finally:
        store.close()
    if count == 0:
        typer.echo(f"no instances of session {session} are stored", err=True)
        raise typer.Exit(1)
    typer.echo(f"{count} instances written to {to}")
