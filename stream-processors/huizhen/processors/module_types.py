"""Which attributes a SOP class wants: type 1 (present, not empty) and type 2 (present), of its mandatory modules.

The tables come from the highdicom wheel, 22 MB of JSON (PS3.3), so the few classes this project writes are kept as
`module_types.json` beside this file, written by `python -m huizhen.processors.module_types`; a test holds it to the
wheel.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

STORAGE = "1.2.840.10008.5.1.4.1.1."
SOP_CLASSES = tuple(STORAGE + tail for tail in ("1", "2", "3.1", "4", "6.1", "7", "7.2", "7.3", "7.4", "12.1"))
FILE = "module_types.json"


@dataclass(frozen=True, slots=True)
class ModuleTypes:
    """Keywords of top-level attributes by type."""

    type_1: frozenset[str]
    type_2: frozenset[str]


@cache
def module_types() -> dict[str, ModuleTypes]:
    """Give the types by SOP Class UID."""
    found = json.loads(resources.files("huizhen.processors").joinpath(FILE).read_text("utf-8"))
    return {uid: ModuleTypes(frozenset(types["1"]), frozenset(types["2"])) for uid, types in found.items()}


def from_highdicom() -> dict[str, dict[str, list[str]]]:
    """Derive the table from the highdicom wheel's own files, without importing it."""
    standard = resources.files("highdicom") / "_standard"
    classes, modules, attributes = (
        json.loads(standard.joinpath(name).read_text("utf-8"))
        for name in ("sop_class_iod_map.json", "iod_module_map.json", "module_attribute_map.json")
    )
    return {uid: _types(modules[classes[uid]], attributes) for uid in SOP_CLASSES}


def _types(modules: list[Mapping[str, str]], attributes: Mapping[str, list[Mapping[str, Any]]]) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {"1": set(), "2": set()}
    for module in modules:
        for attribute in attributes[module["key"]] if module["usage"] == "M" else ():
            if not attribute["path"] and attribute["type"] in found:
                found[attribute["type"]].add(attribute["keyword"])
    return {kind: sorted(keywords) for kind, keywords in found.items()}


if __name__ == "__main__":
    Path(__file__).with_name(FILE).write_text(json.dumps(from_highdicom(), indent=1) + "\n", "utf-8")
