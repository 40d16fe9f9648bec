"""Load settings, and find the `up` that runs in the state folder."""

import os
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from huizhen.cli import runstate_io, secrets_io
from huizhen.cli.deployment import embeds_kafka, embeds_s3
from huizhen.cli.environment import variable
from huizhen.cli.problem import Problem
from huizhen.cli.runstate import RunState
from huizhen.schemas.settings import Settings


def load_settings(flags: Mapping[str, object] | None = None) -> Settings:
    """Load the settings; `flags` (nested, None where not given) win. Raises Problem that names each bad setting."""
    try:
        return Settings(**_given(flags or {}))  # type: ignore[arg-type]  # checked by pydantic
    except ValidationError as error:
        wrong = [
            f"{'.'.join(map(str, one['loc']))}: {one['msg'][:1].lower()}{one['msg'][1:]}" for one in error.errors()
        ]
        raise Problem("settings cannot be used", way_out="; ".join(wrong)) from None
    except ValueError as error:  # a file that is no TOML, a variable that is no JSON
        raise Problem("settings cannot be read", way_out=str(error)) from None


def _given(flags: Mapping[str, object]) -> dict[str, object]:
    given: dict[str, object] = {}
    for name, value in flags.items():
        if isinstance(value, Mapping):
            if inner := _given(value):
                given[name] = inner
        elif value is not None:
            given[name] = value
    return given


def state_folder(settings: Settings) -> Path:
    """Give the state folder as an absolute path."""
    return settings.state.expanduser().absolute()


def adopt() -> RunState | None:
    """Set, in our environment, how the `up` that runs here reaches Kafka and S3, where nobody configured others.

    Addresses, protocol, user, authorities, bucket and secrets; of a server that is named here nothing is taken over.
    """
    settings = load_settings()
    folder = state_folder(settings)
    state = runstate_io.running(folder)
    if state is None or not state.kafka:  # nothing runs, or it is still preparing
        return None
    found = {**state.connection, **secrets_io.connection(folder)}
    for group, values, is_free in (
        ("kafka", settings.kafka, embeds_kafka(settings)),
        ("s3", settings.s3, embeds_s3(settings)),
    ):
        if is_free:
            taken = {variable(group, name) for name in type(values).model_fields if name not in values.model_fields_set}
            os.environ.update({name: value for name, value in found.items() if name in taken})
    return state
