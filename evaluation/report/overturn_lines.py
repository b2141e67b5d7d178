"""What would overturn a primary conclusion, one doubt at a time; every size is a record's."""

import math

from evaluation.report import check_records as records
from evaluation.report import formats, table, words
from evaluation.report import review_short_words as short
from evaluation.report import review_words as said
from evaluation.report.breakdown_values import Sensitivity, Yardstick, sensitivity
from evaluation.report.conclusions import Concluded
from evaluation.report.overturn import overturned, share_of_worst_case
from evaluation.report.overturn_case import (
    Case,
    Doubt,
    absent,
    clusters_in,
    counted,
    is_drawn_by_lot,
)
from evaluation.report.overturn_counts import (
    REMOVED,
    checks,
    methods,
    places,
    specifications,
)
from evaluation.report.sources import diagnostic
from evaluation.report.table import Cell
from evaluation.spec.plan import CheckKind
from evaluation.spec.records import Bound, Diagnostic, Unavailable

SIGNS = "loo_sign_changes"


def doubts(case: Case) -> tuple[Doubt, ...]:
    """Every doubt about a primary conclusion, in the order of the table."""
    return (
        _today(case),
        _trends(case),
        _clusters(case),
        *places(case),
        _answers(case),
        _attrition(case),
        methods(case),
        specifications(case),
        checks(case),
    )


def _today(case: Case) -> Doubt:
    language = case.source.language
    today = Concluded(conclusion=case.now, equivalence=case.equivalence)
    shown = said.TODAY[language].format(
        conclusion=today.said(case.outcome, language),
        interval=case.between(*case.interval),
        unit=case.unit,
    )
    return Doubt(
        name="conclusion",
        needed=table.text(words.begun(said.OVERTURNS[case.now][language])),
        known=table.text(words.begun(shown.rstrip())),
        enough=table.none(),
        amount=table.none(),
    )


def _trends(case: Case) -> Doubt:
    language = case.source.language
    found = _sensitivity(case)
    if not isinstance(found, Sensitivity):
        return absent("trends", found, language)
    need = min(case.needed)
    known = _yardsticks(case, found, need)
    larger = sum((y.m or 0.0) >= need for y in found.counted)
    enough = larger > 0 if found.counted else table.none()
    if is_drawn_by_lot(case.source):
        known = said.DESCRIBED[language].format(known=words.in_sentence(known))
        enough = table.text(words.begun(said.NO_VOTE[language]))
    return Doubt(
        name="trends",
        needed=_move(case, need),
        known=table.text(words.begun(known)),
        enough=enough,
        amount=_amount(case, need),
        others=(short.TRENDS_NAME[language].format(n=larger, total=len(found.counted)),)
        if enough is True
        else (),
    )


def _yardsticks(case: Case, found: Sensitivity, need: float) -> str:
    """How many yardsticks are large enough, each with its interval; then the breakdown value."""
    language = case.source.language
    breakdown = said.BREAKDOWN[language].format(m=case.plain(found.breakdown), unit=case.unit)
    sizes = found.counted
    if not sizes:
        return breakdown
    reach = said.YARDSTICKS_REACH[language].format(n=sum(y.largest >= need for y in sizes))
    return said.YARDSTICKS[language].format(
        larger=sum((y.m or 0.0) >= need for y in sizes),
        reach=reach if any(y.ends for y in sizes) else "",
        n=len(sizes),
        named=", ".join(_yardstick(case, y) for y in sizes),
        unit=case.unit,
        breakdown=breakdown,
    )


def _yardstick(case: Case, one: Yardstick) -> str:
    language = case.source.language
    series = {f"series_{s.id}": s.label[language] for s in case.source.plan.series}
    known = said.YARDSTICK_NAMES
    name = (
        known["series"][language].format(words.in_sentence(series[one.name]))
        if one.name in series
        else known[one.name][language]
    )
    shown = {"name": name, "m": case.plain(one.m or 0.0)}
    if one.ends is None:
        return said.YARDSTICK[language].format(**shown)
    low, high = map(case.plain, one.ends)
    return said.YARDSTICK_WITH[language].format(**shown, low=low, high=high)


def _move(case: Case, need: float) -> Cell:
    language = case.source.language
    if math.isinf(need):
        return table.text(words.begun(said.NO_MOVE[language]))
    by_lot = is_drawn_by_lot(case.source)
    template = said.BY_LOT if by_lot else said.TRENDS_NEEDED
    shown = template[language].format(need=case.plain(need), unit=case.unit)
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
        why = next((x for x in (removed, signs) if isinstance(x, Unavailable)), None)
        return absent("clusters", why.reason if why else said.NO_SUCH_CHECK, language)
    cluster = source.configuration.study.names.cluster[language]
    count = int(removed.value)
    shown = said.REMOVED[language].format(
        n=formats.count(count, language),
        total=formats.count(clusters_in(case), language),
        signs=formats.count(int(signs.value), language),
    )
    return Doubt(
        name="clusters",
        needed=table.text(words.begun(said.ONE_REMOVED[language].format(cluster=cluster))),
        known=table.text(shown),
        # the count holds every other conclusion; from inconclusive not each of them overturns
        enough=table.none() if count and case.now == "inconclusive" else count > 0,
        amount=table.count(count),
        others=counted(
            short.CLUSTER_NAME[language].format(cluster=cluster),
            count,
            clusters_in(case),
            language,
        ),
    )


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
        return absent("answers", found, language)
    reach = (case.primary.estimate - found.low, found.high - case.primary.estimate)
    # a range made from the same answers holds the estimate, up to rounding
    share = share_of_worst_case(case.needed, (max(reach[0], 0.0), max(reach[1], 0.0)))
    possible = share <= 1.0
    template = said.ANSWERS_NEEDED if possible else said.ANSWERS_NEVER
    shown = template[language].format(share=formats.share(min(share, 1.0), 0, language))
    return Doubt(
        name="answers",
        needed=table.text(words.begun(shown)),
        known=table.text(words.begun(_worst(case, found, possible=possible))),
        enough=possible,
        others=(short.WORST_NAME[language],) if possible else (),
        amount=table.none()
        if math.isinf(share)
        else table.number(100 * share, decimals=0, unit="%"),
    )


def _worst(case: Case, found: Bound, *, possible: bool) -> str:
    """The worst case; where it overturns, with the primary interval moved to each of its ends.

    That interval is what overturns: the ends alone may look harmless.
    """
    language = case.source.language
    if not possible:
        return said.WORST[language].format(
            interval=case.between(found.low, found.high), unit=case.unit
        )
    ends = (found.low, found.high)
    low, high = (formats.signed(end, case.outcome.decimals, language) for end in ends)
    moves = (end - case.primary.estimate for end in ends)
    at_low, at_high = (case.between(*(bound + m for bound in case.interval)) for m in moves)
    return said.WORST_WITH[language].format(
        low=low, at_low=at_low, high=high, at_high=at_high, unit=case.unit
    )


def _attrition(case: Case) -> Doubt:
    language = case.source.language
    found = _range(case, "attrition_bounds", "panel:changes")
    if isinstance(found, str):
        return absent("attrition", found, language)
    overturns = said.OVERTURNS[case.now][language]
    around = case.between(found.ci_low, found.ci_high)
    return Doubt(
        name="attrition",
        needed=table.text(words.begun(said.ATTRITION_NEEDED[language].format(overturns=overturns))),
        known=table.text(
            words.begun(said.ATTRITION_KNOWN[language].format(interval=around, unit=case.unit))
        ),
        enough=overturned(case.now, case.under(found)),
        amount=table.none(),
    )
