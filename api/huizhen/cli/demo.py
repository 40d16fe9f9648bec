"""The demo: a real exam, and a station with a thin link that replays it."""

from importlib.util import find_spec
from pathlib import Path

from huizhen.cli import child_io
from huizhen.cli.deployment import capture_part, run
from huizhen.cli.deployment_io import Deployment, health_check
from huizhen.cli.environment import settings_env
from huizhen.cli.part import Part
from huizhen.cli.problem import Problem
from huizhen.schemas.settings import Settings

EXAM = "color3d_jpeg_baseline.dcm"
"""A real ultrasound exam: 120 frames of 640 x 480 RGB, JPEG; from the pydicom-data package"""
PROFILE = "us-640x480"
FRAMES_PER_SECOND = 30
WITHHELD_PERCENT = 5.0
STOP_S = 6.0  # a station ends within five


def exam_file() -> Path:
    """Find the sample exam; raises Problem when its package is not installed."""
    spec = find_spec("data_store")  # what pydicom-data calls its package
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "data" / EXAM
        if path.is_file():
            return path
    raise Problem("the sample exam is not installed", way_out="pip install 'huizhen[demo]'")


def capture_arguments(exam: Path) -> tuple[str, ...]:
    """Give the arguments of `huizhen capture` that replay the exam in a loop."""
    return str(exam), "--profile", PROFILE, "--loop", "--rate", str(FRAMES_PER_SECOND)


def thin_link(settings: Settings) -> Settings:
    """Give the settings with a link that drops a little detail, so that filling can be seen."""
    station = settings.station.model_copy(update={"packets_per_frame": 5, "withhold_detail_percent": WITHHELD_PERCENT})
    return settings.model_copy(update={"station": station})


def station(deployment: Deployment) -> tuple[Part, ...]:
    """Give the station that replays the exam, as an additional part of `up`."""
    check = health_check(deployment.ports.capture_metrics)
    arguments = capture_arguments(exam_file())
    return (capture_part(thin_link(deployment.settings), deployment.ports, arguments, check),)


def replay(exam: Path, settings: Settings) -> int:
    """Replay the exam into a deployment that runs; give the exit code."""
    return child_io.run_here(run("capture", *capture_arguments(exam)), settings_env(thin_link(settings)), STOP_S)
