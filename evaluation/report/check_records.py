"""Records of the plan's checks found by what they are about, or the reason why there are none."""

from collections.abc import Iterable, Sequence

from evaluation.errors import ReportError
from evaluation.locale.messages import message, wording
from evaluation.report.sources import Source, find
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome, Specification
from evaluation.spec.records import Bound, Estimate, Status, Unavailable
from evaluation.spec.row_keys import WHOLE, RowKey


def checks_of(source: Source, *kinds: str) -> tuple[Check, ...]:
    """Checks of these kinds, in plan order.

    Raises
    ------
    ReportError
        The plan has none: an exhibit of nothing is a mistake in the registry.
    """
    found = tuple(check for check in source.plan.check if check.kind in kinds)
    if not found:
        raise ReportError(
            message("plan-no-check.problem", kinds=", ".join(kinds)),
            where=f"plan of {source.configuration.study.id}",
            mend=message("take-exhibit-out.mend"),
            rule="missing-record",
        )
    return found


def outcomes_of(exhibit: Exhibit, source: Source, check: Check) -> tuple[Outcome, ...]:
    """Outcomes of a check that an exhibit shows, in the plan's order."""
    named = source.plan.outcomes_of_check(check)
    return tuple(o for o in named if not exhibit.outcomes or o.id in exhibit.outcomes)


def published(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The primary estimate of an outcome as it is published, or why it cannot be had."""
    return _read(source, outcome, source.plan.primary_specification())


def primary(source: Source, outcome: Outcome) -> Estimate | Unavailable:
    """The estimate that the checks of an outcome depart from: the primary one, or the plan's."""
    return _read(source, outcome, source.plan.checked().primary_specification())


def _read(source: Source, outcome: Outcome, specification: Specification) -> Estimate | Unavailable:
    step = source.plan.read_by(specification)
    return find(source, outcome.id, specification=specification, step=step)


def quantity(
    source: Source, check: Check, outcome: Outcome, name: str, *, sample: RowKey = WHOLE
) -> float | Unavailable | None:
    """A named diagnostic of a check, why it cannot be had, or None if it was not made."""
    place = (outcome.id, check.id, sample, name)
    for found in source.records.check_diagnostics:
        if (found.outcome, found.specification, found.sample, found.name) == place:
            return found.value
    return absent(source, check, outcome, sample=sample, step=name)


def samples_of(source: Source, check: Check, outcome: Outcome, name: str) -> tuple[RowKey, ...]:
    """Samples that have a diagnostic of this name, in recorded order."""
    place = (outcome.id, check.id, name)
    return tuple(
        d.sample
        for d in source.records.check_diagnostics
        if (d.outcome, d.specification, d.name) == place
    )


def bound(
    source: Source, check: Check, outcome: Outcome, *, sample: RowKey
) -> Bound | Unavailable | None:
    """A range of a check, why it cannot be had, or None if it was not asked for."""
    place = (outcome.id, check.id, sample)
    for found in source.records.bounds:
        if (found.outcome, found.specification, found.sample) == place:
            return found
    return absent(source, check, outcome, sample=sample)


def absent(
    source: Source, check: Check, outcome: Outcome, *, sample: RowKey = WHOLE, step: str = ""
) -> Unavailable | None:
    """Why something of a check cannot be had; an empty ``step`` means any."""
    place = (outcome.id, check.id, sample)
    for found in source.records.check_unavailable:
        if (found.outcome, found.specification, found.sample) == place and (
            step in ("", found.step) or found.step == "all"
        ):
            return found
    return None


def missing(source: Source, check: Check, outcome: Outcome) -> ReportError:
    """The error for a check of which there is neither a result nor a reason."""
    return ReportError(
        message("check-neither.problem", id=check.id, id_other=outcome.id),
        where=f"robustness records of {source.configuration.study.id}",
        mend=message("run-robustness.mend"),
        rule="missing-record",
    )


def answers(source: Source, checks: Sequence[Check]) -> str:
    """What each check answers and assumes, from the plan."""
    language = source.language
    said = (f"{check.label[language]}: {check.answers[language]}" for check in checks)
    return labelled(wording("check.what-each", language), *said)


def statuses(found: Iterable[Estimate | Bound | Unavailable | None]) -> tuple[Status, ...]:
    """Plan status of the rows that have one."""
    return tuple(x.status for x in found if isinstance(x, (Estimate, Bound)))
