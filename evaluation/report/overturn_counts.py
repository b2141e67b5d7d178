"""What would overturn a primary verdict: how many other intervals do, and which of them."""

import math
from collections.abc import Mapping

from evaluation.report import agreement, formats, table, words
from evaluation.report import review_words as said
from evaluation.report.conclusions import CONCLUSIONS, Conclusion
from evaluation.report.overturn import overturned
from evaluation.report.overturn_case import (
    Case,
    Doubt,
    absent,
    clusters_in,
    counted,
    wanted,
)
from evaluation.report.robustness import each_left_out, models_under
from evaluation.report.sources import diagnostic
from evaluation.spec.plan import Check
from evaluation.spec.records import Diagnostic, Estimate

REMOVED = "loo_verdict_changes"


def places(case: Case) -> tuple[Doubt, ...]:
    """One line for each check that leaves one place out at a time."""
    return tuple(
        _place(case, check, found) for check, found in each_left_out(case.source, case.outcome)
    )


def _place(case: Case, check: Check, found: list[Estimate]) -> Doubt:
    language = case.source.language
    known, overturning = _votes(case, found)
    return Doubt(
        name="places",
        label=check.label[language],
        key=check.id,
        needed=wanted(case) if found else table.unavailable(said.HIDDEN, language),
        known=table.text(known) if found else table.none(),
        enough=overturning > 0 if found else table.none(),
        amount=table.count(overturning) if found else table.none(),
        others=counted(check.label[language], _differing(case, found), len(found), language),
    )


def _differing(case: Case, found: list[Estimate]) -> int:
    """How many estimates have another verdict, whether or not it overturns today's."""
    return sum(case.under(e) != case.now for e in found)


def _votes(case: Case, found: list[Estimate]) -> tuple[str, int]:
    """How many estimates overturn the verdict, in words with those that only differ, and bare."""
    language = case.source.language
    rulings = [case.under(e) for e in found]
    overturning = sum(overturned(case.now, r) for r in rulings)
    shown = said.CHANGE_IT[language].format(
        n=formats.count(overturning, language), total=formats.count(len(found), language)
    )
    return _more(shown, sum(r != case.now for r in rulings) - overturning, language), overturning


def _more(shown: str, differ: int, language: str) -> str:
    """With how many have another verdict that does not overturn, where there are any."""
    if not differ:
        return shown
    return said.DIFFER[language].format(said=shown, n=formats.count(differ, language))


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


def methods(case: Case) -> Doubt:
    """The other inference methods of the plan."""
    language = case.source.language
    found, missing = other_methods(case)
    named = {words.step(e.step, language): case.under(e) for e in found}
    return _counted(case, "methods", named=named, missing=missing)


def specifications(case: Case) -> Doubt:
    """The sensitivity specifications."""
    plan, found = case.source.plan, models_under(case.source, case.primary)
    asked = sum(
        s.status == "sensitivity" and case.outcome in plan.outcomes_of(s)
        for s in plan.specification
    )
    return _counted(case, "specifications", named=found, missing=asked - len(found))


def _counted(case: Case, name: str, *, named: Mapping[str, Conclusion], missing: int) -> Doubt:
    """A line that counts verdicts that overturn, by name."""
    language, total = case.source.language, len(named)
    names = [x for x, ruling in named.items() if overturned(case.now, ruling)]
    shown = (
        said.SOME_OF[language].format(
            n=len(names), total=total, names=formats.listed(names, language)
        )
        if names
        else said.NONE_OF[language].format(n=total)
    )
    differ = sum(ruling != case.now for ruling in named.values()) - len(names)
    shown = _more(shown, differ, language)
    if missing:
        shown = said.NOT_HAD[language].format(said=shown, n=missing)
    return Doubt(
        name=name,
        needed=wanted(case),
        known=table.text(words.begun(shown)),
        enough=bool(names) if total else table.none(),
        amount=table.count(len(names)),
        others=tuple(x for x, ruling in named.items() if ruling != case.now),
    )


def checks(case: Case) -> Doubt:
    """Rows of the primary question; rows of another question are told but have no vote."""
    source, language = case.source, case.source.language
    judged = [
        x
        for x in agreement.judged(source, case.outcome)
        if x.line.check.kind != "leave_one_out" and x.shown is not None
    ]
    same = [x.shown for x in judged if x.asks == "same" and x.shown is not None]
    others = [x.shown for x in judged if x.asks not in ("same", "repeats") and x.shown is not None]
    if not same:
        return absent("checks", said.NO_SUCH_CHECK, language)
    known, overturning = _votes(case, same)
    if others:
        known = said.OTHER_ROWS[language].format(
            said=known,
            n=formats.count(sum(case.under(e) != case.now for e in others), language),
            total=formats.count(len(others), language),
        )
    return Doubt(
        name="checks",
        needed=wanted(case),
        known=table.text(known),
        enough=overturning > 0,
        amount=table.count(overturning),
        others=counted(
            said.DOUBTS["checks"][language], _differing(case, same), len(same), language
        ),
    )


def sentence(case: Case) -> str | None:
    """What would overturn the verdict, in a sentence; None where a part cannot be had."""
    removed = diagnostic(case.source, case.primary, REMOVED)
    need = min(case.needed)
    found, _ = other_methods(case)
    if not isinstance(removed, Diagnostic) or math.isinf(need):
        return None
    language = case.source.language
    parts = [
        said.SENTENCE[language].format(
            label=case.outcome.label[language],
            conclusion=CONCLUSIONS[case.now][language],
            need=case.plain(need),
            unit=case.unit,
            removed=formats.count(int(removed.value), language),
            total=formats.count(clusters_in(case), language),
            clusters=case.source.configuration.study.names.clusters[language],
            others=sum(overturned(case.now, case.under(e)) for e in found),
            asked=len(found),
        )
    ]
    for check, rows in each_left_out(case.source, case.outcome):
        if rows:
            known, _ = _votes(case, rows)
            name = check.label[language]
            parts.append(said.SENTENCE_LEFT_OUT[language].format(check=name, known=known))
    return " ".join(parts)
