"""What would overturn a primary verdict, one doubt at a time; every size is a record's."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.report import agreement, formats, table, words
from evaluation.report import check_records as records
from evaluation.report import review_words as said
from evaluation.report.breakdown_values import Sensitivity, sensitivity
from evaluation.report.check_words import NO, YES
from evaluation.report.overturn import (
    Interval,
    least_move_down,
    least_move_up,
    overturned,
    share_of_worst_case,
)
from evaluation.report.robustness import not_under
from evaluation.report.sources import Source, diagnostic
from evaluation.report.table import Cell
from evaluation.report.verdicts import VERDICTS, Verdict, verdict
from evaluation.spec.plan import CheckKind, Outcome
from evaluation.spec.records import Bound, Diagnostic, Estimate, Unavailable

REMOVED, SIGNS = "loo_verdict_changes", "loo_sign_changes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A primary outcome with its estimate and what its verdict is."""

    source: Source
    outcome: Outcome
    primary: Estimate
    smallest: float

    @property
    def now(self) -> Verdict:
        """The verdict today."""
        return self.under(self.primary)

    @property
    def interval(self) -> Interval:
        """The primary interval."""
        return self.primary.ci_low, self.primary.ci_high

    @property
    def needed(self) -> Interval:
        """Least moves down and up of the interval that overturn the verdict."""
        return (
            least_move_down(self.interval, smallest_effect=self.smallest),
            least_move_up(self.interval, smallest_effect=self.smallest),
        )

    def under(self, found: Estimate | Bound) -> Verdict:
        """The verdict by another interval."""
        return verdict(found.ci_low, found.ci_high, smallest_effect=self.smallest)

    def plain(self, value: float) -> str:
        """A size in the outcome's unit, without the unit."""
        return formats.plain(value, self.outcome.decimals, self.source.language)

    def between(self, low: float, high: float) -> str:
        """An interval without its unit."""
        return formats.interval(low, high, self.outcome.decimals, self.source.language)

    @property
    def unit(self) -> str:
        """Unit behind a number."""
        return words.short_unit(self.outcome.unit, self.source.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """One line: what it would take, what is known, whether it is enough, and a number."""

    name: str
    needed: Cell
    known: Cell
    enough: Cell
    amount: Cell


def doubts(case: Case) -> tuple[Doubt, ...]:
    """Every doubt about a primary verdict, in the order of the table."""
    return (
        _today(case),
        _trends(case),
        _clusters(case),
        _answers(case),
        _attrition(case),
        _methods(case),
        _specifications(case),
        _checks(case),
    )


def _today(case: Case) -> Doubt:
    language = case.source.language
    shown = said.TODAY[language].format(
        verdict=VERDICTS[case.now][language], interval=case.between(*case.interval), unit=case.unit
    )
    return Doubt(
        name="verdict",
        needed=table.text(words.begun(said.OVERTURNS[case.now][language])),
        known=table.text(words.begun(shown.rstrip())),
        enough=table.none(),
        amount=table.none(),
    )


def _absent(name: str, reason: str, language: str) -> Doubt:
    nothing = table.none()
    absent = table.unavailable(reason, language)
    return Doubt(name=name, needed=absent, known=nothing, enough=nothing, amount=nothing)


def _trends(case: Case) -> Doubt:
    language = case.source.language
    found = _sensitivity(case)
    if not isinstance(found, Sensitivity):
        return _absent("trends", found, language)
    need = min(case.needed)
    sizes = [y.m for y in found.yardsticks if y.m]
    larger = sum(m >= need for m in sizes)
    breakdown = said.BREAKDOWN[language].format(m=case.plain(found.breakdown), unit=case.unit)
    known = said.YARDSTICKS[language].format(larger=larger, n=len(sizes), breakdown=breakdown)
    return Doubt(
        name="trends",
        needed=_move(case, need),
        known=table.text(words.begun(known if sizes else breakdown)),
        enough=_yes(larger, language) if sizes else table.none(),
        amount=_amount(case, need),
    )


def _move(case: Case, need: float) -> Cell:
    language = case.source.language
    if math.isinf(need):
        return table.text(words.begun(said.NO_MOVE[language]))
    shown = said.TRENDS_NEEDED[language].format(need=case.plain(need), unit=case.unit)
    return table.text(words.begun(shown))


def _amount(case: Case, need: float) -> Cell:
    if math.isinf(need):
        return table.none()
    unit = words.unit(case.outcome.unit, "en")
    return table.number(need, decimals=case.outcome.decimals, unit=unit)


def _sensitivity(case: Case) -> Sensitivity | str:
    for check in case.source.plan.check:
        if check.kind == "two_round_sensitivity" and _covers(case, check.outcomes):
            found = sensitivity(case.source, check, case.outcome)
            return found.reason if isinstance(found, Unavailable) else found
    return said.NO_SUCH_CHECK


def _covers(case: Case, named: tuple[str, ...]) -> bool:
    return not named or case.outcome.id in named


def _clusters(case: Case) -> Doubt:
    source, language = case.source, case.source.language
    removed = diagnostic(source, case.primary, REMOVED)
    signs = diagnostic(source, case.primary, SIGNS)
    if not isinstance(removed, Diagnostic) or not isinstance(signs, Diagnostic):
        absent = next((x for x in (removed, signs) if isinstance(x, Unavailable)), None)
        return _absent("clusters", absent.reason if absent else said.NO_SUCH_CHECK, language)
    cluster = source.configuration.study.names.cluster[language]
    count = int(removed.value)
    shown = said.REMOVED[language].format(
        n=formats.count(count, language),
        total=formats.count(_clusters_in(case), language),
        signs=formats.count(int(signs.value), language),
    )
    return Doubt(
        name="clusters",
        needed=table.text(words.begun(said.ONE_REMOVED[language].format(cluster=cluster))),
        known=table.text(shown),
        enough=_yes(count, language),
        amount=table.count(count),
    )


def _clusters_in(case: Case) -> int:
    return case.primary.n_clusters_treated + case.primary.n_clusters_comparison


def _range(case: Case, kind: CheckKind, sample: str) -> Bound | str:
    """The range of a check that gives one, or why there is none."""
    for check in case.source.plan.check:
        if check.kind == kind and _covers(case, check.outcomes):
            found = records.bound(case.source, check, case.outcome, sample=sample)
            found = found or records.absent(
                case.source, check, case.outcome, sample="all", step="all"
            )
            if found is None:
                raise records.missing(case.source, check, case.outcome)
            if isinstance(found, Unavailable):
                return found.reason
            return said.HIDDEN if records.withheld(case.source, found) else found
    return said.NO_SUCH_CHECK


def _answers(case: Case) -> Doubt:
    language = case.source.language
    found = _range(case, "nonresponse", "worst_case")
    if isinstance(found, str):
        return _absent("answers", found, language)
    reach = (case.primary.estimate - found.low, found.high - case.primary.estimate)
    # a range made from the same answers holds the estimate, up to rounding
    share = share_of_worst_case(case.needed, (max(reach[0], 0.0), max(reach[1], 0.0)))
    possible = share <= 1.0
    template = said.ANSWERS_NEEDED if possible else said.ANSWERS_NEVER
    shown = template[language].format(share=formats.share(min(share, 1.0), 0, language))
    worst = case.between(found.low, found.high)
    return Doubt(
        name="answers",
        needed=table.text(words.begun(shown)),
        known=table.text(words.begun(said.WORST[language].format(interval=worst, unit=case.unit))),
        enough=_yes(possible, language),
        amount=table.none()
        if math.isinf(share)
        else table.number(100 * share, decimals=0, unit="%"),
    )


def _attrition(case: Case) -> Doubt:
    language = case.source.language
    found = _range(case, "attrition_bounds", "panel:changes")
    if isinstance(found, str):
        return _absent("attrition", found, language)
    wanted = said.OVERTURNS[case.now][language]
    around = case.between(found.ci_low, found.ci_high)
    return Doubt(
        name="attrition",
        needed=table.text(words.begun(said.ATTRITION_NEEDED[language].format(overturns=wanted))),
        known=table.text(
            words.begun(said.ATTRITION_KNOWN[language].format(interval=around, unit=case.unit))
        ),
        enough=_yes(overturned(case.now, case.under(found)), language),
        amount=table.none(),
    )


def other_methods(case: Case) -> tuple[list[Estimate], int]:
    """Estimates by the other inference methods of the plan, and how many cannot be had."""
    specification = case.source.plan.primary_specification()
    asked = [s for s in specification.steps_for(case.outcome) if s != case.primary.step]
    place = (case.outcome.id, specification.id, case.primary.sample, case.primary.estimand)
    found = [
        e
        for e in case.source.records.estimates
        if (e.outcome, e.specification, e.sample, e.estimand) == place and e.step in asked
    ]
    return found, len(asked) - len(found)


def _methods(case: Case) -> Doubt:
    language = case.source.language
    found, absent = other_methods(case)
    names = [words.step(e.step, language) for e in found if case.under(e) != case.now]
    return _counted(case, "methods", names=names, total=len(found), absent=absent)


def _specifications(case: Case) -> Doubt:
    source = case.source
    asked = [
        s
        for s in source.plan.specification
        if s.status == "sensitivity" and case.outcome in source.plan.outcomes_of(s)
    ]
    simultaneous = isinstance(diagnostic(source, case.primary, "simultaneous_ci_low"), Diagnostic)
    names = list(not_under(source, case.primary))
    return _counted(case, "specifications", names=names, total=len(asked) + simultaneous, absent=0)


def _counted(case: Case, name: str, *, names: list[str], total: int, absent: int) -> Doubt:
    """A line that counts other verdicts by name."""
    language = case.source.language
    template = said.SOME_OF if names else said.NONE_OF
    shown = (
        template[language].format(n=len(names), total=total, names=formats.listed(names, language))
        if names
        else template[language].format(n=total)
    )
    if absent:
        shown = said.NOT_HAD[language].format(said=shown, n=absent)
    return Doubt(
        name=name,
        needed=table.text(words.begun(said.ANOTHER[language])),
        known=table.text(words.begun(shown)),
        enough=_yes(len(names), language) if total else table.none(),
        amount=table.count(len(names)),
    )


def _checks(case: Case) -> Doubt:
    source, language = case.source, case.source.language
    judged = agreement.judged(source, case.outcome)
    same = [x.shown for x in judged if x.asks == "same" and x.shown is not None]
    if not same:
        return _absent("checks", said.NO_SUCH_CHECK, language)
    other = sum(case.under(e) != case.now for e in same)
    return Doubt(
        name="checks",
        needed=table.text(words.begun(said.ANOTHER[language])),
        known=table.text(said.COUNT_OF[language].format(n=other, total=len(same))),
        enough=_yes(other, language),
        amount=table.count(other),
    )


def _yes(found: int, language: str) -> Cell:
    """Yes where anything was found that overturns, no where nothing was."""
    return table.text(words.begun((YES if found else NO)[language]))


def sentence(case: Case) -> str | None:
    """What would overturn the verdict, in a sentence; None where a part cannot be had."""
    removed = diagnostic(case.source, case.primary, REMOVED)
    need = min(case.needed)
    found, _ = other_methods(case)
    if not isinstance(removed, Diagnostic) or math.isinf(need):
        return None
    language = case.source.language
    return said.SENTENCE[language].format(
        label=case.outcome.label[language],
        verdict=VERDICTS[case.now][language],
        need=case.plain(need),
        unit=case.unit,
        removed=formats.count(int(removed.value), language),
        total=formats.count(_clusters_in(case), language),
        clusters=case.source.configuration.study.names.clusters[language],
        others=_others(case, found),
        asked=len(found),
    )


def _others(case: Case, found: Iterable[Estimate]) -> int:
    return sum(case.under(e) != case.now for e in found)
