"""Every state of the page in a real Chromium, on exams that are played into the real API (`page_server`)."""

import collections
import subprocess
import sys
import threading

import pytest

from tests.e2e.page_browser import Told, run_steps
from tests.e2e.page_build import ROOT, ensure_built

pytestmark = pytest.mark.timeout(900)
STEPS = (
    "aLinkSignsInOnceAndLeavesTheAddress",
    "aPastedLinkSignsInByKeyboard",
    "aServerThatDoesNotAnswerIsSaidSo",
    "aSignOutElsewhereEndsThisPage",
    "rolesSeeOnlyWhatIsTheirs",
    "aCutComesBackAndNeverGoesBackInTime",
    "aDeadNetworkShowsLateAndComesBackByItself",
    "anOldPictureIsLateThoughItMoves",
    "filledTilesAreMarkedAndOutlined",
    "greyOfTwelveBitsIsWindowed",
    "aPictureOfAnotherSizeIsShownAtItsOwn",
    "livePixelsAreExactWithoutWebgl",
    "livePixelsAreThoseOfTheSource",
    "noAgeOverTwoSecondsStandsThereWithoutLate",
    "smallerPicturesAreMarkedReduced",
    "zoomAndPanWorkByKeyboardAndWheel",
    "aDicomFileIsDownloaded",
    "aSealedExamEndsAndItsClipStays",
    "storedFramesAreExactWhileScrubbed",
    "theClipGrowsWhileTheExamRuns",
    "theClipPlaysAtTheChosenRate",
    "aTraineesVideoIsBlankWhereTheRestIs",
    "blockedSocketsFallBackToVideoThatSaysItIsLossy",
    "blockedUdpComesBackOverTheSocket",
    "aDerivedFrameIsToldFromAnAcquiredOne",
    "aTraineeSeesCoveredRegionsBlankAndIsTold",
    "sourcesOfOneSessionAreSwitched",
    "storedFramesKeepTheWindowTheyWereCapturedWith",
    "twoInstitutionsMeetInOneRoom",
    "filesFromElsewhereAndReportsAreRead",
    "studiesAreReadAndMeasuredBesideTheLivePicture",
    "aTraineeSeesStudiesBlankedAndNoFiles",
    "studiesFitAPhoneInChinese",
    "aConsultationIsRequestedClaimedAndFinished",
    "aRequestIsTakenBackOnlyAfterAsking",
    "everythingFitsAPhoneInChinese",
    "theKeyboardReachesEverything",
    "theLanguageSwitchesEveryWord",
    "twoFingersZoomOnAPhone",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """All steps, run once."""
    ensure_built()
    folder = tmp_path_factory.mktemp("page")
    with subprocess.Popen(
        [sys.executable, "-m", "tests.e2e.page_server"],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        where = folder / "where.json"
        where.write_text(server.stdout.readline())
        rest = threading.Thread(target=collections.deque, args=(server.stdout, 0), daemon=True)
        rest.start()  # a full pipe would stop the server
        try:
            return run_steps("states.mjs", where, folder / "pictures")
        finally:
            server.kill()


def test_all_steps_ran_and_no_other(told: Told) -> None:
    assert sorted(told.errors) == sorted(STEPS), told.output


@pytest.mark.parametrize("step", STEPS)
def test_page(told: Told, step: str) -> None:
    assert told.errors.get(step) == "", told.errors.get(step, "it did not run")
