"""Threats of which the data give a range: unanswered questions, people not interviewed again.

Each is judged alone, and then both with unequal trends together.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from evaluation.config.check_kinds import kind_of
from evaluation.config.plan import Check, Outcome
from evaluation.estimation.records import Bound, Unavailable
from evaluation.locale.messages import Message, message
from evaluation.report.check_rows import CheckResult
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell
from evaluation.report.prose import sensitivity_summary
from evaluation.report.prose.sensitivity_summary import Case, Doubt, absent, no_is_far
from evaluation.report.robustness_rows import Sensitivity, sensitivity
from evaluation.report.silence_rows import PLAUSIBLE, SilenceRow, silence
from evaluation.report.sources import Source
from evaluation.report.tables.bounds import range_of

NO_SUCH_CHECK = message("plan-asks-no.reason")
Result = TypeVar("Result", Sensitivity, Bound, SilenceRow)
# Whether something is as large as it would have to be; None where the data cannot say.
Enough = bool | None


def looks_at(check: Check, case: Case) -> bool:
    """Whether a check is of the outcome."""
    return case.outcome in case.source.plan.outcomes_of_check(check)


def of_check(
    case: Case,
    find: Callable[[Source, Check, Outcome], Result | Unavailable],
    asked: Callable[[Check], bool],
) -> Result | Message:
    """What the first such check of the outcome found, or why there is nothing."""
    for check in case.source.plan.check:
        if asked(check) and looks_at(check, case):
            found = find(case.source, check, case.outcome)
            return found.reason if isinstance(found, Unavailable) else found
    return NO_SUCH_CHECK


def answer(case: Case, enough: Enough) -> Cell | bool:
    """Yes, no, or that the data cannot say."""
    return case.cell("overturn.cannot-say") if enough is None else enough


def size(value: float, *, decimals: int, unit: str) -> Cell:
    """A size for the download; nothing where there is none."""
    return table.none() if math.isinf(value) else table.number(value, decimals=decimals, unit=unit)


def ends_of(case: Case, ends: Sequence[float]) -> dict[str, str]:
    """Two ends for a text that names both."""
    low, high = map(case.signed, ends)
    return {"low": low, "high": high}


def judged_range(source: Source, check: Check, outcome: Outcome) -> Bound | Unavailable:
    """The range of effects by which item nonresponse is judged.

    Where silent people lie between half and twice the share of those who answered, or in the plan's
    range; where nobody's answers could change the outcome, the worst case, which is the estimate.

    Parameters
    ----------
    source : Source
    check : Check
        Of kind ``nonresponse``.
    outcome : Outcome
    """
    found = CheckResult(source=source, check=check, outcome=outcome).bound(PLAUSIBLE)
    return range_of(source, check, outcome) if found is None else found


def answers(case: Case) -> Doubt:
    """The line of unanswered questions: judged by shares that are plausible, not by the worst."""
    worst = of_check(case, range_of, _is_silence)
    if isinstance(worst, Message):
        return absent("answers", worst, case.source.language)
    line = of_check(case, silence, _is_silence)
    return _by_worst(case, worst) if isinstance(line, Message) else _by_line(case, line, worst)


def _is_silence(check: Check) -> bool:
    return check.kind == "nonresponse"


def _is_attrition(check: Check) -> bool:
    return check.kind == "attrition_bounds"


def _by_line(case: Case, line: SilenceRow, worst: Bound) -> Doubt:
    """What share would change the conclusion, and what the plausible ones lead to."""
    language, of = case.source.language, case.checked.estimate
    ends = (line.plausible.low, line.plausible.high)
    # half to twice is narrow: one digit more, as of differences
    case, whole = replace(case, extra_digits=1), case
    needs = (-case.needed[0], case.needed[1])
    shares = [x for m in needs if math.isfinite(m) if (x := line.share_at(of + m)) is not None]
    said = [number_format.share(x, 0, language) for x in shares]
    what = case.words(f"overturn.silence-what.{_kind(case.outcome)}")
    needed = "overturn.silence-needed" if said else "overturn.silence-never"
    groups = {
        name: case.words("overturn.silence-from-to", **_shares(limits, language))
        for name, limits in (("treated", line.treated), ("comparison", line.comparison))
    }
    known = case.words(
        "overturn.silence-known",
        formula=line.formula(case.decimals, language),
        meaning=case.words(f"overturn.silence-p.{_kind(case.outcome)}"),
        rate=number_format.share(line.rate, 0, language),
        **groups,
        interval=case.between(*ends),
        worst=whole.between(worst.low, worst.high),
    )
    either = case.words("overturn.silence-or").join(said)
    return Doubt(
        name="answers",
        needed=case.cell(needed, what=what, shares=either),
        known=table.text(words.begun(known)),
        enough=any(case.is_overturned_by(end - of) for end in ends),
        amount=size(100 * min(shares), decimals=0, unit="%") if shares else table.none(),
        brief=case.between(*ends),
    )


def _kind(outcome: Outcome) -> str:
    """An event has a share of people; a score has a place on its scale."""
    return "event" if outcome.unit == "percentage points" else "score"


def _shares(limits: tuple[float, float], language: str) -> dict[str, str]:
    low, high = (number_format.share(x, 0, language) for x in limits)
    return {"low": low, "high": high}


def _by_worst(case: Case, found: Bound) -> Doubt:
    """The worst case, where no share of the silent is known."""
    # a range made from the same answers holds the estimate, up to rounding
    farthest = (
        max(case.checked.estimate - found.low, 0.0),
        max(found.high - case.checked.estimate, 0.0),
    )
    share = sensitivity_summary.share_of_worst_case(case.needed, farthest)
    possible = share <= 1.0
    template = "overturn.answers-needed" if possible else "overturn.answers-never"
    shown = number_format.share(min(share, 1.0), 0, case.source.language)
    return Doubt(
        name="answers",
        needed=case.cell(template, share=shown),
        known=_worst(case, found, possible=possible),
        enough=possible,
        amount=size(100 * share, decimals=0, unit="%"),
        brief=case.between(found.low, found.high),
    )


def _worst(case: Case, found: Bound, *, possible: bool) -> Cell:
    """The worst case; where it overturns, with the primary interval moved to each of its ends.

    That interval is what overturns: the ends alone may look harmless.
    """
    moves = [end - case.checked.estimate for end in (found.low, found.high)]
    ends = [case.primary.estimate + move for move in moves]
    if not possible:
        return case.cell("overturn.worst", interval=case.between(*ends))
    moved = [[bound + move for bound in case.interval] for move in moves]
    case = case.finer(bounds=(bound for both in moved for bound in both))
    at_low, at_high = (case.between(*both) for both in moved)
    known = case.words("overturn.worst-with", **ends_of(case, ends), at_low=at_low, at_high=at_high)
    return _range(case, known, found, enough=possible)


def _range(case: Case, known: str, found: Bound, *, enough: bool) -> Cell:
    """What is known of a range; where it is enough, whether it could have been otherwise."""
    why = no_is_far(case, "ranges", [(found.high - found.low) / 2]) if enough else ()
    return table.text(words.begun(". ".join((known, *why))))


def attrition(case: Case) -> Doubt:
    """The range among people seen twice: an end as the truth, or its interval, may overturn.

    The ends count because a wide range would otherwise protect a conclusion that says nothing.
    """
    found = of_check(case, range_of, _is_attrition)
    if isinstance(found, Message):
        return absent("attrition", found, case.source.language)
    case = case.finer(bounds=(found.low, found.high, found.ci_low, found.ci_high))
    overturns = case.words(f"overturn.what.{case.now}")
    ends, around = case.between(found.low, found.high), case.between(found.ci_low, found.ci_high)
    moved = (case.is_overturned_by(end - case.checked.estimate) for end in (found.low, found.high))
    enough = sensitivity_summary.overturned(case.now, case.under(found)) or any(moved)
    known = case.words("overturn.attrition-known", ends=ends, interval=around)
    return Doubt(
        name="attrition",
        needed=case.cell("overturn.attrition-needed", overturns=overturns),
        known=_range(case, known, found, enough=enough),
        enough=enough,
        brief=ends,
    )


def together(case: Case) -> Doubt | None:
    """All threats that have a worst case, each at the same share of it; None for one alone.

    Trends count with the end of the benchmark that reaches farthest, in either direction.
    """
    ends, language, of = _worst_moves(case), case.source.language, case.primary.estimate
    if len(ends) < 2:
        return None
    down, up = (math.fsum(way) for way in zip(*ends.values(), strict=True))
    share = sensitivity_summary.share_of_worst_case(case.needed, (down, up))
    # the direction that takes the lesser share
    is_up = case.needed[1] * down < case.needed[0] * up
    at = min(share, 1.0) if is_up else -min(share, 1.0)
    case = case.finer([at * (down, up)[is_up]])
    said = [
        case.words(
            "overturn.together-part",
            threat=words.in_sentence(case.words(f"overturn.doubt.{name}")),
            move=case.signed(at * reach[is_up]),
        )
        for name, reach in ends.items()
    ]
    return Doubt(
        name="together",
        needed=case.cell(
            "overturn.together-needed" if share <= 1.0 else "overturn.together-never",
            share=number_format.share(abs(at), 0, language),
        ),
        known=case.cell(
            "overturn.together-known",
            parts=number_format.listed(said, language),
            sum=case.signed(at * (down, up)[is_up]),
            interval=case.between(of - down, of + up),
        ),
        enough=share <= 1.0,
        amount=size(100 * share, decimals=0, unit="%"),
    )


def _worst_moves(case: Case) -> dict[str, tuple[float, float]]:
    """How far each threat moves the estimate down and up at its worst, both 0 or more."""
    found: dict[str, tuple[float, float]] = {}
    if case.needs_trends and not sensitivity_summary.is_drawn_by_lot(case.source):
        trends = of_check(case, sensitivity, lambda check: kind_of(check).benchmarks)
        widest = [] if isinstance(trends, Message) else [b.widest for b in trends.benchmarks]
        if widest:
            found["trends"] = max(widest), max(widest)
    of = case.checked.estimate
    for name, is_asked in (("answers", _is_silence), ("attrition", _is_attrition)):
        ends = of_check(case, range_of, is_asked)
        if not isinstance(ends, Message):
            found[name] = max(of - ends.low, 0.0), max(ends.high - of, 0.0)
    return found
