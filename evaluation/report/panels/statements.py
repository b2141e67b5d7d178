"""What may be said of a panel's results: claims with their answers and reasons."""

import math
from typing import Literal

from evaluation.estimation.records import Estimate
from evaluation.report.formats import number_format
from evaluation.report.panels.lines import MEAN, answers, mean_before, spelt, treated_arm, trend
from evaluation.report.panels.sentences import OPEN, of_answer, of_power, primary_of, said_of
from evaluation.report.prose.conclusions import concluded
from evaluation.report.prose.headlines import PrimaryResult
from evaluation.report.sources import Source

Answer = Literal["yes", "care", "no"]
Statement = tuple[str, str, Answer, str]


def statements(source: Source) -> list[Statement]:
    """Claims with their answers: those that may be made first.

    Parameters
    ----------
    source : Source
    """
    first = primary_of(source)
    if first is None or first[1].status == "blinded":
        blinded = source.wording("answer.blinded")
        return [("blinded", blinded, "no", source.wording("panel.why.blinded"))]
    one = first[0]
    said = dict(of_power(source)) | dict(of_answer(source, answers(source)))
    holes = {**said_of(one), **_recorded(source)}
    made: list[tuple[str, Answer, str]] = [("in_full", "yes", "in_full")]
    if said.get("smallest"):
        made.append(("power", "yes", "power"))
    if said.get("later"):
        made.append(("later", "yes", "later"))
    made += [("recorded", "care", "recorded"), ("estimate_alone", "no", "estimate_alone")]
    made += _claims(one.source, first[1])
    result = PrimaryResult.of(source, first[1])
    uncertain = result is None or result.is_uncertain
    says = {"in_full": "panel.say.in_full.very low"} if uncertain else {}
    texts = {"power": said.get("smallest"), "later": said.get("later")}
    return [
        (
            name,
            texts.get(name) or source.wording(says.get(name, f"panel.say.{name}"), **holes),
            answer,
            source.wording(f"panel.why.{why}", **holes),
        )
        for name, answer, why in made
    ]


def _claims(source: Source, primary: Estimate) -> list[tuple[str, Answer, str]]:
    """Claims that go farther than the estimate, with their answers and reasons."""
    made = concluded(source, primary)
    fell = primary.estimate < 0.0
    never: list[tuple[str, Answer, str]] = [(x, "no", x) for x in ("before_after", "one_place")]
    if primary.ci_low <= 0.0 <= primary.ci_high:
        is_open = made is None or made.conclusion == OPEN
        nothing = "nothing" if is_open else "nothing-small"
        of_falls = ("significant", "longer") if fell else ()
        falls: list[tuple[str, Answer, str]] = [(x, "no", x) for x in of_falls]
        return [("reduced", "no", "reduced"), *falls, ("nothing", "no", nothing), *never]
    result = PrimaryResult.of(source, primary)
    uncertain = result is None or result.is_uncertain
    reduced: tuple[str, Answer, str] = ("reduced", "no", "reduced-rose")
    if fell:
        why: tuple[Answer, str] = (
            ("no", "reduced-uncertain") if uncertain else ("care", "reduced-care")
        )
        reduced = ("reduced", *why)
    return [reduced, ("nothing", "no", "nothing-detected"), *never]


def _recorded(source: Source) -> dict[str, object]:
    """Rates before and after, and the p-value of the other test."""
    name, language = source.plan.primary_specification().id, source.language
    before, after = source.plan.primary_specification().contrast
    arm = treated_arm(source)
    p = next(
        (e.p_value for e in source.records.estimates if (e.specification, e.step) == (name, "ri")),
        math.nan,
    )
    return {
        "before": number_format.plain(mean_before(source), 1, language),
        "after": number_format.plain(trend(source, MEAN, arm, after).mean, 1, language),
        "from": spelt(before, language),
        "p": number_format.p_value(p, language) if not math.isnan(p) else "",
    }
