"""How often Python looks for cycles of dead objects: rarely, in parts that live for months and make few of them."""

import gc

THRESHOLD = 20_000  # a frame makes hundreds of objects that die by reference count; Python's 700 costs a third more


def collect_rarely() -> None:
    """Call it when everything is imported: modules and tables live for ever, so that collections need not walk them."""
    gc.freeze()
    gc.set_threshold(THRESHOLD, 20, 50)
