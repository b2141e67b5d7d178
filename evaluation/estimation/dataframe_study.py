"""A study, a plan and a panel made from one DataFrame."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Codes, Flags
from evaluation.estimation.inference.estimate_record import Heading
from evaluation.estimation.inference.permutation_draws import Permutations, permutations
from evaluation.estimation.parameters import (
    DesignColumns,
    OutcomeColumn,
    Regression,
    SignedItem,
    StudyDesign,
    StudyGroup,
    StudyRound,
)
from evaluation.estimation.records import Estimand
from evaluation.estimation.regression.rows import check_once, missing, strata
from evaluation.estimation.row_keys import Part
from evaluation.locale.messages import Message, message

ROUNDS = ("baseline", "endline")
STUDY = "in_memory"
WHERE = "did"
# Values of a column up to which an error names them.
FEW_VALUES = 5
# Columns that are made here; a variable of the regression may not be called the same.
_MADE = ("round", "arm")
_ROUND = pd.CategoricalDtype(ROUNDS)
_ARM = pd.CategoricalDtype(("comparison", "treated"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """Names of the columns of a frame; empty where there is none.

    ``weights`` is a column or "none". ``strata_round`` has changes of its own in each value,
    ``strata`` are the values inside which randomisation inference permutes.
    """

    outcome: str
    treated: str
    post: str
    cluster: str
    weights: str
    population: str = ""
    respondent: str = ""
    covariates: tuple[str, ...] = ()
    strata_round: str = ""
    strata: str = ""

    def kept(self) -> list[str]:
        """Columns that stand in the panel under their own names."""
        names = [self.outcome, self.cluster, *self.covariates, self.population, self.respondent]
        names += [self.strata_round, self.strata, "" if self.weights == "none" else self.weights]
        return [name for name in dict.fromkeys(names) if name]


def panel(
    frame: pd.DataFrame, variables: Variables, *, outcomes: Sequence[str] = ()
) -> pd.DataFrame:
    """The frame as rounds stacked, with ``round`` and ``arm`` made from its two indicators.

    Its columns are the frame's own, not copies; the clusters' ids are made categorical, so that
    they are hashed once, and all categories occur. ``outcomes`` are kept beside the one of the
    variables.

    Parameters
    ----------
    frame : DataFrame
    variables : Variables
    outcomes : sequence of str
        Columns that are kept beside the one outcome of the variables.

    Raises
    ------
    EstimationError
        It is no frame, a column is absent, there twice or called as one that is made here, an
        indicator is not 0 and 1, the treatment differs within a cluster, or a covariate is missing
        in some row.
    """
    if not isinstance(frame, pd.DataFrame):
        raise call_error("frame-not-dataframe", "pass-pandas-dataframe", name=type(frame).__name__)
    kept = list(dict.fromkeys([*variables.kept(), *outcomes]))
    absent = [n for n in (*kept, variables.treated, variables.post) if n not in frame.columns]
    if absent:
        raise call_error("frame-no-column", "name-columns", absent=", ".join(absent))
    check_once(frame, [*kept, variables.treated, variables.post], "frame", where=WHERE)
    check_free(kept)
    columns = {name: frame[name] for name in kept}
    for name in (variables.cluster, *variables.covariates):
        _check_complete(columns[name])
    post, treated = (indicator(frame[name]) for name in (variables.post, variables.treated))
    codes, ids = pd.factorize(columns[variables.cluster])
    if isinstance(ids, pd.CategoricalIndex):
        # Its categories are all that the column knows, in their own order: not those that occur.
        ids = ids.astype(ids.categories.dtype)
    _check_treated(treated, codes, ids, variables.treated)
    made = {
        variables.cluster: pd.Categorical.from_codes(codes, categories=ids),
        "round": pd.Categorical.from_codes(post.view(np.int8), dtype=_ROUND),
        "arm": pd.Categorical.from_codes(treated.view(np.int8), dtype=_ARM),
    }
    return pd.DataFrame({name: values.array for name, values in columns.items()} | made, copy=False)


def check_free(names: Sequence[str]) -> None:
    """Refuse names of columns that are made here."""
    taken = sorted(set(names) & set(_MADE))
    if taken:
        raise call_error("variable-called", "rename-name-used", taken=repr(taken[0]))


def _check_complete(column: pd.Series) -> None:
    check_known(int(np.count_nonzero(missing(column))), str(column.name))


def check_known(without: int, name: str) -> None:
    """Refuse a column that is missing in some rows.

    Parameters
    ----------
    without : int
        How many.
    name : str
    """
    if without:
        raise call_error("rows-no", "drop-complete", without=without, name=name)


def indicator(column: pd.Series) -> Flags:
    """A column of 0 and 1, or of False and True, both of which occur.

    Raises
    ------
    EstimationError
        It holds other values, or one of them only, or is missing in some row.
    """
    _check_complete(column)
    name, found = column.name, np.zeros(len(column), dtype=bool)
    if isinstance(column.dtype, pd.CategoricalDtype):
        # of categories that are 0 and 1 there is no doubt which is which
        column = column.astype(column.dtype.categories.dtype)
    numeric = pd.api.types.is_numeric_dtype(column)
    if numeric:
        found = column.to_numpy(dtype=bool)
    if not numeric or (column.to_numpy(dtype=np.float64) != found).any():
        raise call_error("not", _to_indicate(column), name=name)
    if found.all() or not found.any():
        raise call_error("same-every-row", "give-rows-both", name=name)
    return found


def _to_indicate(column: pd.Series) -> Message:
    """What to write instead of a column that is no indicator; of many values none is named."""
    values = sorted(map(repr, column.unique().tolist()))
    if len(values) > FEW_VALUES:
        return message("give-indicator.fix")
    return message("make-indicator.fix", name=column.name, values=", ".join(values))


def _check_treated(treated: Flags, codes: Codes, ids: pd.Index, name: str) -> None:
    """Refuse a cluster that is treated in some rows only."""
    of_cluster = np.zeros(len(ids), dtype=bool)
    of_cluster[codes] = treated
    differs = np.flatnonzero(of_cluster.take(codes) != treated)
    if len(differs):
        mixed = sorted(str(i) for i in ids[np.unique(codes.take(differs))])
        raise call_error(
            "differs-within", "give-group-cluster", name=name, n=len(mixed), mixed=mixed[0]
        )


def study(variables: Variables) -> StudyDesign:
    """Two rounds with a treated and a comparison group."""
    return StudyDesign(
        id=STUDY,
        columns=DesignColumns(
            respondent=variables.respondent or "no respondent",
            cluster=variables.cluster,
            arm="arm",
            population=variables.population or None,
        ),
        round=tuple(StudyRound(id=name) for name in ROUNDS),
        arm=(
            StudyGroup(id="comparison", treatments=()),
            StudyGroup(id="treated", treatments=(variables.treated,)),
        ),
    )


def specification(variables: Variables, *, estimand: Estimand) -> Regression:
    """The one regression.

    Parameters
    ----------
    variables : Variables
    estimand : str
    """
    return Regression(
        id=WHERE,
        method="did",
        sample="all",
        treatment=variables.treated,
        contrast=ROUNDS,
        estimand=estimand,
        weights=variables.weights,
        covariates=variables.covariates,
        strata_round=variables.strata_round,
    )


def outcome(variables: Variables) -> OutcomeColumn:
    """The one outcome, in points of itself."""
    return OutcomeColumn(
        id=variables.outcome,
        family="",
        function="value",
        items=(SignedItem(name=variables.outcome),),
        unit="points",
    )


def heading(chosen: Regression, outcome: str, *, level: float) -> Heading:
    """What the records say beside their numbers; no plan and no file, so no hashes.

    Parameters
    ----------
    chosen : Regression
    outcome : str
    level : float
    """
    return Heading(
        study=STUDY,
        outcome=outcome,
        family="",
        specification=chosen.id,
        estimand=chosen.estimand,
        sample=Part(chosen.sample),
        treatment=chosen.treatment,
        status="exploratory",
        contrast_from=ROUNDS[0],
        contrast_to=ROUNDS[1],
        unit="points",
        level=level,
        plan_hash="",
        data_hash="",
        needs_sd=False,
    )


def permuted(panel: pd.DataFrame, variables: Variables, *, number: int, seed: int) -> Permutations:
    """Permutations of the clusters' groups within the values of ``strata``.

    Parameters
    ----------
    panel : DataFrame
    variables : Variables
    number, seed : int
    """
    known = panel.drop_duplicates(variables.cluster)
    ids = known[variables.cluster].astype(str)
    inside: dict[str, str] = {}
    if variables.strata:
        cluster, _ = pd.factorize(panel[variables.cluster])
        codes, labels = strata(panel[variables.strata], cluster, where=WHERE)
        inside = {name: labels[codes[row]] for row, name in ids.items()}
    return permutations(
        dict(zip(ids, known["arm"], strict=True)), strata=inside, number=number, seed=seed
    )


def call_error(problem: str, fix: str | Message, /, **parameters: object) -> EstimationError:
    """An error of the call, in the caller's own column names; see `EvaluationError.of`."""
    return EstimationError.of(problem, fix, WHERE, rule="sample", **parameters)
