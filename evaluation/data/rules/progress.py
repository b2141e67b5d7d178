"""Interviews held against interviews wanted, and the panel found again, by arm and department."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.fieldwork_plan import NOT_GIVEN, FoundAgain, Progress
from evaluation.config.study import Study
from evaluation.data.cleaning.panel import MEMBER
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.clusters import row_clusters
from evaluation.data.rules.rule import DataRule, Declared, of_round
from evaluation.estimation.records import Finding

TARGET_OPEN = DataRule("target-open", "info")


Floats = NDArray[np.float64]
WEIGHT = "found_again__weight"


def progress(parsed: Parsed, declared: Declared) -> tuple[Progress, ...]:
    """Interviews of a round by cluster, by arm, by department and over all.

    Parameters
    ----------
    parsed : Parsed
        A round, whole or as far as it has come.
    declared : Declared
        The frame says which clusters there are, the study how many interviews each shall have.

    Returns
    -------
    tuple of Progress
        Clusters in the frame's order, then arms, departments, and the one row over all. An
        interview without consent, without a known cluster or under an id seen before counts
        nowhere.
    """
    study, table = declared.study, declared.frame.table
    wanted = study.targets.get(parsed.file.round or "")
    by_cluster = _held(parsed, declared)
    counts = table.assign(
        **{"\0n": [by_cluster.get(code, 0) for code in table[declared.frame.cluster]], "\0all": ""}
    )
    levels: list[tuple[Any, str]] = [
        ("cluster", declared.frame.cluster),
        ("arm", declared.frame.arm),
        *([("department", study.columns.department)] if study.columns.department else []),
        ("all", "\0all"),
    ]
    return tuple(
        Progress(
            study=study.id,
            round=parsed.file.round or "",
            level=level,
            name=str(name),
            n=int(held.sum()),
            target=NOT_GIVEN if wanted is None else wanted * len(held),
            n_clusters=len(held),
            n_clusters_begun=int((held > 0).sum()),
            n_clusters_full=NOT_GIVEN if wanted is None else int((held >= wanted).sum()),
        )
        for level, column in levels
        for name, held in counts.groupby(column, sort=True)["\0n"]
    )


def _held(parsed: Parsed, declared: Declared) -> dict[object, int]:
    """Respondents by cluster, each id once; who has none counts alone."""
    ids = parsed.columns[declared.study.columns.respondent]
    table = pd.DataFrame({"id": ids.values, "cluster": row_clusters(parsed, declared.frame)})
    again = table["id"].where(pd.Series(parsed.consented)).duplicated().to_numpy() & ids.observed
    return table[parsed.consented & ~again]["cluster"].value_counts(sort=False).to_dict()


@of_round
def open_targets(parsed: Parsed, declared: Declared) -> Iterator[Finding]:
    """Clusters that have fewer interviews than the study wants: one finding, counted."""
    wanted = declared.study.targets.get(parsed.file.round or "")
    rows = [row for row in progress(parsed, declared) if row.level == "cluster"]
    short = [wanted - row.n for row in rows if wanted is not None and row.n < wanted]
    if short:
        said = {"n": len(short), "of": len(rows), "k": f"{sum(short):,}"}
        yield TARGET_OPEN.at(parsed, declared.frame.cluster, **said)


def found_again(panel: pd.DataFrame, weights: Floats, study: Study) -> tuple[FoundAgain, ...]:
    """Baseline respondents and how many of them were interviewed in every round.

    Parameters
    ----------
    panel : DataFrame
        Clean panel with ``round``, ``panel_member``, and the study's arm and cluster; department
        where the study has one.
    weights : ndarray, one for each row of the first round
        Those of the primary specification.
    study : Study
        Names of the columns.

    Returns
    -------
    tuple of FoundAgain
        By arm in the study's order and department. Small cells are among them: the disclosure rule
        comes before a page.
    """
    columns = study.columns
    asked = [MEMBER, columns.arm, columns.cluster, columns.department]
    named = list(dict.fromkeys(name for name in asked if name))
    first = panel.loc[panel["round"] == study.rounds[0], named]
    return tuple(_again(first.assign(**{WEIGHT: weights}), study))


def _again(first: pd.DataFrame, study: Study) -> Iterator[FoundAgain]:
    arm, department = study.columns.arm, study.columns.department
    for arm_id in (a.id for a in study.arm):
        here = first[first[arm] == arm_id]
        names = here[department] if department else pd.Series("", index=here.index)
        for name, part in here.groupby(names, sort=True):
            yield FoundAgain(
                study=study.id,
                arm=arm_id,
                department=str(name),
                n=len(part),
                n_again=int(part[MEMBER].sum()),
                n_clusters=int(part[study.columns.cluster].nunique()),
                weight=float(part[WEIGHT].sum(skipna=False)),
                weight_again=float(part.loc[part[MEMBER], WEIGHT].sum(skipna=False)),
            )
