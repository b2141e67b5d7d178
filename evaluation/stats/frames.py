"""The clean data of a study, as the stages hand them to the estimators."""

from dataclasses import dataclass

import pandas as pd


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
