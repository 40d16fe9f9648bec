import gc

from huizhen.schemas.garbage import THRESHOLD, collect_rarely


def test_what_is_there_is_never_walked_again_and_collections_are_rare() -> None:
    before = gc.get_threshold()
    try:
        collect_rarely()
        assert gc.get_freeze_count() > 1000
        assert gc.get_threshold() == (THRESHOLD, 20, 50)
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
