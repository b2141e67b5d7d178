"""Shared reference data, the tiny study, the demonstration, and small weighted samples."""

import importlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import numpy as np
import pytest
from numpy.typing import NDArray

from evaluation.__main__ import main
from tests.fixtures import demonstration, once, wheel
from tests.fixtures.tiny import Tiny

# A red property test must be red again on the next run, on every machine.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Simulations and whole studies first: the last file of a run has a processor to itself."""
    items.sort(key=lambda item: item.path.parent.name != "truth")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests report beside passing: workers show no output of their own."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "reported" and report.when == "call":
                terminalreporter.write_line(str(value))


SHARED = Path(__file__).resolve().parents[1].parent / "shared"


def absent(reason: str) -> NoReturn:
    """What a test needs is not on this machine: a failure where CI is true, else a skip."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


def library(name: str) -> Any:
    """A library that is no part of the core; missing is a failure where CI is true."""
    try:
        return importlib.import_module(name)
    except ImportError:
        absent(f"{name} is not installed")


def shared_data(name: str) -> Path:
    """Path of a reference file, ``folder/file``; missing is a failure where CI is true."""
    path = SHARED / "data" / name
    if not path.exists():
        absent(f"reference data {name} is not beside this repository")
    return path


@pytest.fixture(scope="session", autouse=True)
def what_tests_write_need_not_outlive_the_machine() -> Iterator[None]:
    """No waiting for the disk: who tests that it is waited for patches this again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="session")
def site_packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as pip unpacks it from its wheel; to be read only."""
    return once.folder(tmp_path_factory, "wheel", wheel.unpack)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    monkeypatch.chdir(tmp_path)
    return Tiny(tmp_path)


@pytest.fixture(scope="session")
def cleaned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default study after ``read`` and ``clean``; to be read only."""
    return once.folder(tmp_path_factory, "demonstration", read_and_cleaned)


def read_and_cleaned(root: Path) -> None:
    demonstration.write_study(root, "default")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert main(["read"]) == 0
        assert main(["clean"]) == 0


@pytest.fixture(scope="session")
def demonstration_folder(cleaned: Path) -> Path:
    """Its clean files."""
    return cleaned / "data_clean" / demonstration.STUDY


@dataclass(frozen=True)
class EngineSample:
    """A weighted regression with few, unequal clusters: X (N, q), y (N,), weights, cluster (N,)."""

    X: NDArray[np.float64]
    y: NDArray[np.float64]
    weights: NDArray[np.float64]
    cluster: NDArray[np.str_]
    columns: tuple[str, ...]

    def dummies(self) -> NDArray[np.float64]:
        """One column per cluster, shape (N, G)."""
        return (self.cluster[:, None] == np.unique(self.cluster)[None, :]).astype(float)


@pytest.fixture
def engine_sample() -> Callable[..., EngineSample]:
    """Factory of samples; ``absorb="none"`` adds a constant and a cluster-level treatment."""

    def make(seed: int, *, absorb: str, sizes: tuple[int, ...] = (9, 4, 12, 7, 1, 6, 10)):
        rng = np.random.default_rng(seed)
        names = np.array([f"c{g:02d}" for g in rng.permutation(len(sizes))])
        cluster = np.repeat(names, sizes)
        n = len(cluster)
        treated = np.isin(cluster, names[::2]).astype(float)
        endline = (np.arange(n) % 2).astype(float)
        x = rng.normal(size=n) + treated
        weights = np.exp(rng.normal(scale=0.7, size=n))
        # One cluster of equal weights: the span that CR2 works in is then half as wide.
        weights[cluster == names[2]] = 1.7
        shock = dict(zip(names, rng.normal(size=len(names)), strict=True))
        y = 3.0 + 0.4 * treated * endline + 0.5 * x + np.array([shock[c] for c in cluster])
        y = y + rng.normal(size=n) * (1.0 + treated)
        order = rng.permutation(n)
        within, names_within = [treated * endline, endline, x], ("effect", "endline", "x")
        if absorb == "none":
            within, names_within = [*within, treated, np.ones(n)], (*names_within, "arm", "one")
        return EngineSample(
            np.column_stack(within)[order], y[order], weights[order], cluster[order], names_within
        )

    return make
