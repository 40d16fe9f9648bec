"""docs/settings.md lists every setting as it is."""

from pathlib import Path

from huizhen.cli.environment import settings_env
from huizhen.cli.settings_page import page
from huizhen.schemas.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == page(), "run: python -m huizhen.cli.settings_page docs/settings.md"


def test_the_page_names_every_setting_with_its_meaning() -> None:
    lines = PAGE.read_text().splitlines()
    for variable in settings_env(Settings()):
        name = variable.removeprefix("HUIZHEN_").lower().replace("__", ".")
        row = next((line for line in lines if line.startswith(f"| `{name}` |")), None)
        assert row is not None, name
        assert all(cell.strip() for cell in row.strip("|").split("|")), row
