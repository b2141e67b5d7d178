"""Memory that is free, given back to the system between the parts of a stage."""

import ctypes
import sys

import pyarrow as pa


def give_back() -> None:
    """Give free memory back where the system's C library can be asked to.

    GNU's keeps what large tables leave between smaller ones, so that a stage would hold at its end
    what all its parts took. It says so itself: malloc_trim(3). Nothing that is in use changes.
    """
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
