"""What a run is given: a study's clean frames, and its clusters with strata and permutations.

Made once for all outcomes, so that their permutations are aligned.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.config.plan import Plan, Specification, seed
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference import permutation_draws
from evaluation.estimation.inference.permutation_draws import Permutations
from evaluation.estimation.regression.rows import strata_of


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frames:
    """Clean data of a study.

    Attributes
    ----------
    panel : DataFrame
        Rounds stacked, one row per interview.
    frame : DataFrame
        One row per cluster.
    analysis, series : DataFrame, optional
        The ready-made analysis file, and the administrative series; absent in most studies.
    """

    panel: pd.DataFrame
    frame: pd.DataFrame
    analysis: pd.DataFrame | None = None
    series: pd.DataFrame | None = None

    def of(self, specification: Specification) -> pd.DataFrame:
        """The panel, or the analysis file, as a specification says."""
        data = self.panel if specification.data == "panel" else self.analysis
        if data is None:
            raise EstimationError.of(
                "no-clean-analysis", "add-one-to-the", f"specification {specification.id}"
            )
        return data


def arms(data: pd.DataFrame, study: Study) -> dict[str, str]:
    """Arm of each cluster; that each has one has been checked.

    Parameters
    ----------
    data : DataFrame
    study : Study
    """
    known = data[[study.columns.cluster, study.columns.arm]].dropna().drop_duplicates()
    return dict(zip(known.iloc[:, 0].astype(str), known.iloc[:, 1].astype(str), strict=True))


def permutations(frames: Frames, study: Study, plan: Plan) -> Permutations | None:
    """Permutations of the arms of all of a study's clusters, for every outcome and specification.

    Parameters
    ----------
    frames : Frames
    study : Study
    plan : Plan
        Gives strata, number and seed; the whole arm is permuted, whichever treatment is estimated.

    Returns
    -------
    Permutations or None
        None where no specification asks for step ``ri``.

    Raises
    ------
    EstimationError
        The frame of clusters lacks the strata, or their value for some cluster.
    """
    if not any("ri" in s.steps for s in plan.specification):
        return None
    known: dict[str, str] = {}
    for table in (frames.panel, frames.analysis):
        if table is not None:
            known |= arms(table, study)
    settings, clusters = plan.inference, tuple(sorted(known))
    codes = strata_of(clusters, frames.frame, settings.permutation_strata, study.columns.cluster)
    return permutation_draws.permutations(
        known,
        strata=dict(zip(clusters, map(str, codes.tolist()), strict=True)),
        number=settings.permutations,
        seed=seed(settings.seed_entry),
    )


def places(frames: Frames, study: Study) -> dict[str, Mapping[str, str]]:
    """Department and subregion of every cluster of the frame, where study.toml declares them.

    Parameters
    ----------
    frames : Frames
    study : Study

    Returns
    -------
    dict of str to mapping of str to str
        ``department``, ``subregion``: cluster id to place.

    Raises
    ------
    EstimationError
        A declared column is not in the frame, or missing for some cluster.
    """
    frame, key = frames.frame, study.columns.cluster
    declared = {"department": study.columns.department, "subregion": study.columns.subregion}
    found: dict[str, Mapping[str, str]] = {}
    for level, name in declared.items():
        if name is None:
            continue
        if name not in frame.columns or frame[name].isna().any():
            raise EstimationError.of(
                "frame-clusters-lacks",
                "complete-frame-do",
                f"study.toml, columns.{level}",
                name=name,
            )
        found[level] = dict(zip(frame[key].astype(str), frame[name].astype(str), strict=True))
    return found
