"""How an effect becomes a record, and what the record says beside its numbers."""

import dataclasses
from dataclasses import dataclass
from typing import Any, TypeVar

from evaluation.estimation.inference import variance_components
from evaluation.estimation.parameters import OutcomeColumn, Regression, StudyDesign
from evaluation.estimation.records import (
    CheckStep,
    Diagnostic,
    Estimand,
    Estimate,
    Provenance,
    Status,
    Step,
    Unavailable,
)
from evaluation.estimation.regression.panel_regressions import Built
from evaluation.estimation.row_keys import Part, RowKey
from evaluation.locale.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a record is about: the ids that tell its row from others."""

    study: str
    outcome: str
    specification: str
    estimand: Estimand
    sample: RowKey

    @classmethod
    def about(cls, specification: Regression, outcome: OutcomeColumn, study: str) -> "Subject":
        """A specification run for an outcome of a study, given by its id."""
        return Subject(
            study=study,
            outcome=outcome.id,
            specification=specification.id,
            estimand=specification.estimand,
            sample=Part(specification.sample),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading(Subject):
    """Ids, contrast, unit and hashes of an estimate.

    ``needs_sd`` says whether an outcome that does not vary in the comparison group at baseline is
    refused, as it has no effect in standard deviations.
    """

    family: str
    treatment: str
    status: Status
    contrast_from: str
    contrast_to: str
    unit: str
    level: float
    plan_hash: str
    data_hash: str
    needs_sd: bool = True

    @classmethod
    def of(
        cls,
        specification: Regression,
        outcome: OutcomeColumn,
        *,
        study: StudyDesign,
        level: float,
        provenance: Provenance,
        status: Status,
    ) -> "Heading":
        """Heading of a specification run for an outcome."""
        before, after = specification.contrast
        return cls(
            study=study.id,
            outcome=outcome.id,
            family=outcome.family,
            specification=specification.id,
            estimand=specification.estimand,
            sample=Part(specification.sample),
            treatment=specification.treatment,
            status=status,
            contrast_from=before,
            contrast_to=after,
            unit=outcome.unit,
            level=level,
            plan_hash=provenance.plan_hash,
            data_hash=provenance.data_hash,
        )


Kind = TypeVar("Kind")

NOT_ADJUSTED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFacts:
    """What a record says about the rows and the scale of an estimate."""

    n: int
    n_clusters_treated: int
    n_clusters_comparison: int
    baseline_mean: float
    baseline_sd: float

    @classmethod
    def of(cls, built: Built) -> "RowFacts":
        """Sizes of a regression's rows."""
        return cls(
            n=built.n,
            n_clusters_treated=len(built.clusters_treated),
            n_clusters_comparison=len(built.clusters_comparison),
            baseline_mean=built.baseline_mean,
            baseline_sd=built.baseline_sd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectByMethod:
    """An effect with its uncertainty by one method.

    Attributes
    ----------
    estimate, std_error : float
        In the unit of the heading.
    statistic, df, p_value, p_kind
        The test, and in words how p was computed.
    ci_low, ci_high, ci_kind
        The interval at the heading's level.
    mc_error, ci_low_mc_error, ci_high_mc_error : float
        Monte Carlo standard errors; 0 where nothing was simulated.
    spread : float
        How far the method's own statistic lies from zero without an effect, root mean square: what
        the standard error has to be multiplied by where it is known to be too small.
    """

    estimate: float
    std_error: float
    statistic: float
    df: float
    p_value: float
    p_kind: Message
    ci_low: float
    ci_high: float
    ci_kind: Message
    mc_error: float = 0.0
    ci_low_mc_error: float = 0.0
    ci_high_mc_error: float = 0.0
    spread: float = 1.0


def record(kind: type[Kind], *sources: object, **values: object) -> Kind:
    """A record: what its sources say under the names of its fields, and values of its own.

    Parameters
    ----------
    kind : type
        A record of `evaluation.estimation.records`.
    sources : objects with some of the fields
        Such as `Heading`, `RowFacts` and `EffectByMethod`. A later one wins over those before it.
    values
        Fields of the record; they win over all sources.
    """
    make: Any = kind
    names = [field.name for field in dataclasses.fields(make)]
    found = {n: getattr(source, n) for source in sources for n in names if hasattr(source, n)}
    made: Kind = make(**found | values)
    return made


def unavailable(subject: Subject, step: str, reason: Message) -> Unavailable:
    """Record of a step or quantity that is unavailable.

    Parameters
    ----------
    subject : Subject
    step : str
        Name of the step, check or quantity.
    reason : Message
    """
    return record(Unavailable, subject, step=step, reason=reason)


def diagnostic(subject: Subject | Estimate, name: str, value: float, unit: str) -> Diagnostic:
    """Record of a named quantity under an estimate's heading, or beside the estimate.

    Parameters
    ----------
    subject : Subject or Estimate
    name : str
    value : float
        In the unit.
    unit : str
    """
    return record(Diagnostic, subject, name=name, value=float(value), unit=unit)


def effect(
    heading: Heading,
    step: Step | CheckStep,
    found: EffectByMethod,
    *,
    sizes: RowFacts,
    estimate_sd: float,
) -> Estimate:
    """Record of an effect, not adjusted for the number of outcomes.

    Parameters
    ----------
    heading : Heading
    step : str
    found : EffectByMethod
    sizes : RowFacts
    estimate_sd : float
        The effect in standard deviations, NaN where there is none.
    """
    return record(
        Estimate,
        heading,
        sizes,
        found,
        step=step,
        estimate_sd=estimate_sd,
        p_adjusted=found.p_value,
        adjustment=NOT_ADJUSTED,
        baseline_comparison_mean=sizes.baseline_mean,
        baseline_comparison_sd=sizes.baseline_sd,
        mde=variance_components.MULTIPLE * found.std_error * found.spread,
    )


def in_sd(estimate: float, unit: str, baseline_sd: float) -> float:
    """An effect in standard deviations; NaN where the comparison group had one value.

    Parameters
    ----------
    estimate : float
        In ``unit``.
    unit : str
        "SD" is left as it is.
    baseline_sd : float
        Of the comparison group, in ``unit``.
    """
    if unit == "SD":
        return estimate
    return estimate / baseline_sd if baseline_sd > 0.0 else float("nan")


def recorded(
    heading: Heading, step: Step | CheckStep, found: EffectByMethod, *, sizes: RowFacts
) -> Estimate:
    """Record of an effect, in standard deviations too where there are any.

    Parameters
    ----------
    heading : Heading
    step : str
    found : EffectByMethod
        In the heading's unit.
    sizes : RowFacts
    """
    size = in_sd(found.estimate, heading.unit, sizes.baseline_sd)
    return effect(heading, step, found, sizes=sizes, estimate_sd=size)
