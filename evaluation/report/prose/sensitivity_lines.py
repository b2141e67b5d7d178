"""What would overturn a primary conclusion, one doubt at a time; every size is a record's."""

import math

from evaluation.locale.messages import Message, message, wording
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell
from evaluation.report.prose.conclusions import Concluded, conclusion
from evaluation.report.prose.sensitivity_summary import (
    Case,
    Doubt,
    absent,
    is_drawn_by_lot,
    overturned,
    share_of_worst_case,
    wanted,
)
from evaluation.report.robustness_rows import (
    Benchmark,
    DifferenceLine,
    Sensitivity,
    compared,
    differences,
    sensitivity,
)
from evaluation.report.sources import diagnostic
from evaluation.report.tables.bounds import range_of
from evaluation.study.plan import Check
from evaluation.study.records import Bound, Diagnostic, Difference, Unavailable

NO_SUCH_CHECK = message("plan-asks-no.reason")
HIDDEN = message("disclosure-rule.reason")

QUARTILES = ("loo_q1", "loo_q3")


def doubts(case: Case) -> tuple[Doubt, ...]:
    """Every doubt about a primary conclusion, in the order of the table."""
    return (
        _today(case),
        *((_trends(case),) if case.needs_trends else ()),
        _clusters(case),
        *_places(case),
        _answers(case),
        _attrition(case),
        _checks(case),
    )


def _today(case: Case) -> Doubt:
    language = case.source.language
    today = Concluded(conclusion=case.now, equivalence=case.equivalence)
    shown = wording(
        "overturn.today",
        language,
        conclusion=today.said(case.outcome, language),
        interval=case.between(*case.interval),
        unit=case.unit,
    )
    return Doubt(
        name="conclusion",
        needed=wanted(case),
        known=table.text(words.begun(shown.rstrip())),
    )


def _trends(case: Case) -> Doubt:
    language = case.source.language
    found = _sensitivity(case)
    if not isinstance(found, Sensitivity):
        return absent("trends", found, language)
    need = min(case.needed)
    m = case.plain(found.breakdown)
    breakdown = wording("overturn.breakdown", language, m=m, unit=case.unit).rstrip()
    known = f"{breakdown}. {_benchmarks(case, found)}"
    enough: Cell | bool = any((b.m or 0.0) >= need for b in found.beyond_chance)
    if is_drawn_by_lot(case.source):
        known = wording("overturn.described", language, known=words.in_sentence(known))
        enough = table.text(wording("overturn-drawn-by-lot", language))
    return Doubt(
        name="trends",
        needed=_move(case, need),
        known=table.text(words.begun(known)),
        enough=enough,
        amount=_amount(case, need),
    )


def _benchmarks(case: Case, found: Sensitivity) -> str:
    """Benchmarks that chance alone does not make; where there is none, the largest of all."""
    language = case.source.language
    if found.beyond_chance:
        named = "; ".join(_named(case, one) for one in found.beyond_chance)
        return wording("overturn-benchmarks", language, named=named, unit=case.unit)
    one = max(found.benchmarks, key=lambda b: b.m or 0.0, default=None)
    if one is None or not one.m:
        return wording("overturn-no-benchmark", language)
    named = _named(case, one)
    return wording("overturn-benchmarks-by-chance", language, named=named, unit=case.unit)


def _named(case: Case, one: Benchmark) -> str:
    low, high = map(case.plain, one.ends or (one.m or 0.0, one.m or 0.0))
    m = case.plain(one.m or 0.0)
    return wording(
        "overturn-benchmark", case.source.language, name=one.label, m=m, low=low, high=high
    )


def _move(case: Case, need: float) -> Cell:
    language = case.source.language
    if math.isinf(need):
        return table.text(words.begun(wording("overturn.no-move", language)))
    by_lot = is_drawn_by_lot(case.source)
    template = "overturn.by-lot" if by_lot else "overturn.trends-needed"
    shown = wording(template, language, need=case.plain(need), unit=case.unit)
    return table.text(words.begun(shown))


def _amount(case: Case, need: float) -> Cell:
    if math.isinf(need):
        return table.none()
    unit = words.unit(case.outcome.unit, "en")
    return table.number(need, decimals=case.outcome.decimals, unit=unit)


def _sensitivity(case: Case) -> Sensitivity | Message:
    for check in case.source.plan.check:
        if check.declared.benchmarks and _covers(case, check.outcomes):
            found = sensitivity(case.source, check, case.outcome)
            return found.reason if isinstance(found, Unavailable) else found
    return NO_SUCH_CHECK


def _covers(case: Case, named: tuple[str, ...]) -> bool:
    return not named or case.outcome.id in named


def _clusters(case: Case) -> Doubt:
    """The middle half of the differences: the outermost would be about one place."""
    source, language = case.source, case.source.language
    found = [diagnostic(source, case.primary, name) for name in QUARTILES]
    why = next((x for x in found if isinstance(x, Unavailable)), None)
    known = [x.value - case.primary.estimate for x in found if isinstance(x, Diagnostic)]
    if len(known) < len(QUARTILES):
        return absent("clusters", why.reason if why else NO_SUCH_CHECK, language)
    low, high = (number_format.signed(x, case.outcome.decimals, language) for x in known)
    shown = wording("overturn-one-cluster", language, low=low, high=high, unit=case.unit)
    return Doubt(
        name="clusters",
        needed=wanted(case),
        known=table.text(words.begun(shown)),
    )


def _places(case: Case) -> tuple[Doubt, ...]:
    """One line for each check that leaves one place out at a time."""
    return tuple(
        _place(case, check)
        for check in case.source.plan.check
        if check.declared.one_line and case.outcome in case.source.plan.outcomes_of_check(check)
    )


def _place(case: Case, check: Check) -> Doubt:
    language = case.source.language
    shown = [x.shown for x in differences(case.source, check, case.outcome) if x.shown is not None]
    label = check.label[language]
    if not shown:
        hidden = table.unavailable(HIDDEN, language)
        return Doubt(name="places", label=label, key=check.id, needed=hidden)
    ends = [min(d.difference for d in shown), max(d.difference for d in shown)]
    low, high = (number_format.signed(x, case.outcome.decimals, language) for x in ends)
    known = wording("overturn-places", language, low=low, high=high, unit=case.unit)
    return Doubt(
        name="places",
        label=label,
        key=check.id,
        needed=wanted(case),
        known=table.text(words.begun(known)),
        enough=any(_moved(case, x) for x in ends),
    )


def _moved(case: Case, by: float) -> bool:
    """Whether the primary intervals, moved by a difference, overturn the conclusion."""
    outer, inner = ((low + by, high + by) for low, high in (case.interval, case.equivalence))
    return overturned(case.now, conclusion(outer, inner, smallest_effect=case.smallest))


def _checks(case: Case) -> Doubt:
    """The checks that move the estimate farthest down and up."""
    language = case.source.language
    shown = [(x, x.shown) for x in compared(case.source, case.outcome) if x.shown is not None]
    if not shown:
        return absent("checks", NO_SUCH_CHECK, language)
    ends = {
        x.id: (x, found)
        for x, found in (
            min(shown, key=lambda one: one[1].difference),
            max(shown, key=lambda one: one[1].difference),
        )
    }
    known = "; ".join(_told(case, x, found) for x, found in ends.values())
    return Doubt(
        name="checks",
        needed=wanted(case),
        known=table.text(words.begun(known)),
        enough=any(_moved(case, found.difference) for _, found in ends.values()),
    )


def _told(case: Case, line: DifferenceLine, found: Difference) -> str:
    language, decimals = case.source.language, case.outcome.decimals
    return wording(
        "overturn-check",
        language,
        check=line.label,
        difference=number_format.signed(found.difference, decimals, language),
        unit=case.unit,
        interval=number_format.interval(found.ci_low, found.ci_high, decimals, language),
    )


def _range(case: Case, kind: str) -> Bound | Message:
    """The range of a check that gives one, or why there is none."""
    for check in case.source.plan.check:
        if check.kind == kind and _covers(case, check.outcomes):
            found = range_of(case.source, check, case.outcome)
            return found.reason if isinstance(found, Unavailable) else found
    return NO_SUCH_CHECK


def _answers(case: Case) -> Doubt:
    language = case.source.language
    found = _range(case, "nonresponse")
    if isinstance(found, Message):
        return absent("answers", found, language)
    reach = (case.checked.estimate - found.low, found.high - case.checked.estimate)
    # a range made from the same answers holds the estimate, up to rounding
    share = share_of_worst_case(case.needed, (max(reach[0], 0.0), max(reach[1], 0.0)))
    possible = share <= 1.0
    template = "overturn.answers-needed" if possible else "overturn.answers-never"
    shown = wording(template, language, share=number_format.share(min(share, 1.0), 0, language))
    return Doubt(
        name="answers",
        needed=table.text(words.begun(shown)),
        known=table.text(words.begun(_worst(case, found, possible=possible))),
        enough=possible,
        amount=table.none()
        if math.isinf(share)
        else table.number(100 * share, decimals=0, unit="%"),
    )


def _worst(case: Case, found: Bound, *, possible: bool) -> str:
    """The worst case; where it overturns, with the primary interval moved to each of its ends.

    That interval is what overturns: the ends alone may look harmless.
    """
    language = case.source.language
    moves = [end - case.checked.estimate for end in (found.low, found.high)]
    ends = [case.primary.estimate + move for move in moves]
    if not possible:
        return wording("overturn.worst", language, interval=case.between(*ends), unit=case.unit)
    low, high = (number_format.signed(end, case.outcome.decimals, language) for end in ends)
    at_low, at_high = (case.between(*(bound + m for bound in case.interval)) for m in moves)
    return wording(
        "overturn.worst-with",
        language,
        low=low,
        at_low=at_low,
        high=high,
        at_high=at_high,
        unit=case.unit,
    )


def _attrition(case: Case) -> Doubt:
    language = case.source.language
    found = _range(case, "attrition_bounds")
    if isinstance(found, Message):
        return absent("attrition", found, language)
    overturns = wording(f"overturn.what.{case.now}", language)
    around = case.between(found.ci_low, found.ci_high)
    needed = wording("overturn.attrition-needed", language, overturns=overturns)
    known = wording("overturn.attrition-known", language, interval=around, unit=case.unit)
    return Doubt(
        name="attrition",
        needed=table.text(words.begun(needed)),
        known=table.text(words.begun(known)),
        enough=overturned(case.now, case.under(found)),
    )
