"""What every check is given: its outcome, the outcome's items, and the records all make alike.

A check looks at one primary outcome under one doubt. Where its estimator is a weighted least
squares regression with known weights, `linear` gives the estimate with the interval of the
primary step. How far an estimate lies from the primary one: see `difference_from_primary`.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Self

import pandas as pd

from evaluation.analysis import checks
from evaluation.analysis.study_clusters import Frames
from evaluation.config.check_kinds import KINDS
from evaluation.config.plan import Check, Item, Outcome, Plan, Specification
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference import estimate_record, steps
from evaluation.estimation.inference.bootstrap import Draws
from evaluation.estimation.inference.estimate_record import Heading, RowFacts, record
from evaluation.estimation.inference.steps import Analysis
from evaluation.estimation.records import (
    Bound,
    CovariateBalance,
    Diagnostic,
    Difference,
    Estimate,
    Level,
    Provenance,
    Status,
    Step,
    Unavailable,
)
from evaluation.estimation.regression import design
from evaluation.estimation.regression.design import Design
from evaluation.estimation.regression.sample import Sample, select
from evaluation.estimation.row_keys import WHOLE, RowKey
from evaluation.locale.messages import Message, message
from evaluation.registry import Registry

Row = Estimate | Unavailable | Difference | Diagnostic | Bound | CovariateBalance | Level

# What computes each kind of check: a function of its name, marked ``@computes``.
computes: Registry[Callable[["CheckContext"], Iterable[Row]]] = Registry(KINDS, checks)

# Steps of a linear row: the primary interval, and a standard error for those who pool studies.
STEPS: tuple[Step, ...] = ("wcr_s", "cv3")


@dataclass(frozen=True, slots=True)
class JackknifedEstimate:
    """An estimate, and the same estimator without each cluster, by cluster id."""

    estimate: float
    without: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckContext:
    """One outcome under one check.

    Attributes
    ----------
    specification : Specification
        The plan's primary one, which the check varies.
    status : str
        How the rows may be called.
    draws : Draws
        Bootstrap multipliers over all clusters of the study, the same as the primary estimates'.
    primary : JackknifedEstimate or Unavailable, optional
        The primary estimate with and without each cluster, made once for all checks of an outcome;
        where it is not given, `difference_from_primary.primary_of` makes it.
    interval : tuple of float, optional
        The interval that the primary estimate is published with, simultaneous over the primary
        outcomes, in the outcome's unit; None where it has its own alone.
    """

    check: Check
    outcome: Outcome
    specification: Specification
    frames: Frames
    study: Study
    plan: Plan
    provenance: Provenance
    status: Status
    draws: Draws
    primary: JackknifedEstimate | Unavailable | None = None
    interval: tuple[float, float] | None = None

    @property
    def first(self) -> bool:
        """Whether this is the check's first outcome: what depends on no outcome is made once."""
        return self.outcome.id == self.plan.outcomes_of_check(self.check)[0].id

    def heading(self, sample: RowKey = WHOLE) -> Heading:
        """Heading of a row; ``sample`` tells rows of one check apart."""
        return dataclasses.replace(
            Heading.of(
                self.specification,
                self.outcome,
                study=self.study,
                level=self.plan.inference.level,
                provenance=self.provenance,
                status=self.status,
            ),
            specification=self.check.id,
            sample=sample,
        )

    def primary_design(self) -> Design:
        """The primary specification's regression for this outcome."""
        return self.design(self.frames.panel)

    def design(self, panel: pd.DataFrame, **changes: object) -> Design:
        """Regression of the primary specification on some rows, with some of its keys changed.

        Parameters
        ----------
        panel : DataFrame
            Rows of the clean panel.
        changes
            Keys of the specification and their values, such as ``covariates=("age",)``.

        Raises
        ------
        EstimationError
            See `design.build`.
        """
        # the fields' types differ, so that those of `changes` cannot be said
        varied = dataclasses.replace(self.specification, **changes)  # type: ignore[arg-type]
        return design.build(panel, varied, outcome=self.outcome, study=self.study)

    def linear(
        self, built: Design, *, sample: RowKey = WHOLE, wanted: tuple[Step, ...] = STEPS
    ) -> tuple[Estimate | Unavailable, ...]:
        """Records of a weighted least squares row, by the primary step and the jackknife.

        Parameters
        ----------
        built : Design
            With weights that were not estimated from the data.
        sample : str
            Tells rows of one check apart.
        wanted : tuple of step names

        Returns
        -------
        tuple of Estimate and Unavailable
            Where the comparison group had one value at baseline the effect stands in the outcome's
            unit, and its size in standard deviations is NaN.
        """
        return self.of_analysis(self.analysed(built, wanted), built, sample=sample)

    def analysed(self, built: Design, wanted: tuple[Step, ...] = STEPS) -> Analysis:
        """A weighted least squares regression by some steps; one without a scale gets SD 1.

        Parameters
        ----------
        built : Design
        wanted : tuple of step names
        """
        scaled = built if self._varies(built) else dataclasses.replace(built, baseline_sd=1.0)
        return steps.analyse(scaled, wanted, draws=self.draws)

    def of_analysis(
        self, analysis: Analysis, built: Design, *, sample: RowKey
    ) -> tuple[Estimate | Unavailable, ...]:
        """Records of `analysed`; see `linear`.

        Parameters
        ----------
        analysis : Analysis
        built : Design
            What it was made of.
        sample : RowKey
        """
        found = steps.records(analysis, self.heading(sample))
        return found if self._varies(built) else tuple(map(_unscaled, found))

    def _varies(self, built: Design) -> bool:
        return self.outcome.unit == "SD" or built.baseline_sd > 0.0

    def diagnostic(
        self, name: str, value: float, *, unit: str, sample: RowKey = WHOLE
    ) -> Diagnostic:
        """A named quantity beside a check's rows.

        Parameters
        ----------
        name : str
        value : float
            In ``unit``.
        unit : str
        sample : RowKey
        """
        return estimate_record.diagnostic(self.heading(sample), name, value, unit)

    def diagnostics(
        self, values: Mapping[str, float], *, unit: str, sample: RowKey = WHOLE
    ) -> tuple[Diagnostic, ...]:
        """Quantities of one unit by name.

        Parameters
        ----------
        values : mapping of str to float
        unit : str
        sample : RowKey
        """
        return tuple(self.diagnostic(k, v, unit=unit, sample=sample) for k, v in values.items())

    def unavailable(
        self, reason: Message, step: str = "all", *, sample: RowKey = WHOLE
    ) -> Unavailable:
        """A step or quantity of a check that is unavailable, or all of it, and why.

        Parameters
        ----------
        reason : Message
        step : str
            The step or quantity; "all" of a whole row.
        sample : RowKey
        """
        return estimate_record.unavailable(self.heading(sample), step, reason)

    def bound(
        self,
        ends: tuple[float, float],
        *,
        interval: tuple[float, float] | None,
        sizes: RowFacts,
        sample: RowKey,
        kind: Message | None = None,
    ) -> Bound:
        """A range of effects; ``interval`` is None where it has no confidence interval.

        Parameters
        ----------
        ends : (float, float)
            In the outcome's unit.
        interval : (float, float) or None
        sizes : RowFacts
        sample : RowKey
        kind : Message, optional
            What kind of interval it is.
        """
        around = ends if interval is None else interval
        return record(
            Bound,
            self.heading(sample),
            sizes,
            low=ends[0],
            high=ends[1],
            ci_low=around[0],
            ci_high=around[1],
            ci_kind=kind if kind and interval else message("interval.none"),
        )

    def attempt(
        self, rows: Callable[[], Iterable[Row]], step: str = "all", *, sample: RowKey = WHOLE
    ) -> tuple[Row, ...]:
        """Rows of one sample, or why they are unavailable: the check's other rows stay.

        Parameters
        ----------
        rows : callable
            Makes them.
        step : str
            What is unavailable then.
        sample : RowKey
        """
        try:
            return tuple(rows())
        except EstimationError as error:
            return (self.unavailable(error.problem, step, sample=sample),)

    def mistake(
        self, problem: str, fix: str, /, *, rule: str = "sample", **parameters: object
    ) -> EstimationError:
        """The error of what a check asks for; the run adds its id. See `EvaluationError.of`.

        Parameters
        ----------
        problem, fix : str
            Ids of two entries of the catalogue.
        rule : str
        parameters
            A value for each of their holes.
        """
        names = ", ".join(self.check.variables)
        where = f"variable {names}" if names else "plan.toml"
        return EstimationError.of(problem, fix, where, rule=rule, **parameters)

    def select(
        self, panel: pd.DataFrame, value: str, *, at: int, covariates: tuple[str, ...] = ()
    ) -> Sample:
        """Rows of one round, weighted as the primary estimate's, all people of the panel.

        Parameters
        ----------
        panel : DataFrame
        value : str
            Column of the outcome.
        at : {0, 1}
            The first or the last of the two rounds.
        covariates : tuple of str
            Columns that stay in the sample's frame; rows without one are left out.
        """
        plain = dataclasses.replace(
            self.specification, sample="all", covariates=covariates, effects=()
        )
        end = self.specification.contrast[at]
        rows = panel[(panel["round"] == end).to_numpy()]
        return select(rows, plain, value=value, rounds=(end,), study=self.study)

    def observed_questions(self) -> tuple[Item, ...]:
        """The questions behind a check's outcome, all of them in the panel.

        Raises
        ------
        EstimationError
            The panel lacks one.
        """
        found = questions(self.outcome, self.plan)
        absent = sorted({item.name for item in found} - set(self.frames.panel.columns))
        if absent:
            raise self.mistake("interviewer-column", "correct-outcome", column=", ".join(absent))
        return found

    def in_unit(self, unit: str) -> Self:
        """The same, its records in another unit."""
        # a unit of records, not one of the plan's, which the field's type lists
        outcome = dataclasses.replace(self.outcome, unit=unit)  # type: ignore[arg-type]
        return dataclasses.replace(self, outcome=outcome)

    def regression(self, panel: pd.DataFrame, column: str, **changes: object) -> Design:
        """The primary regression with another column as its outcome; otherwise as `design`.

        Parameters
        ----------
        panel : DataFrame
        column : str
        changes
            Keys of the specification and their values.

        Raises
        ------
        EstimationError
            See `design.build`.
        """
        outcome = dataclasses.replace(self.outcome, id=column)
        return dataclasses.replace(self, outcome=outcome).design(panel, **changes)

    def require(self, column: str) -> None:
        """Stop where an alternative outcome of the check was not made.

        Raises
        ------
        EstimationError
            The panel lacks the column.
        """
        if column not in self.frames.panel.columns:
            raise self.mistake("alternative-outcome", "alternative-outcome", column=column)


def _unscaled(row: Estimate | Unavailable) -> Estimate | Unavailable:
    """The row of an outcome that has no standard deviation."""
    if isinstance(row, Unavailable):
        return row
    return dataclasses.replace(row, estimate_sd=float("nan"), baseline_comparison_sd=0.0)


def questions(outcome: Outcome, plan: Plan) -> tuple[Item, ...]:
    """Variables of the dictionary behind an outcome, with the sign they enter it with.

    Parameters
    ----------
    outcome : Outcome
    plan : Plan
        An item may be an outcome of the plan, whose own items are then taken.
    """
    made = {o.id: o for o in plan.outcome}
    found: list[Item] = []
    for item in outcome.items:
        inner = made.get(item.name)
        if inner is None or inner.id == outcome.id:
            found.append(item)
        else:
            found.extend(
                Item(name=i.name, sign=1 if i.sign == item.sign else -1)
                for i in questions(inner, plan)
            )
    return tuple(found)
