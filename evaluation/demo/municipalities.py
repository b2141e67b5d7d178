"""The demonstration's municipalities: pseudo-codes on an invented map, never real places.

Treated municipalities are chosen within pairs of similar rurality, the one with more violence
more often: the arms differ at baseline, as they would in a programme that goes where it is
needed. Codes are shuffled, so a code says nothing of arm or department.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.study.study import SYNTHETIC

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Department, subregion, municipalities (half of them treated), first cohort, centre of the map.
# Subregions cross departments as those of the PDET do, neighbouring ones joined: all but S6.
PLACES = (
    ("Antioquia", "S1", 8, 2, (60.0, 420.0)),
    ("Bolívar", "S1", 4, 0, (110.0, 520.0)),
    ("Bolívar", "S2", 6, 3, (95.0, 640.0)),
    ("Sucre", "S2", 8, 0, (60.0, 600.0)),
    ("Córdoba", "S3", 6, 2, (-30.0, 520.0)),
    ("Antioquia", "S3", 4, 0, (-60.0, 440.0)),
    ("Cauca", "S4", 8, 1, (-80.0, 60.0)),
    ("Nariño", "S4", 4, 0, (-130.0, -30.0)),
    ("Nariño", "S5", 8, 1, (-210.0, -90.0)),
    ("Cauca", "S5", 4, 0, (-170.0, 50.0)),
    ("Norte de Santander", "S6", 10, 1, (330.0, 520.0)),
)
FRAME_SEED = 20201001
SPREAD_KM = 32.0
NEAREST = 3
COLUMNS = (
    "municipality",
    "aliases",
    "department",
    "subregion",
    "arm",
    "cohort",
    "stratum",
    "population",
    "x_km",
    "y_km",
    "neighbours",
    "homicide_rate_2019",
    "displaced_2019",
    "coca_2019",
    "rurality_2018",
    "poverty_2018",
    "ethnic_share_2018",
    "synthetic",
)


def draw_frame(*, seed: int) -> pd.DataFrame:
    """Draw the 70 municipalities.

    Parameters
    ----------
    seed : int
        Of the generator; the committed frame has the seed of :data:`FRAME_SEED`.

    Returns
    -------
    DataFrame, 70 rows
        Text, in the columns and order of ``municipalities.csv``.
    """
    generator = np.random.default_rng(seed)
    parts = [_part(generator, *place) for place in PLACES]
    frame = pd.concat(parts, ignore_index=True)
    codes = [f"M{number:02d}" for number in generator.permutation(len(frame)) + 1]
    frame["municipality"] = codes
    frame["aliases"] = ["|".join(_aliases(code, frame, codes)) for code in codes]
    frame["neighbours"] = _neighbours(frame)
    frame["synthetic"] = SYNTHETIC
    for name in ("x_km", "y_km"):
        frame[name] = frame[name].map("{:.1f}".format)
    return frame[list(COLUMNS)].sort_values("municipality", ignore_index=True).astype(str)


def to_csv(frame: pd.DataFrame) -> bytes:
    """The frame as the committed file: UTF-8, comma, LF."""
    return frame.to_csv(index=False, lineterminator="\n").encode("utf-8")


def _part(
    generator: np.random.Generator,
    department: str,
    subregion: str,
    size: int,
    first: int,
    centre: tuple[float, float],
) -> pd.DataFrame:
    violence = generator.standard_normal(size)
    rurality = np.sort(np.clip(generator.normal(0.60, 0.17, size), 0.18, 0.93))
    treated = _treated(generator, violence)
    places = pd.DataFrame(
        {
            "department": department,
            "subregion": subregion,
            "arm": np.where(treated, "treated", "comparison"),
            "cohort": _cohorts(generator, treated, first),
            "stratum": [subregion + ("R" if i // 2 >= size // 4 else "U") for i in range(size)],
            "x_km": centre[0] + SPREAD_KM * generator.standard_normal(size),
            "y_km": centre[1] + SPREAD_KM * generator.standard_normal(size),
        }
    )
    return pd.concat([places, _covariates(generator, violence, rurality, department)], axis=1)


def _treated(generator: np.random.Generator, violence: Floats) -> NDArray[np.bool_]:
    """One of each pair of neighbours in rurality, more often the one with more violence."""
    need = 0.25 * violence + generator.standard_normal(len(violence))
    treated = np.zeros(len(violence), dtype=bool)
    for start in range(0, len(violence), 2):
        treated[start + int(need[start + 1] > need[start])] = True
    return treated


def _cohorts(
    generator: np.random.Generator, treated: NDArray[np.bool_], first: int
) -> NDArray[np.str_]:
    cohorts = np.where(treated, "c2022", "")
    chosen = generator.choice(np.flatnonzero(treated), size=first, replace=False)
    cohorts[chosen] = "c2021"
    return cohorts


def _covariates(
    generator: np.random.Generator, violence: Floats, rurality: Floats, department: str
) -> pd.DataFrame:
    size = len(violence)
    noise = generator.standard_normal((5, size))
    coastal = 0.35 if department in ("Nariño", "Cauca") else 0.0
    population = np.exp(10.4 - 1.6 * (rurality - 0.6) + 0.75 * noise[0])
    coca = np.exp(4.6 + 1.0 * violence + 1.2 * noise[1]) * (generator.random(size) < 0.75)
    return pd.DataFrame(
        {
            "population": np.clip(population, 3500, 210000).round(-1).astype(int),
            "homicide_rate_2019": np.exp(3.7 + 0.45 * violence + 0.2 * noise[2]).round(1),
            "displaced_2019": np.exp(2.0 + 0.7 * violence + 0.4 * noise[3]).round(1),
            "coca_2019": np.clip(coca, 0, 9000).round(0).astype(int),
            "rurality_2018": (100 * rurality).round(1),
            "poverty_2018": np.clip(28 + 45 * rurality + 5 * noise[4], 15, 90).round(1),
            "ethnic_share_2018": (
                100 * np.clip(generator.beta(1.2, 2.8, size) + coastal, 0.01, 0.97)
            ).round(1),
        }
    )


def _aliases(code: str, frame: pd.DataFrame, codes: list[str]) -> list[str]:
    number = int(code[1:])
    written = [f"m{number:02d}", f"M {number:02d}", f"M-{number:02d}", f"Municipio {number:02d}"]
    if code == split_code(frame, codes):
        # its settlements were entered under two names after a change of boundary
        written += [f"{code} Cabecera", f"{code} Corregimientos"]
    return written


def split_code(frame: pd.DataFrame, codes: list[str]) -> str:
    """The treated municipality that the exports name by its two parts: the first by code."""
    return min(c for c, arm in zip(codes, frame["arm"], strict=True) if arm == "treated")


def _neighbours(frame: pd.DataFrame) -> list[str]:
    """The nearest three of each municipality, made symmetric."""
    points = frame[["x_km", "y_km"]].to_numpy(dtype=float)
    distance = np.hypot(*(points[:, None, :] - points[None, :, :]).transpose(2, 0, 1))
    np.fill_diagonal(distance, np.inf)
    near = np.zeros(distance.shape, dtype=bool)
    nearest = np.argsort(distance, axis=1)[:, :NEAREST]
    np.put_along_axis(near, nearest, values=True, axis=1)
    near |= near.T
    codes = frame["municipality"].to_numpy()
    return ["|".join(sorted(codes[row])) for row in near]
