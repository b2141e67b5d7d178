"""Many independent fits: in this process, or in several of this machine.

A fit is a function of what all of them share and of its own part. What it draws follows from a
seed in one of the two, so that no number depends on where, beside what or in what order fits run.
"""

import functools
import itertools
import multiprocessing
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Protocol, TypeVar

from evaluation.errors import EstimationError
from evaluation.locale.messages import message

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Found = TypeVar("Found")

# How many processes fits run in; nothing for this one.
VARIABLE = "EVAL_PROCESSES"
NUMBER = re.compile("[1-9][0-9]?")
# as many as the machine is asked for elsewhere
THREADS = 2
# parts that wait for their turn, a process: more would only fill memory
AHEAD = 2
# each process has one thread for linear algebra: otherwise they wait for one another
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
# in a process of a pool: what its fits share
_SHARED: list[Any] = []


class Each(Protocol):
    """What applies a function to what fits share and each part, and yields in the parts' order."""

    def __call__(
        self, function: Callable[[Shared, Part], Found], parts: Iterable[Part], shared: Shared, /
    ) -> Iterator[Found]:
        """Results of all parts; `function` is one of a module, found there by its name."""
        ...


def here(
    function: Callable[[Shared, Part], Found], parts: Iterable[Part], shared: Shared, /
) -> Iterator[Found]:
    """One after another in this process; a part is asked for when its turn has come.

    Parameters
    ----------
    function : callable
    parts : iterable
    shared : object
    """
    return (function(shared, part) for part in parts)


def in_threads(
    function: Callable[[Shared, Part], Found], parts: Iterable[Part], shared: Shared, /
) -> Iterator[Found]:
    """Two at a time in this process.

    Parameters
    ----------
    function : callable
    parts : iterable
    shared : object
    """
    with ThreadPoolExecutor(THREADS) as pool:
        yield from pool.map(functools.partial(function, shared), parts)


def asked(otherwise: Each = here) -> Each:
    """What runs fits: the processes that ``EVAL_PROCESSES`` asks for, else this one.

    Parameters
    ----------
    otherwise : Each
        What runs them where nothing is asked for.

    Raises
    ------
    EstimationError
        The variable is not a whole number from 1 to 99.
    """
    number = os.environ.get(VARIABLE, "")
    if not number:
        return otherwise
    if not NUMBER.fullmatch(number):
        raise _refused("processes-number", number=number)
    return functools.partial(in_processes, int(number))


def in_processes(
    number: int,
    function: Callable[[Shared, Part], Found],
    parts: Iterable[Part],
    shared: Shared,
    /,
) -> Iterator[Found]:
    """In new processes of this machine; each is sent once what fits share.

    Errors are raised in the parts' order, as in this process.

    Parameters
    ----------
    number : int
    function : callable
    parts : iterable
    shared : object

    Raises
    ------
    EstimationError
        A process ended before its fit was done.
    """
    upcoming, waiting = iter(parts), deque[Future[Found]]()
    pool = ProcessPoolExecutor(
        number, multiprocessing.get_context("spawn"), initializer=_keep, initargs=(shared,)
    )
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        while True:
            for part in itertools.islice(upcoming, AHEAD * number - len(waiting)):
                waiting.append(pool.submit(_fit, function, part))
            if not waiting:
                return
            yield waiting.popleft().result()
    except BrokenProcessPool:
        raise _refused("processes-ended") from None
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        pool.shutdown(cancel_futures=True)


def _keep(shared: Any) -> None:
    _SHARED.append(shared)


def _fit(function: Callable[[Any, Any], Any], part: Any) -> Any:
    return function(_SHARED[-1], part)


def _refused(name: str, **holes: str) -> EstimationError:
    return EstimationError(
        message(f"{name}.problem", **holes), where=VARIABLE, fix=message(f"{name}.fix")
    )
