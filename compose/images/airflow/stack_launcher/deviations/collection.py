"""Collects no garbage while modules are imported, because looking through tens of thousands of objects that last
costs a quarter of the import; afterwards they are set aside, so that no collection writes to pages that are shared.

Switch: GC.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection(is_on: bool) -> Iterator[None]:
    """Around imports; what they have made is never collected."""
    if not is_on:
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        # Without a collection before: there is next to nothing to find, and looking for it takes a third of a second.
        gc.freeze()
        gc.enable()
