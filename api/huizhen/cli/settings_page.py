"""Write docs/settings.md from the settings themselves: `python -m huizhen.cli.settings_page docs/settings.md`."""

import json
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from huizhen.schemas.settings import Settings

HEAD = """# Settings

Every setting of every part. `huizhen config` prints them as they apply on a machine, secrets hidden.

Where a setting comes from, the first that gives it wins:

1. a flag of the command (`huizhen up --port 8090`; `--help` lists them),
2. the environment: `HUIZHEN_` and the name in capitals, two underscores between group and name
   (`HUIZHEN_KAFKA__BOOTSTRAP=broker:9092`); lists as JSON (`HUIZHEN_PROCESSOR__TENANTS='["clinic-a"]'`),
3. a TOML file: `huizhen.toml` in the working folder, or the one that `--config` or `HUIZHEN_CONFIG` names, with a
   table per group,
4. the default below.

Secrets (passwords, keys) belong in the environment or in a file only its owner can read, never in a flag: flags are
seen by everybody on the machine. `huizhen up` embeds Kafka where nobody names `kafka.bootstrap`, and S3 where nobody
names `s3.endpoint`; for what it embeds it makes the keys itself.

This page is made from the code: `python -m huizhen.cli.settings_page docs/settings.md`.
"""
MIB = 1 << 20
SECRET = "secret"  # noqa: S105  (a word of the page)


def page() -> str:
    """Give the whole page."""
    groups: list[tuple[str, type[BaseModel]]] = [("", Settings)]
    groups += [(name, kind) for name, field in Settings.model_fields.items() if (kind := _group(field)) is not None]
    return HEAD + "".join(_section(name, model) for name, model in groups)


def _group(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _section(group: str, model: type[BaseModel]) -> str:
    title = f"\n## [{group}] {model.__doc__ or ''}".rstrip(".") if group else "\n## Of all parts"
    rows = [_row(group, name, field) for name, field in model.model_fields.items() if _group(field) is None]
    return "\n".join([title, "", "| setting | default | allowed | meaning |", "|---|---|---|---|", *rows]) + "\n"


def _row(group: str, name: str, field: FieldInfo) -> str:
    full = f"{group}.{name}" if group else name
    allowed = ", ".join(_allowed(field)) or _kind(field.annotation)
    return f"| `{full}` | {_default(field.default)} | {allowed} | {field.description or ''} |"


def _default(value: object) -> str:
    match value:
        case None:
            return "none"
        case SecretStr():
            return SECRET
        case str() | Path():
            return f"`{value}`" if str(value) else "empty"
        case bool() | list():
            return f"`{json.dumps(value)}`"
        case int():
            return f"`{value}`" + (f" ({value >> 20} MiB)" if value >= MIB else "")
        case _:
            return f"`{value}`"


def _allowed(field: FieldInfo) -> Iterator[str]:
    if get_origin(field.annotation) is Literal:
        yield " ".join(f"`{choice}`" for choice in get_args(field.annotation))
    for rule in field.metadata:
        match rule:
            case Ge(ge=least):
                yield f"from {least}"
            case Gt(gt=least):
                yield f"above {least}"
            case Le(le=most):
                yield f"to {most}"
            case Lt(lt=most):
                yield f"below {most}"
            case MinLen(min_length=least):
                yield f"{least} letters or more"


def _kind(kind: Any) -> str:
    names = {str: "text", int: "number", float: "number", bool: "`true` `false`", Path: "path", SecretStr: "text"}
    if get_origin(kind) is list:
        return "list"
    if isinstance(kind, types.UnionType):
        return _kind(get_args(kind)[0])
    return names.get(kind, "")


def main() -> None:
    """Write the page to the file in the first argument."""
    Path(sys.argv[1]).write_text(page(), "utf-8")


if __name__ == "__main__":
    main()
