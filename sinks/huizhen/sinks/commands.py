"""`huizhen export`: a session's instances as files."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from huizhen.schemas.errors import BadInput, HuizhenError, Unavailable
from huizhen.schemas.ids import SessionId, TenantId
from huizhen.schemas.settings import Settings
from huizhen.schemas.transcode import syntax_of
from huizhen.sinks.export import export as instances
from huizhen.sinks.export_io import write_export
from huizhen.sinks.store_io import S3Store


def export(
    session: Annotated[str, typer.Argument(help="Session id, as the page shows it and `huizhen capture` prints it")],
    to: Annotated[Path, typer.Option(help="Folder to write to; it is made where it is not there")],
    transfer_syntax: Annotated[
        str, typer.Option(help="jpeg-ls, jpeg2000, explicit (all lossless), or htj2k: as it is stored")
    ] = "explicit",
    tenant: Annotated[str, typer.Option(help="Institution id; default: this station's")] = "",
) -> None:
    """Write the stored instances of a session as DICOM files.

    The files appear when the last one is written: an export that fails leaves none.

    \b
    Examples:
      huizhen export exam-20261125-1 --to out
      huizhen export exam-20261125-1 --to out --transfer-syntax jpeg-ls
      huizhen export exam-20261125-1 --to out --tenant other-clinic
    """
    settings = Settings()
    try:
        syntax, name = syntax_of(transfer_syntax), SessionId(session)
        owner = TenantId(tenant or settings.station.tenant)
    except BadInput as error:
        raise typer.BadParameter(str(error)) from error
    store = S3Store(settings.s3)
    try:
        count = write_export(instances(store, owner, name, syntax), to, name)
    except Unavailable as error:
        _fail(f"{error.thing} is not available: check s3.endpoint, the keys and the network")
    except HuizhenError as error:
        _fail(f"{error}: the session is not exported, nothing was written")
    except OSError as error:
        _fail(f"cannot write to {to} ({error.strerror}): free some space or choose another folder with --to")
    finally:
        store.close()
    if count == 0:
        _fail(f"no instances of session {session} are stored")
    typer.echo(f"{count} instances written to {to}")


def _fail(line: str) -> NoReturn:
    typer.echo(f"huizhen: {line}", err=True)
    raise typer.Exit(1)
