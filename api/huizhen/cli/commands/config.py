"""`huizhen config`."""

import json
from typing import Annotated

import typer


def config(
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of TOML")] = False,
) -> None:
    """Print all settings as they apply here, secrets hidden.

    \b
    Examples:
      huizhen config
      huizhen config --json
      HUIZHEN_LOG_LEVEL=debug huizhen config
    """
    from huizhen.cli.environment import shown, toml_text
    from huizhen.cli.running_io import load_settings

    values = shown(load_settings())
    typer.echo(json.dumps(values, indent=2) if as_json else toml_text(values))
