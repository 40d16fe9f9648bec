"""`huizhen down`."""

import typer


def down() -> None:
    """End what `up` or `demo` started in this state folder, within 10 seconds; data and secrets stay.

    \b
    Examples:
      huizhen down
      huizhen --state /srv/huizhen down
    """
    from huizhen.cli.down_io import bring_down
    from huizhen.cli.running_io import load_settings, state_folder

    folder = state_folder(load_settings())
    ended = bring_down(folder)
    typer.echo(f"Ended: {', '.join(ended)}" if ended else f"Nothing runs in {folder}")
