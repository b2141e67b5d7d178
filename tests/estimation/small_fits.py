"""Fits that a test sends to other processes: they load no more than they need."""

import os
import signal
import time
from pathlib import Path

from evaluation.errors import EstimationError

# the part that is killed once, and the one that is refused
KILLED, REFUSED = 7, 2


def noted(folder: Path, part: int) -> int:
    """A square, with a note of every run; the first run of one part is killed from outside."""
    with (folder / f"{part}").open("a", encoding="utf-8") as file:
        file.write("x")
    time.sleep(0.02)
    if part == KILLED and (folder / f"{part}").read_text(encoding="utf-8") == "x":
        end(folder, part)
    return part * part


def end(_: object, part: object) -> None:
    """The end of the process."""
    os.kill(os.getpid(), signal.SIGKILL)


def refused(_: object, part: int) -> int:
    if part == REFUSED:
        raise EstimationError.of("fit-without-some", "use-fewer-covariates", f"part {part}")
    return part


def large(_: object, part: object) -> bytes:
    return b"x" * 30_000_000
