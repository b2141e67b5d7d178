"""Fits that a test sends to other processes: they load no more than they need."""

import os
import signal

from evaluation.errors import EstimationError

# the part that is refused
REFUSED = 2


def end(_: object, part: object) -> None:
    """The end of the process."""
    os.kill(os.getpid(), signal.SIGKILL)


def refused(_: object, part: int) -> int:
    if part == REFUSED:
        raise EstimationError.of("fit-without-some", "use-fewer-covariates", f"part {part}")
    return part


def threads(_: object, __: object) -> str:
    return os.environ["OMP_NUM_THREADS"]
