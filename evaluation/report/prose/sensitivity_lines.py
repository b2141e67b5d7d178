"""What would overturn a primary conclusion, one doubt at a time; every size is a record's."""

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

from evaluation.config.check_kinds import kind_of
from evaluation.config.plan import Check
from evaluation.estimation.records import Bound, Difference
from evaluation.locale.messages import Message, message
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell
from evaluation.report.prose import sensitivity_summary
from evaluation.report.prose.conclusions import Concluded
from evaluation.report.prose.sensitivity_ranges import (
    NO_SUCH_CHECK,
    Enough,
    answer,
    answers,
    attrition,
    ends_of,
    judged_range,
    looks_at,
    of_check,
    size,
)
from evaluation.report.prose.sensitivity_summary import (
    NOTHING,
    Case,
    Doubt,
    absent,
    called,
    no_is_far,
    wanted,
    wanted_shift,
)
from evaluation.report.robustness_rows import (
    BenchmarkRow,
    Sensitivity,
    compared,
    differences,
    sensitivity,
)
from evaluation.report.tables.bounds import range_of

HIDDEN = message("disclosure-rule.reason")

# threats that have a name of their own in the table
NAMED = ("trends", "answers", "attrition", "checks")


def doubts(case: Case) -> tuple[Doubt, ...]:
    """Every doubt about a primary conclusion, in the order of the table."""
    return (
        _today(case),
        *((_matters(case),) if case.is_beyond_smallest else ()),
        *((_trends(case),) if case.needs_trends else ()),
        *(_places(case, check) for check in left_out(case)),
        answers(case),
        attrition(case),
        _checks(case),
    )


def left_out(case: Case) -> list[Check]:
    """Checks that leave out one part at a time."""
    return [c for c in case.source.plan.check if kind_of(c).one_line and looks_at(c, case)]


def _today(case: Case) -> Doubt:
    today = Concluded(conclusion=case.now, equivalence=case.equivalence)
    known = case.cell(
        "overturn.today",
        conclusion=today.said(case.outcome, case.source.language),
        interval=case.between(*case.interval),
    )
    return Doubt(name="conclusion", needed=wanted(case), known=known)


def _trends(case: Case) -> Doubt:
    found = of_check(case, sensitivity, lambda check: kind_of(check).benchmarks)
    if isinstance(found, Message):
        return absent("trends", found, case.source.language)
    need = min(case.needed)
    case = case.finer(x for b in found.benchmarks for x in (b.m or 0.0, b.widest))
    known = _benchmarks(case, found)
    # an interval that includes zero breaks at no difference at all, which says nothing of trends
    if found.breakdown:
        known = f"{case.words('overturn.breakdown', m=case.plain(found.breakdown))}. {known}"
    diverges = diverge(found, need)
    enough: Cell | bool = answer(case, diverges)
    if sensitivity_summary.is_drawn_by_lot(case.source):
        known = case.words("overturn.described", known=words.in_sentence(known))
        enough = table.text(case.words("overturn-drawn-by-lot"))
    elif diverges is None:
        lengths = [b.widest - b.m for b in found.benchmarks if b.m is not None]
        needs = case.words("overturn.no-needs", need=case.plain(need))
        why = no_is_far(case, "benchmarks", lengths) or ((needs,) if lengths else ())
        known = ". ".join((known, *why))
    unit, decimals = words.unit(case.outcome.unit, "en"), case.decimals
    return Doubt(
        name="trends",
        needed=_move(case, need),
        known=table.text(words.begun(known)),
        enough=enough,
        amount=size(need, decimals=decimals, unit=unit),
        brief="" if math.isinf(need) else case.words("overturn.brief-from", at=case.plain(need)),
    )


def diverge(found: Sensitivity, need: float) -> Enough:
    """Whether a benchmark is as large as needed; none is not, while its interval reaches that.

    Parameters
    ----------
    found : Sensitivity
    need : float
        By how much trends alone would have to differ.
    """
    if any((b.m or 0.0) >= need for b in found.beyond_chance):
        return True
    widest = [b.widest for b in found.benchmarks if b.m is not None]
    return None if not widest or max(widest) >= need else False


def answers_to_threats(case: Case, *, whether_it_matters: bool = False) -> dict[str, Enough]:
    """Whether each threat examined would change the conclusion; None where that cannot be judged.

    A check that the plan asks for and that is not available cannot be judged; a threat for which
    the plan has no check, or that a lottery excludes, was not examined.

    Parameters
    ----------
    case : Case
    whether_it_matters : bool, default False
        Of the claim that the effect is large enough to matter instead.

    Returns
    -------
    dict of str to (bool or None)
        By the threat's name inside a sentence.
    """
    if whether_it_matters and case.is_beyond_smallest:
        against = _against_size(case)
        return {words.in_sentence(_threat(case, n)): enough for n, enough in against.items()}
    unknown = (answer(case, None), NOTHING)
    not_asked = table.unavailable(NO_SUCH_CHECK, case.source.language)
    return {
        words.in_sentence(called(case, x)): None if x.enough in unknown else x.enough is True
        for x in doubts(case)
        if x.name not in ("conclusion", "matters")
        and x.needed != not_asked
        and (isinstance(x.enough, bool) or x.enough in unknown)
    }


def _matters(case: Case) -> Doubt:
    """Which threats reach the claim that an effect is large enough to matter."""
    found = _against_size(case)
    return Doubt(
        name="matters",
        needed=case.cell("overturn.matters-needed", need=case.plain(case.to_smallest)),
        known=_sorted_out(case, found),
        enough=any(found.values()) or answer(case, None if None in found.values() else False),
    )


def _against_size(case: Case) -> dict[str, Enough]:
    """Whether each threat brings an effect back to those too small to matter."""
    need = case.to_smallest
    trends = of_check(case, sensitivity, lambda check: kind_of(check).benchmarks)
    silent = of_check(case, judged_range, lambda check: check.kind == "nonresponse")
    lost = of_check(case, range_of, lambda check: check.kind == "attrition_bounds")
    checks = [x.shown for x in compared(case.source, case.outcome) if x.shown is not None]
    found: dict[str, Enough] = {}
    if case.needs_trends and not sensitivity_summary.is_drawn_by_lot(case.source):
        found["trends"] = None if isinstance(trends, Message) else diverge(trends, need)
    for check in left_out(case):
        lines = differences(case.source, check, case.outcome)
        shown = [x.shown.difference for x in lines if x.shown is not None]
        label = check.label[case.source.language]
        found[label] = any(case.toward_zero(x) >= need for x in shown) if shown else None
    for name, ends in (("answers", silent), ("attrition", lost)):
        found[name] = None if isinstance(ends, Message) else _reaches(case, name, ends)
    found["checks"] = any(case.toward_zero(x.difference) >= need for x in checks)
    return found


def _reaches(case: Case, name: str, found: Bound) -> bool:
    """Whether an end of a range, or for attrition its interval, reaches effects that are small."""
    moves = (end - case.checked.estimate for end in (found.low, found.high))
    if any(case.toward_zero(move) >= case.to_smallest for move in moves):
        return True
    nearest = (
        0.0 if found.ci_low < 0.0 < found.ci_high else min(map(abs, (found.ci_low, found.ci_high)))
    )
    return name == "attrition" and nearest < case.smallest


def _threat(case: Case, name: str) -> str:
    return case.words(f"overturn.doubt.{name}") if name in NAMED else name


def _sorted_out(case: Case, found: Mapping[str, Enough]) -> Cell:
    """Threats by whether they are large enough."""
    said = []
    for said_of, identifier in ((True, "yes"), (None, "open"), (False, "no")):
        named = [
            words.in_sentence(_threat(case, n)) for n, enough in found.items() if enough is said_of
        ]
        if named:
            listed = number_format.listed(named, case.source.language)
            said.append(case.words(f"overturn.matters-{identifier}", threats=listed))
    return table.text(" ".join(said))


def _benchmarks(case: Case, found: Sensitivity) -> str:
    """Benchmarks that chance alone does not make; where there is none, the largest of all."""
    if found.beyond_chance:
        named = "; ".join(_named(case, one) for one in found.beyond_chance)
        return case.words("overturn-benchmarks", named=named)
    one = max(found.benchmarks, key=lambda b: b.widest, default=None)
    if one is None or not one.m:
        return case.words("overturn-no-benchmark")
    return case.words("overturn-benchmarks-by-chance", named=_named(case, one))


def _named(case: Case, one: BenchmarkRow) -> str:
    m = one.m or 0.0
    low, high = map(case.plain, one.ends or (m, m))
    return case.words("overturn-benchmark", name=one.label, m=case.plain(m), low=low, high=high)


def _move(case: Case, need: float) -> Cell:
    if math.isinf(need):
        return case.cell("overturn.no-move")
    by_lot = sensitivity_summary.is_drawn_by_lot(case.source)
    template = "overturn.by-lot" if by_lot else "overturn.trends-needed"
    return case.cell(template, need=case.plain(need))


def _places(case: Case, check: Check) -> Doubt:
    """The line of a check that leaves one place out at a time."""
    lines = differences(case.source, check, case.outcome)
    shown = [x.shown for x in lines if x.shown is not None]
    name, label = "places", check.label[case.source.language]
    if not shown:
        hidden = table.unavailable(HIDDEN, case.source.language)
        return Doubt(name=name, label=label, key=check.id, needed=hidden)
    ends = [f(x.difference for x in shown) for f in (min, max)]
    case = case.finer(ends)
    known = case.words("overturn-places", **ends_of(case, ends))
    return Doubt(name=name, label=label, key=check.id, **_by_differences(case, known, shown))


class _Found(TypedDict):
    needed: Cell
    known: Cell
    enough: bool
    brief: str


def _by_differences(case: Case, known: str, shown: Sequence[Difference]) -> _Found:
    """What differences would have to be, what is known, and whether one is enough."""
    enough = any(case.is_overturned_by(x.difference) for x in shown)
    lengths = [(x.ci_high - x.ci_low) / 2 for x in shown]
    why = no_is_far(case, "differences", lengths) if enough else ()
    return _Found(
        needed=wanted_shift(case),
        known=table.text(words.begun(". ".join((known, *why)))),
        enough=enough,
        brief=case.between(*(f(x.difference for x in shown) for f in (min, max))),
    )


def _checks(case: Case) -> Doubt:
    """The checks that move the estimate farthest down and up, and each that is enough."""
    shown = [(x, x.shown) for x in compared(case.source, case.outcome) if x.shown is not None]
    if not shown:
        return absent("checks", NO_SUCH_CHECK, case.source.language)
    ends = [f(shown, key=lambda one: one[1].difference) for f in (min, max)]
    ends += [one for one in shown if case.is_overturned_by(one[1].difference)]
    case = case.finer(found.difference for _, found in ends)
    said = [
        case.words(
            "overturn-check",
            check=line.label,
            difference=case.signed(found.difference),
            interval=case.between(found.ci_low, found.ci_high),
        )
        for line, found in {line.id: (line, found) for line, found in ends}.values()
    ]
    found_all = [found for _, found in shown]
    return Doubt(name="checks", **_by_differences(case, "; ".join(said), found_all))
