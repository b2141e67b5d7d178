"""Rows that stay in Parquet files: this package on their path, sums by hand in SQL, and pandas.

Peak memory is that of the whole process.
"""
# ruff: noqa: PLC0415 -- an engine is imported only where it is measured

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from tools.bench import survey

Call = Callable[[], dict[str, float]]
PIECE = 5_000_000
# megabytes of processes that a call started: none does
PEAKS: tuple[float, ...] = ()
# Undoes the factor G/(G - 1) on a variance.
PLAIN = ((survey.CLUSTERS - 1) / survey.CLUSTERS) ** 0.5
SUMS = """
select municipality, post, any_value(treated) as treated, avg(y0) as y0
from read_parquet('*.parquet') group by all
"""


def write(folder: Path, n: int) -> None:
    """The survey in pieces, each with noise of its own."""
    for number, start in enumerate(range(0, n, PIECE)):
        table = survey.make(min(PIECE, n - start), survey.PLAIN)
        noise = np.random.default_rng([survey.SEED, number]).standard_normal(len(table))
        table.assign(y0=table["y0"] + noise).to_parquet(folder / f"{number:03d}.parquet")


def ours(folder: Path) -> Call:
    import evaluation

    def call():
        record = evaluation.did(
            folder, outcome="y0", treated="treated", post="post", cluster="municipality",
            methods=["cv1"],
        ).primary  # fmt: skip
        return {"estimate": record.estimate, "cr0": record.std_error * PLAIN}

    return call


def duckdb(folder: Path) -> Call:
    """Means by municipality and round, and nothing checked."""
    import duckdb as engine

    query = SUMS.replace("*.parquet", f"{folder}/*.parquet")
    return lambda: _of_means(engine.connect().sql(query).df())


def pandas(folder: Path) -> Call:
    """All rows in memory."""

    def call():
        table = pd.read_parquet(folder)
        return _of_means(
            table.groupby(["municipality", "post"])[["treated", "y0"]].mean().reset_index()
        )

    return call


def _of_means(cells: pd.DataFrame) -> dict[str, float]:
    """Each municipality counts once: the difference of two means of changes."""
    wide = cells.pivot_table(index="municipality", columns="post", values=["y0", "treated"])
    change = (wide["y0"][1.0] - wide["y0"][0.0]).to_numpy()
    inside = wide["treated"][0.0].to_numpy() > 0.5
    groups = [change[inside], change[~inside]]
    spread = [np.square(group - group.mean()).sum() / len(group) ** 2 for group in groups]
    estimate = float(groups[0].mean() - groups[1].mean())
    return {"estimate": estimate, "cr0": float(np.sqrt(spread[0] + spread[1]))}


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
