"""Settings as environment variables: how the supervisor hands its settings to the parts."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, SecretStr

from huizhen.schemas.settings import Settings

PREFIX = "HUIZHEN_"
HIDDEN = "**********"


def settings_env(settings: Settings) -> dict[str, str]:
    """Give every setting as the environment variable that sets it; secrets are in the clear."""
    return {PREFIX + name.upper(): text for name, text in _walk(settings, "")}


def connection_env(settings: Settings, secret: bool) -> dict[str, str]:
    """Give how Kafka and S3 are reached as environment variables: the `secret` ones alone, or all others.

    Paths are absolute, so that they hold in another working folder.
    """
    found: dict[str, str] = {}
    for group, values in (("KAFKA", settings.kafka), ("S3", settings.s3)):
        for name in type(values).model_fields:
            value = getattr(values, name)
            if value is None or isinstance(value, SecretStr) != secret:
                continue
            found[variable(group, name)] = _text(value.expanduser().absolute() if isinstance(value, Path) else value)
    return found


def variable(group: str, name: str) -> str:
    """Name the variable of a setting in a group."""
    return f"{PREFIX}{group.upper()}__{name.upper()}"


def _walk(group: BaseModel, above: str) -> Iterator[tuple[str, str]]:
    for name in type(group).model_fields:
        value = getattr(group, name)
        if isinstance(value, BaseModel):
            yield from _walk(value, f"{above}{name}__")
        elif value is not None:
            yield above + name, _text(value)


def _text(value: object) -> str:
    match value:
        case SecretStr():
            return value.get_secret_value()
        case str() | Path():
            return str(value)
        case _:
            return json.dumps(value)


def shown(settings: BaseModel) -> dict[str, object]:
    """Give the settings as plain values with secrets hidden, for people to read."""
    plain: dict[str, object] = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            plain[name] = shown(value)
        elif isinstance(value, SecretStr):
            plain[name] = HIDDEN if value.get_secret_value() else ""
        else:
            plain[name] = str(value) if isinstance(value, Path) else value
    return plain


def toml_text(values: Mapping[str, object]) -> str:
    """Write nested plain values as TOML that can be read back: hidden and absent values are left out by a comment."""
    single = [_toml_line(name, value) for name, value in values.items() if not isinstance(value, dict)]
    groups = [f"\n[{name}]\n{toml_text(value)}" for name, value in values.items() if isinstance(value, dict)]
    return "\n".join([*single, *groups])


def _toml_line(name: str, value: object) -> str:
    if value is None:
        return f"# {name} is not set"
    return f"# {name} is set, and hidden" if value == HIDDEN else f"{name} = {json.dumps(value)}"
