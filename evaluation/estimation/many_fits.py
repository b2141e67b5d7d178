"""Many independent fits: in this process, or in those that dask.distributed has.

A fit is a function of what all of them share and of its own part. What it draws follows from a
seed in one of the two, so that no number depends on where, beside what or in what order fits run.
Dask pickles what it sends: it is spoken to over TLS only, and a local cluster of ours listens to
this machine alone, shows nothing in a browser and keeps everything in memory.
"""

import contextlib
import functools
import hashlib
import importlib
import importlib.metadata
import itertools
import logging
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import evaluation
from evaluation.errors import EstimationError, EvaluationError
from evaluation.locale.messages import message

Shared = TypeVar("Shared")
Part = TypeVar("Part")
Found = TypeVar("Found")

# Where fits run: nothing for this process, `local`, `local:4`, or the address of a scheduler.
VARIABLE = "EVAL_DASK"
LOCAL = re.compile(r"local(?::([1-9][0-9]{0,2}))?")
ADDRESS = re.compile(r"tls://[^\s/]+:[0-9]+")
# seconds until a scheduler has its first worker
WAIT = 60.0
# as many as the machine is asked for elsewhere
THREADS = 2
# parts that are sent before a result comes back, a thread: more would only fill memory
AHEAD = 2
# libraries whose versions decide digits
NUMERIC = ("numpy", "scipy", "pandas")
# Dask's own settings that do not suit fits: pages for a browser, a profile of every function, a
# warning about what fits share, a process given up where it starts again slowly, and memory given
# back after every array; one thread is kept
_QUIET = {
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.admin.large-graph-warning-threshold": "1TB",
    "distributed.deploy.lost-worker-timeout": "1d",
    "distributed.nanny.pre-spawn-environ": dict.fromkeys(
        ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), 1
    ),
}


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


@contextlib.contextmanager
def asked(otherwise: Each = here) -> Iterator[Each]:
    """What runs fits while the context lasts: Dask where ``EVAL_DASK`` asks for it.

    Parameters
    ----------
    otherwise : Each
        What runs them where nothing is asked for.

    Raises
    ------
    EstimationError
        The variable names no encrypted cluster, or that one cannot be used.
    """
    address = os.environ.get(VARIABLE, "")
    if not address:
        yield otherwise
        return
    found = LOCAL.fullmatch(address)
    if found is None and not ADDRESS.fullmatch(address):
        name = "dask-unencrypted" if address.startswith("tcp:") else "dask-address"
        raise _refused(name, address=address)
    dask, distributed = _libraries()
    with dask.config.set(_QUIET):
        number = int(found[1]) if found and found[1] else None
        opened = _local(distributed, number) if found else _remote(distributed, address)
        with opened as client:
            yield functools.partial(on_dask, client)


@contextlib.contextmanager
def _local(distributed: Any, workers: int | None) -> Iterator[Any]:
    """Client of a cluster of this machine: new keys, its own address only, no files.

    It has as many processes of one thread as there are processors, where no number is given.
    """
    with (
        tempfile.TemporaryDirectory(prefix="evaluation-") as folder,
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            protocol="tls",
            security=distributed.Security.temporary(),
            # a library of Dask's that cannot be left out listens here, and has nothing to tell
            dashboard_address="127.0.0.1:0",
            scheduler_kwargs={"dashboard": False},
            # without a limit nothing is moved to disk
            memory_limit=None,
            # it would print tracebacks of what it mends by itself
            silence_logs=logging.CRITICAL,
            local_directory=folder,
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        yield client


@contextlib.contextmanager
def _remote(distributed: Any, address: str) -> Iterator[Any]:
    """Client of a scheduler, with the certificates that Dask's own settings name."""
    security = distributed.Security(require_encryption=True)
    try:
        there = security.get_connection_args("client")["ssl_context"] is not None
    except OSError:
        there = False
    if not there:
        raise _refused("dask-certificates")
    with contextlib.ExitStack() as opened:
        try:
            client = distributed.Client(address, security=security, set_as_default=False)
            opened.enter_context(client)
            client.wait_for_workers(1, timeout=WAIT)
        except OSError:
            raise _refused("dask-unreachable", address=address) from None
        yield client


@dataclass(frozen=True, slots=True)
class _Held:
    """Something that Dask hands on as it is, without looking for results of its own inside."""

    value: Any


def on_dask(
    client: Any,
    function: Callable[[Shared, Part], Found],
    parts: Iterable[Part],
    shared: Shared,
    /,
) -> Iterator[Found]:
    """In the processes of a cluster: what fits share is sent once to each, and kept there.

    Results are fetched as they come, so that a process that ends takes one part with it, which is
    run again elsewhere; errors are raised in the parts' order, as in this process.

    Parameters
    ----------
    client : distributed.Client
    function : callable
    parts : iterable
    shared : object

    Raises
    ------
    EstimationError
        A process has another version of the program, one part ended several processes, or the
        cluster is gone.
    """
    _, distributed = _libraries()
    whole = client.submit(_same, _Held(shared), pure=False)
    submit = functools.partial(client.submit, _fit, whole, program(), function, pure=False)
    coming = distributed.as_completed(loop=client.loop, with_results=True, raise_errors=False)
    upcoming, due = enumerate(parts), 0
    under_way: dict[Any, int] = {}
    done: dict[int, Any] = {}
    try:
        while True:
            threads: dict[str, int] = client.nthreads()
            room = AHEAD * sum(threads.values()) - len(under_way)
            for k, part in itertools.islice(upcoming, max(1 - len(under_way), room, 0)):
                future = submit(_Held(part))
                under_way[future] = k
                coming.add(future)
            if not under_way:
                return
            future, result = next(coming)
            done[under_way.pop(future)] = result
            while due in done:
                yield _found(distributed, done.pop(due))
                due += 1
    except OSError:
        raise _refused("dask-gone") from None
    finally:
        with contextlib.suppress(OSError):
            client.cancel([whole, *under_way])


def _same(held: _Held) -> _Held:
    return held


def _fit(
    whole: _Held, asked_by: str, function: Callable[[Any, Any], Any], part: _Held
) -> _Held | EvaluationError:
    """One fit in a process of the cluster; a refusal is a result, which Dask does not log."""
    if asked_by != program():
        return _refused("dask-program")
    try:
        return _Held(function(whole.value, part.value))
    except EvaluationError as error:
        return error


def _found(distributed: Any, result: Any) -> Any:
    """What a fit found; the error that it was refused with, or that Dask ended it with."""
    if isinstance(result, _Held):
        return result.value
    error = result[1] if isinstance(result, tuple) else result
    if isinstance(error, distributed.KilledWorker):
        raise _refused("dask-killed") from None
    if isinstance(error, CancelledError):
        raise _refused("dask-gone") from None
    raise error


@functools.cache
def program() -> str:
    """Sum over the package's code and the versions of what computes: another one, other digits."""
    code = hashlib.sha256()
    for path in sorted(Path(evaluation.__path__[0]).rglob("*.py")):
        code.update(path.read_bytes())
    for name in NUMERIC:
        code.update(f"{name} {importlib.metadata.version(name)}\n".encode())
    return code.hexdigest()


def _libraries() -> tuple[Any, Any]:
    """Dask and its part for many processes; it makes keys with a third library."""
    try:
        importlib.import_module("cryptography")
        return importlib.import_module("dask"), importlib.import_module("distributed")
    except ImportError:
        raise _refused("dask-not-there") from None


def _refused(name: str, **holes: str) -> EstimationError:
    return EstimationError(
        message(f"{name}.problem", **holes), where=VARIABLE, fix=message(f"{name}.fix")
    )
