"""Design parameters of real surveys, as `evaluation/estimation/planning/design_parameters.csv`.

`python -m tools.design_parameters ../shared/data` writes the table from two public sources:
the two rounds of the trial of community policing in Medellín (Blair et al. 2021, Science 374,
eabd3446; `metaketa4_colombia`) and the AmericasBarometer (`lapop_extracts`, LAPOP Lab). Intervals
are percentiles of 1,999 bootstrap samples of clusters. Everything follows from sums by cluster.
"""

import csv
import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLE = Path("evaluation/estimation/planning/design_parameters.csv")
SAMPLES, SEED, ENDS = 1_999, 20_261_202, (2.5, 97.5)
# An autocorrelation is kept where at most this share of samples has a variance between clusters
# of zero in one of the rounds.
LOST = 0.025
PARAMETERS = ("icc", "cac", "individual_correlation")
FIELDS = (
    *("id", "source", "year"),
    *(f"{name}{end}" for name in PARAMETERS for end in ("", "_low", "_high")),
    *("clusters", "respondents"),
)
ITEMS = ("trust_police", "trust_community", "fear_violent", "victim", "verbal_abuse")
CRIMES = ["armedrob_num", "burglary_num", "simpleassault_num"]


def medellin(folder: Path) -> pd.DataFrame:
    """Both rounds: beat, arm, respondent, round and items; trust in the police on one scale."""
    arms = pd.read_csv(folder / "col_units.csv").set_index("cuadrante")["Z"]
    rounds = []
    for post, name in enumerate(("baseline", "endline")):
        table = pd.read_csv(folder / f"col_{name}_survey.csv")
        crimes = table[CRIMES]
        victim = (crimes > 0).any(axis=1).astype(float).where(crimes.notna().all(axis=1))
        rounds.append(
            pd.DataFrame(
                {
                    "cluster": table["cuadrante"],
                    "arm": table["cuadrante"].map(arms),
                    "person": table["REGISTRO_BD"],
                    "post": post,
                    # coded 1 to 4 in the first round and 0 to 3 in the second
                    "trust_police": table["satis_trust"] - (1 - post),
                    "trust_community": table["trust_community"],
                    "fear_violent": table["fear_violent"],
                    "victim": victim,
                    "verbal_abuse": table["policeabuse_verbal_any"],
                }
            )
        )
    return pd.concat(rounds, ignore_index=True)


def barometer(path: Path, country: int | None) -> pd.DataFrame:
    """Trust in the national police (b18): primary sampling unit, nested in country and wave."""
    table = pd.read_csv(path)
    table = table if country is None else table[table["pais"] == country]
    arm = table["pais"].astype(str) + " " + table["wave"].astype(str)
    cluster = arm + " " + table["strata"].astype(str) + " " + table["upm"].astype(str)
    return pd.DataFrame({"cluster": cluster, "arm": arm, "y": table["b18"], "wave": table["wave"]})


def resamples(clusters: int) -> Any:
    """How often each cluster is in the study itself (first row) and in each bootstrap sample."""
    rng = np.random.Generator(np.random.Philox(SEED))
    drawn = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=SAMPLES)
    return np.vstack([np.ones(clusters), drawn])


def components(n: Any, mean: Any, squares: Any, arm: Any, times: Any) -> tuple[Any, Any]:
    """Variance between and within clusters in each sample, by analysis of variance.

    Rows n, mean and squares around it by cluster; the mean of each arm is taken out.
    """
    rows = times @ n
    around, spread, arms = (np.zeros(len(times)) for _ in range(3))
    for one in np.unique(arm):
        own = times * (arm == one)
        total = own @ n
        with np.errstate(divide="ignore", invalid="ignore"):
            centre = np.where(total > 0, (own @ (n * mean)) / total, 0.0)
            left = np.where(total > 0, total - (own @ n**2) / total, 0.0)
        arms += own.any(axis=1)
        around += own @ (n * mean**2) - total * centre**2
        spread += left
    within = (times @ squares) / (rows - times.sum(axis=1))
    return (around - within * (times.sum(axis=1) - arms)) / spread, within


def cells(table: pd.DataFrame) -> pd.DataFrame:
    """Rows, mean and squares around it, by cluster."""
    grouped = table.groupby("cluster")
    found = grouped["y"].agg(["size", "mean", "var"]).rename(columns={"size": "n"})
    found["squares"] = found["var"].fillna(0.0) * (found["n"] - 1)
    return found.assign(arm=grouped["arm"].first())


def intraclass(table: pd.DataFrame) -> Any:
    """ICC in the study and in each sample."""
    found = cells(table)
    n, mean, squares, arm = (found[x].to_numpy() for x in ("n", "mean", "squares", "arm"))
    between, within = components(n, mean, squares, arm, resamples(len(found)))
    return between / (between + within)


def over_time(table: pd.DataFrame) -> tuple[Any, Any]:
    """Cluster autocorrelation, and correlation of respondents' deviations, of clusters in both."""
    rounds = [cells(table[table["post"] == post]) for post in (0, 1)]
    both = rounds[0].index.intersection(rounds[1].index)
    first, last = (one.loc[both] for one in rounds)
    times = resamples(len(both))
    arm = first["arm"].to_numpy()
    away = table["y"] - table.groupby(["cluster", "post"])["y"].transform("mean")
    # an id that is missing, or twice in a round, links nobody
    known = table["person"].notna() & ~table.duplicated(["cluster", "person", "post"], keep=False)
    wide = table.assign(away=away)[known].pivot_table(
        index=["cluster", "person"], columns="post", values="away", aggfunc="first"
    )
    pairs = wide.dropna().reset_index()
    pairs = pairs[pairs["cluster"].isin(both)]
    place = both.get_indexer(pairs["cluster"])

    def summed(values: Any) -> Any:
        return np.bincount(place, values, minlength=len(both))

    products, squares = summed(pairs[0] * pairs[1]), (summed(pairs[k] ** 2) for k in (0, 1))
    one, other = squares
    individual = (times @ products) / np.sqrt((times @ one) * (times @ other))
    n0, n1, n01 = first["n"].to_numpy(), last["n"].to_numpy(), summed(np.ones(len(pairs)))
    shared = n01 / (n0 * n1)
    freedom = n01 * (1 - 1 / n0 - 1 / n1 + shared)
    sigma01 = (times @ products) / (times @ freedom)
    within = [
        (times @ x["squares"].to_numpy()) / (times @ (x["n"].to_numpy() - 1)) for x in (first, last)
    ]
    parts = {"var0": 0.0, "var1": 0.0, "cov": 0.0}
    m0, m1 = first["mean"].to_numpy(), last["mean"].to_numpy()
    for here in np.unique(arm):
        own = times * (arm == here)
        number = np.maximum(own.sum(axis=1), 1.0)
        shrink = (1 - 1 / number)[:, None]
        for name, a, b, noise in (
            ("var0", m0, m0, within[0][:, None] / n0),
            ("var1", m1, m1, within[1][:, None] / n1),
            ("cov", m0, m1, sigma01[:, None] * shared),
        ):
            product = own @ (a * b) - (own @ a) * (own @ b) / number
            parts[name] = parts[name] + product - (own * noise * shrink).sum(axis=1)
    product = np.where(
        (parts["var0"] > 0) & (parts["var1"] > 0), parts["var0"] * parts["var1"], np.nan
    )
    return parts["cov"] / np.sqrt(product), individual


def cells_of(name: str, found: Any) -> dict[str, str]:
    """A parameter with its interval; nothing where it is not known in too many samples."""
    if np.isnan(found[0]) or np.mean(np.isnan(found)) > LOST:
        return {}
    low, high = np.nanpercentile(found[1:], ENDS)
    values = (("", found[0]), ("_low", low), ("_high", high))
    return {f"{name}{end}": f"{value:.3f}" for end, value in values}


def rows(data: Path) -> list[dict[str, Any]]:
    """All rows of the table."""
    made = []
    trial = medellin(data / "metaketa4_colombia")
    for item in ITEMS:
        table = trial.assign(y=trial[item]).dropna(subset=["y"])
        before = table[table["post"] == 0]
        autocorrelation, individual = over_time(table)
        # nobody had been treated before the baseline
        found = cells_of("icc", intraclass(before.assign(arm=0)))
        found |= cells_of("cac", autocorrelation)
        found |= cells_of("individual_correlation", individual)
        made.append({"id": f"medellin_{item}", "source": "metaketa4_colombia", "year": "2018"}
                    | found | sizes(before))  # fmt: skip
    folder = data / "lapop_extracts"
    colombia = barometer(folder / "lapop_colombia_2018_2023.csv", 8)
    every = barometer(folder / "lapop_ym23_23countries_2018_2023.csv", None)
    for name, year, every_row in (
        *(("colombia_trust_police", str(w), t) for w, t in colombia.groupby("wave")),
        ("americas_trust_police", "2018-2023", every),
    ):
        table = every_row.dropna(subset=["y"])
        identifier = f"{name}_{year}" if name.startswith("colombia") else name
        made.append({"id": identifier, "source": "lapop_extracts", "year": year}
                    | cells_of("icc", intraclass(table)) | sizes(table))  # fmt: skip
    return made


def sizes(table: pd.DataFrame) -> dict[str, int]:
    """Clusters and respondents behind an ICC."""
    return {"clusters": table["cluster"].nunique(), "respondents": len(table)}


def text(data: Path) -> str:
    """The table."""
    written = io.StringIO()
    writer = csv.DictWriter(written, FIELDS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(data))
    return written.getvalue()


if __name__ == "__main__":
    TABLE.write_text(text(Path(sys.argv[1])), encoding="utf-8")
    sys.stdout.write(TABLE.read_text(encoding="utf-8"))
