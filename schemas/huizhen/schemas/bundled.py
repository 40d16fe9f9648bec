"""Find the data files of `infra/`: beside the sources in a checkout, inside the package in a wheel."""

from pathlib import Path

_WHEEL = Path(__file__).parents[1] / "infra"  # huizhen/infra, put there by the wheel build
_CHECKOUT = Path(__file__).parents[3] / "infra"


def bundled(name: str) -> Path:
    """Give the path of a data file or folder, e.g. `kafka/pom.xml`; FileNotFoundError when it is not there."""
    for root in (_WHEEL, _CHECKOUT):
        path = root / name
        if path.exists():
            return path
    raise FileNotFoundError(f"infra/{name} belongs to the installation and is missing: install huizhen again")
