"""Rows of 2021 in the study of homicides, recomputed from the clean counts in dense numpy.

A second calculation: Newton's method on all dummies, months counted anew from the table of months,
distances by another formula. Estimates agree to 1e-7 (both stop at steps of 1e-9); p-values are the
same permutations counted again where each is fitted here, and within Monte Carlo error elsewhere.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evaluation.analysis.panels import power_of_tests as engine
from evaluation.config.design_records import read_simulated
from evaluation.config.plan import seed
from evaluation.estimation.inference.permutation_draws import permutations
from evaluation.estimation.records import Diagnostic, Estimate
from evaluation.storage import disk
from tests.pipeline.conftest import built_here
from tests.truth import power_of_tests
from tests.truth.test_homicides import TEN

STUDY = "homicides"
DRAWS = 9_999
pytestmark = [pytest.mark.truth, pytest.mark.built]


@dataclass(frozen=True)
class Counted:
    """Counts, people (N, T), stratum (N,) and who is one of the ten (N,)."""

    y: np.ndarray
    people: np.ndarray
    stratum: np.ndarray
    ten: np.ndarray
    codes: tuple[str, ...]
    department: np.ndarray
    place: np.ndarray

    def kept(self, rows: np.ndarray) -> "Counted":
        return Counted(
            *(getattr(self, n)[rows] for n in ("y", "people", "stratum", "ten")),
            tuple(np.array(self.codes)[rows]),
            self.department[rows],
            self.place[rows],
        )


@pytest.fixture(scope="module")
def folder() -> Path:
    return built_here(STUDY, "estimate")


def of_years(folder: Path, years: range, months: tuple[int, int] | None = None) -> Counted:
    """PDET municipalities of the ten's subregions in the seven departments."""
    clean = folder / "data_clean" / STUDY
    frame = disk.read_frame(clean / "frame.parquet").set_index("municipality")
    known = disk.read_frame(folder / "build" / STUDY / "private" / "assignment.parquet")
    among = set(known.loc[known["status"] != "never", "municipality"])
    own = frame[frame.index.isin(among)]
    own = own[own["subregion"].isin(own.loc[[*TEN], "subregion"])].sort_index()
    table = disk.read_frame(clean / "panel.parquet")
    table = table[table["municipality"].isin(own.index) & table["year"].isin(years)]
    wide = table.pivot_table("homicides", "municipality", "year", aggfunc="sum")
    if months is not None:
        monthly = disk.read_frame(clean / "months.parquet")
        month, year = monthly["month"].dt.month, monthly["month"].dt.year
        part = monthly[month.between(*months) & year.isin(years)]
        sums = part.assign(year=year).pivot_table(
            index="municipality", columns="year", values="homicides", aggfunc="sum"
        )
        wide = sums.reindex(index=own.index, columns=[*years]).fillna(0.0)
    people = table.pivot_table("population", "municipality", "year", aggfunc="sum")
    return Counted(
        y=wide.loc[own.index].to_numpy(float),
        people=people.loc[own.index].to_numpy(float),
        stratum=pd.factorize(own["subregion"], sort=True)[0],
        ten=own.index.isin(TEN),
        codes=tuple(own.index),
        department=own["department"].to_numpy(str),
        place=own[["lat", "lon"]].to_numpy(float),
    )


def newton(X: np.ndarray, y: np.ndarray, people: np.ndarray, start: np.ndarray) -> np.ndarray:
    beta = start.astype(float)
    for _ in range(80):
        mu = people * np.exp(X @ beta)
        step = np.linalg.lstsq((X * mu[:, None]).T @ X, X.T @ (y - mu), rcond=None)[0]
        beta = beta + np.clip(step, -2.0, 2.0)
        if np.abs(step).max() < 1e-11:
            break
    return beta


def ratios(made: Counted, groups: list[np.ndarray], after: int = 1) -> np.ndarray:
    """Log ratios of groups in the last years, effects of units and strata's years as dummies."""
    keep = made.y.sum(axis=1) > 0
    made, groups = made.kept(keep), [g[keep] for g in groups]
    n, t = made.y.shape
    late = np.arange(t) >= t - after
    D = [(g[:, None] & late).astype(float).ravel() for g in groups]
    cell = made.stratum.repeat(t) * t + np.tile(np.arange(t), n)
    periods = [(cell == c).astype(float) for c in np.unique(cell) if c % t]
    X = np.column_stack([*D, np.repeat(np.eye(n), t, axis=0), *periods])
    start = np.zeros(X.shape[1])
    start[len(D) : len(D) + n] = np.log(made.y.sum(axis=1) / made.people.sum(axis=1))
    return newton(X, made.y.ravel(), made.people.ravel(), start)[: len(D)]


def estimate(folder: Path, name: str, step: str = "ri_coefficient") -> Estimate:
    rows = disk.read_records(folder / "build" / STUDY / "estimates.csv", Estimate)
    (found,) = (e for e in rows if (e.specification, e.step) == (name, step))
    return found


def quantities(folder: Path, name: str) -> dict[str, float]:
    rows = disk.read_records(folder / "build" / STUDY / "diagnostics.csv", Diagnostic)
    return {d.sample.text(): d.value for d in rows if d.name == name}


@pytest.mark.parametrize(
    ("name", "months", "cauca"),
    [
        ("first_half_2021", (1, 6), True),
        ("second_half_2021", (7, 12), True),
        ("first_half_without_cauca_2021", (1, 6), False),
        ("second_half_without_cauca_2021", (7, 12), False),
    ],
)
def test_half_years(folder, name, months, *, cauca):
    made = of_years(folder, range(2012, 2022), months)
    kept = made if cauca else made.kept(made.department != "CAUCA")
    found = estimate(folder, name)
    assert found.estimate == pytest.approx(ratios(kept, [kept.ten])[0], abs=1e-7)
    assert found.n_clusters_treated + found.n_clusters_comparison == len(kept.codes)


def test_half_years_together_are_the_year(folder):
    halves = [of_years(folder, range(2012, 2022), m).y for m in ((1, 6), (7, 12))]
    assert (halves[0] + halves[1] == of_years(folder, range(2012, 2022)).y).all()


def test_without_cauca_is_without_its_only_treated_municipality(folder):
    """What methods and certainty pages say: the others of Cauca are compared with it alone."""
    made = of_years(folder, range(2012, 2022))
    kept = made.kept(made.department != "CAUCA")
    found = estimate(folder, "without_santander_2021").estimate
    assert ratios(kept, [kept.ten])[0] == pytest.approx(found, abs=1e-7)


def test_the_last_three_years_before_as_base(folder):
    made = of_years(folder, range(2018, 2022))
    found = estimate(folder, "base_2018_2021").estimate
    assert found == pytest.approx(ratios(made, [made.ten])[0], abs=1e-7)


def given(made: Counted, added: float = 0.5) -> tuple[float, float]:
    """Log ratio and persistence with the log rate of 2018-20 as a covariate."""
    rate = np.log((made.y[:, :3].sum(axis=1) + added) / made.people[:, :3].sum(axis=1))
    X = np.column_stack([made.ten, rate, *(made.stratum == s for s in np.unique(made.stratum))])
    start = np.zeros(X.shape[1])
    start[2:] = math.log(made.y[:, 3].sum() / made.people[:, 3].sum()) - rate.mean()
    start[1] = 1.0
    beta = newton(X.astype(float), made.y[:, 3], made.people[:, 3], start)
    return float(beta[0]), float(beta[1])


def test_the_rate_before_as_a_covariate(folder):
    made = of_years(folder, range(2018, 2022))
    ratio, persistence = given(made)
    assert estimate(folder, "given_2018_2021").estimate == pytest.approx(ratio, abs=1e-7)
    assert quantities(folder, "persistence")["all"] == pytest.approx(persistence, abs=1e-7)
    # half a homicide is no finding: one, or a tenth, moves the ratio by less than two percent
    assert all(abs(given(made, added)[0] - ratio) < 0.02 for added in (0.1, 1.0))


def test_neighbours(folder):
    made = of_years(folder, range(2012, 2022))
    # on the sphere by the angle between two points instead of haversines
    lat, lon = np.radians(made.place).T
    point = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    km = 6371.0 * np.arccos(np.clip(point @ point.T, -1.0, 1.0))
    near = (km[:, made.ten].min(axis=1) <= 40.0) & ~made.ten
    treated, ring = ratios(made, [made.ten, near])
    far, neighbours = (estimate(folder, name) for name in ("far_2021", "neighbours_2021"))
    assert far.estimate == pytest.approx(treated, abs=1e-7)
    assert neighbours.estimate == pytest.approx(ring, abs=1e-7)
    assert (neighbours.n_clusters_treated, far.n_clusters_treated) == (near.sum(), 10)
    assert far.n_clusters_comparison == len(near) - near.sum() - 10


def permuted(made: Counted, number: int, of: int = DRAWS) -> np.ndarray:
    """The first permutations of the plan, who is treated under each, (number, N)."""
    arms = {c: ("t" if t else "c") for c, t in zip(made.codes, made.ten, strict=True)}
    strata = {c: str(s) for c, s in zip(made.codes, made.stratum.tolist(), strict=True)}
    drawn = permutations(arms, strata=strata, number=of, seed=seed(STUDY)).among(made.codes)
    of_ten, every = drawn.observed[np.flatnonzero(made.ten)[0]], drawn.codes.T
    return (every == of_ten)[:number]


def test_the_p_value_of_the_headline_counted_again(folder):
    """All 9,999 by profiles of single strata, of which 60 are fitted here with all dummies."""
    made = of_years(folder, range(2012, 2022))
    found = estimate(folder, "ratio_2021")
    own = ratios(made, [made.ten])[0]
    assert found.estimate == pytest.approx(own, abs=1e-7)
    drawn = np.array([ratios(made, [treated])[0] for treated in permuted(made, 60)])
    spread = found.std_error
    # a standard deviation of 60 draws has an error of 9 %; three of these
    assert abs(drawn.std() - spread) < 0.28 * spread
    share = np.mean(np.abs(drawn) >= abs(own))
    assert abs(share - found.p_value) <= 3.0 * math.sqrt(found.p_value * 0.86 / 60)
    assert found.mc_error == pytest.approx(
        math.sqrt(found.p_value * (1.0 - found.p_value) / DRAWS), rel=1e-9
    )
    assert round(found.p_value * (DRAWS + 1), 6) == round(found.p_value * (DRAWS + 1))


def test_each_of_the_ten_left_out(folder):
    made = of_years(folder, range(2012, 2022))
    found = quantities(folder, "without_ratio")
    assert set(found) == set(TEN)
    for code, value in found.items():
        kept = made.kept(np.array(made.codes) != code)
        assert value == pytest.approx(ratios(kept, [kept.ten])[0], abs=1e-7)
    p = quantities(folder, "without_p_studentised")
    assert {code for code, value in p.items() if value >= 0.05} == {"52835"}


def test_the_simulated_power_is_of_this_program_and_these_data(folder):
    """Checksums, and one cell run again: the first block of a fall of a fifth, to the number."""
    made, data = power_of_tests.panel(folder)
    stored = read_simulated(folder / "config" / STUDY)
    assert stored is not None
    assert stored.code == power_of_tests.code(), "python -m tests.truth.power_of_tests"
    assert stored.data == data
    assert (stored.permutations, stored.block) == (engine.PERMUTATIONS, engine.BLOCK)
    (cell,) = (one for one in stored.falls if one.fall == 0.2)
    assert engine.rejections(made, 0.2, 0) == (cell.coefficient[0], cell.studentised[0])


@pytest.mark.long
def test_the_simulated_power_again(folder):
    """All cells; some minutes, every night."""
    made, _ = power_of_tests.panel(folder)
    stored = read_simulated(folder / "config" / STUDY)
    assert stored is not None
    for one in stored.falls:
        found = [engine.rejections(made, one.fall, b) for b in range(len(one.coefficient))]
        assert found == [*zip(one.coefficient, one.studentised, strict=True)]


def test_simulated_size_and_power_agree_with_what_is_known(folder):
    """Both tests are exact: 5 % where nothing changed, within three errors of 500 data sets.

    Power of the coefficient by the normal formula on the permuted standard deviation: within three
    errors and two points, since 199 permutations and binomial noise are in the simulation only.
    """
    stored = read_simulated(folder / "config" / STUDY)
    assert stored is not None
    for one in stored.falls:
        n = stored.block * len(one.coefficient)
        shares = [sum(x) / n for x in (one.coefficient, one.studentised)]
        if not one.fall:
            assert all(abs(s - 0.05) <= 3.0 * math.sqrt(0.05 * 0.95 / n) for s in shares)
            continue
        if one.fall > 0.3:
            continue  # a large fall takes its own noise with it
        (formula,) = quantities(folder, f"power_{100 * one.fall:g}").values()
        error = math.sqrt(shares[0] * (1.0 - shares[0]) / n)
        assert abs(shares[0] - formula / 100.0) <= 3.0 * error + 0.02
        assert shares[0] > shares[1]
