"""Everything that the plan of a panel study promises, estimated in the plan's order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.analysis.panels import power, ranges, years
from evaluation.analysis.panels.effects import ReportedSpecification, effects
from evaluation.analysis.panels.units import PanelFrames, Units
from evaluation.analysis.run_plan import of_kind
from evaluation.config.panel_study import RANGES, PanelChoice
from evaluation.config.plan import Outcome, Plan, Specification
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.inference.estimate_record import Heading, unavailable
from evaluation.estimation.many_fits import Each, in_threads
from evaluation.estimation.records import (
    Bound,
    Diagnostic,
    Estimate,
    Provenance,
    Trend,
    Unavailable,
)
from evaluation.locale.messages import message


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelResults:
    """Records of a run, each kind in the order of the plan."""

    estimates: tuple[Estimate, ...]
    unavailable: tuple[Unavailable, ...]
    diagnostics: tuple[Diagnostic, ...]
    bounds: tuple[Bound, ...]
    trends: tuple[Trend, ...]


def run_panel(
    frames: PanelFrames,
    *,
    study: Study,
    preregistration: Promise,
    provenance: Provenance,
    each: Each = in_threads,
) -> PanelResults:
    """Run every specification of a panel's plan, and describe its years.

    Parameters
    ----------
    frames : PanelFrames
    study : Study
    preregistration : Promise
        The plan with its lock and deviations.
    provenance : Provenance
    each : Each
        Where the specifications run; see `many_fits`.

    Returns
    -------
    PanelResults
        With a list of all treated clusters there is no row without named ones, and no range for
        a partly treated comparison: each is an `Unavailable` record.

    Raises
    ------
    EstimationError
        The primary specification cannot be estimated; what else cannot is `Unavailable`.
    """
    plan = preregistration.plan
    units = Units(frames=frames, study=study, plan=plan)
    run = (units, preregistration, provenance)
    parts = [(s, outcome) for s in plan.specification for outcome in plan.outcomes_of(s)]
    rows = [row for found in each(_rows_or_reason, parts, run) for row in found]
    rows += _of_design([_asked(run, part) for part in parts], rows)
    primary = plan.primary_specification()
    count = plan.outcomes_of(primary)[0].items[0].name
    return PanelResults(
        estimates=of_kind(rows, Estimate),
        unavailable=of_kind(rows, Unavailable),
        diagnostics=of_kind(rows, Diagnostic),
        bounds=of_kind(rows, Bound),
        trends=tuple(years.trends(units, primary, count, _spans(plan))),
    )


# What all specifications share, and one of them with an outcome.
_Run = tuple[Units, Promise, Provenance]
_Part = tuple[Specification, Outcome]


def _asked(run: _Run, part: _Part) -> ReportedSpecification:
    (units, preregistration, provenance), (s, outcome) = run, part
    plan = preregistration.plan
    tier = next(f.tier for f in plan.family if f.id == outcome.family)
    heading = Heading.of(
        s,
        outcome,
        study=units.study,
        level=plan.inference.level,
        provenance=provenance,
        status=preregistration.status(s, outcome, tier),
    )
    # a rate is of the first count
    counted = {c.id for c in units.declared.count}
    item = outcome.items[0].name
    count = item if item in counted else units.declared.count[0].id
    return ReportedSpecification(units=units, specification=s, heading=heading, count=count)


def _rows_or_reason(run: _Run, part: _Part) -> Sequence[object]:
    """Records of a specification; why it is unavailable, unless it is the primary one."""
    asked = _asked(run, part)
    try:
        return _rows(asked)
    except EstimationError as error:
        if asked.is_primary:
            raise
        return [unavailable(asked.heading, "all", error.problem)]


def _rows(asked: ReportedSpecification) -> Sequence[object]:
    choice = asked.choice
    if asked.units.frames.complete and choice.without:
        return [unavailable(asked.heading, "all", message("panel-private-list.reason"))]
    if asked.specification.method in RANGES:
        return list(ranges.ranges(asked))
    if asked.specification.method == "event_study":
        return list(years.event_study(asked))
    return list(effects(asked))


def _of_design(
    every: Sequence[ReportedSpecification], rows: Sequence[object]
) -> Iterator[Diagnostic]:
    """Power beside the primary specification, and what the design alone makes of others."""
    without = [code for asked in every for code in asked.choice.without]
    outside = next((asked for asked in every if not _inside(asked.choice)), None)
    if outside is not None:
        yield from years.outside(outside)
    for asked in every:
        s = asked.specification
        if s.method == "poisson" and asked.choice.group == "answer":
            yield from power.of_answer(asked, power.spread_of(rows, s.id))
            yield from power.leave_one_out(asked, without)
            if asked.is_primary:
                yield from power.tests_without_each(asked)
        if s.method == "imputation" and not s.strata_round and _inside(asked.choice):
            yield from power.mix_of_strata(asked)


def _inside(choice: PanelChoice) -> bool:
    return choice.comparison != "outside"


def _spans(plan: Plan) -> tuple[str, ...]:
    """Years after of the answers, and the years before that they are set against."""
    found = []
    for s in plan.specification:
        if s.panel is not None and s.panel.group == "answer":
            found += [text for text in s.contrast if "-" in text]
    return tuple(dict.fromkeys(found))
