"""Other models of the answers, question by question, and whether the implied shares can be.

No like-for-like robustness checks: each model assumes that trends are parallel on another scale.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from evaluation.report import answer_words, formats, heads, notes, table, words
from evaluation.report import check_records as records
from evaluation.report.check_lines import CheckLine, lines_of
from evaluation.report.check_words import MODELS
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Joined, Row, Shown, Table, slug
from evaluation.report.variants import variant
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check, Outcome
from evaluation.spec.records import Estimate, Unavailable

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
    ("smallest_share", "print"),
    ("smallest_share_error", "print"),
    ("negative_shares", "print"),
    ("estimate_sd", "download"),
    ("n", "download"),
    ("n_clusters_treated", "download"),
    ("n_clusters_comparison", "download"),
)
IMPLIED = ("smallest_share", "smallest_share_std_error", "negative_shares")
JOINED: Mapping[str, Joined] = {"ci_high": "to", "smallest_share_error": "brackets"}
LINEAR = "linear"
DECIMALS = {"percentage points": 1}  # others: 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelLine:
    """One model of one question, or of the outcome itself (``question`` empty)."""

    line: CheckLine
    question: str
    model: str

    @property
    def prefix(self) -> str:
        """What stands before the samples of this question's records."""
        return f"item:{self.question}:" if self.question else ""


def functional_form(exhibit: Exhibit, source: Source) -> Table:
    """Per question: the linear effect, other models, and the distribution that trends imply.

    Raises
    ------
    ReportError
        The plan has no check of functional form, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "functional_form")
    pairs = [(c, o) for c in checks for o in records.outcomes_of(exhibit, source, c)]
    chosen = [one for check, outcome in pairs for one in models(source, check, outcome)]
    rows = tuple(_row(source, one) for one in chosen)
    columns = (
        heads.column(source, "question"),
        heads.column(source, "model"),
        *(
            heads.column(source, name, joined=JOINED.get(name, ""), shown=shown)
            for name, shown in COLUMNS
        ),
    )
    estimates = [one.line.found for one in chosen]
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(source, estimates),
            *notes.suppressed(source, rows),
        ),
        status=records.statuses(estimates),
        said=tuple((o.id, _sentence(source, c, o)) for c, o in pairs),
    )


def models(source: Source, check: Check, outcome: Outcome) -> list[ModelLine]:
    """Every model of an outcome or of its questions, in recorded order.

    Raises
    ------
    ReportError
        There is neither a result nor a reason.
    """
    found = [_told_apart(line) for line in lines_of(source, check, outcome)]
    if not found:
        raise records.missing(source, check, outcome)
    return found


def _told_apart(line: CheckLine) -> ModelLine:
    """Question and model of a sample ``item:<question>:<model>`` or ``<model>``."""
    question, model = "", line.sample
    if line.sample.startswith("item:"):
        _, question, model = line.sample.split(":", 2)
    return ModelLine(line=line, question=question, model=model)


def _row(source: Source, one: ModelLine) -> Row:
    language = source.language
    outcome, check = one.line.outcome, one.line.check
    question = variant(one.question, check, source) if one.question else outcome.label[language]
    model = MODELS[one.model][language] if one.model in MODELS else check.label[language]
    return Row(
        id=f"{outcome.id}-{slug(one.line.sample)}",
        group=outcome.label[language],
        cells=(
            table.text(question),
            table.text(words.begun(model)),
            *_effect(source, one.line.found),
            *_implied(source, one),
            *_sizes(source, one.line.found),
        ),
    )


def _effect(source: Source, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    blank = (table.none(),) * 4
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *blank)
    if records.withheld(source, found):
        return (table.suppressed(source.language), *blank)
    unit, decimals = words.unit(found.unit, "en"), DECIMALS.get(found.unit, 2)
    return (
        *(
            table.effect(x, decimals=decimals, unit=unit)
            for x in (found.estimate, found.ci_low, found.ci_high)
        ),
        table.p_value(found.p_value),
        table.text(words.step(found.step, source.language)),
    )


def _implied(source: Source, one: ModelLine) -> tuple[Cell, ...]:
    """Smallest implied share with its standard error, and how many are negative: once a question.

    They belong to parallel trends of the shares themselves, so beside the linear model.
    """
    blank = (table.none(),) * len(IMPLIED)
    found = one.line.found
    if one.model != LINEAR or isinstance(found, Unavailable):
        return blank
    if records.withheld(source, found):
        return (table.suppressed(source.language), *blank[1:])
    smallest, error, negative = (_quantity(source, one, name) for name in IMPLIED)
    if smallest is None:
        return blank  # a count or a score of many values has no distribution to imply
    return (
        _percent(source, smallest),
        _percent(source, error),
        table.count(round(negative)) if isinstance(negative, float) else table.none(),
    )


def _quantity(source: Source, one: ModelLine, name: str) -> float | Unavailable | None:
    return records.quantity(
        source, one.line.check, one.line.outcome, name, sample=f"{one.prefix}implied"
    )


def _percent(source: Source, found: float | Unavailable | None) -> Cell:
    if isinstance(found, Unavailable):
        return table.unavailable(found.reason, source.language)
    return table.none() if found is None else table.number(100 * found, decimals=1, unit="%")


def _sizes(source: Source, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    if isinstance(found, Unavailable) or records.withheld(source, found):
        return (table.none(),) * 4
    return (
        table.in_sd(found.estimate_sd),
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
    )


def _notes(source: Source, found: list[Estimate | Unavailable]) -> tuple[str, ...]:
    linear = [e for e in found if isinstance(e, Estimate) and e.step in ("wcr", "wcr_s")]
    return (
        answer_words.MODELS[source.language],
        answer_words.IMPLIED_SHARES[source.language],
        *((notes.inference(source, linear),) if linear else ()),
        answer_words.FITTED_AGAIN[source.language],
    )


def _sentence(source: Source, check: Check, outcome: Outcome) -> str:
    """Whether models in the linear model's unit agree in sign, and the implied shares."""
    chosen = models(source, check, outcome)
    label, language = outcome.label[source.language], source.language
    linear = [one for one in chosen if one.model == LINEAR and _shown(source, one)]
    if not linear:
        return answer_words.NO_MODEL[language].format(outcome=label)
    gaps = [gap for one in linear for gap in _gaps(one, chosen)]
    negative = [_quantity(source, one, "negative_shares") for one in linear]
    below = sum(round(x) for x in negative if isinstance(x, float))
    shares = {0: answer_words.NO_SHARE_IS, 1: answer_words.ONE_SHARE_IS}.get(
        below, answer_words.SHARES_ARE
    )
    return answer_words.MODELS_SENTENCE[language].format(
        outcome=label, apart=_apart(gaps, language), shares=shares[language].format(n=below)
    )


def _apart(gaps: list[tuple[float, str]], language: str) -> str:
    """How far other models lie from the linear one at most."""
    if not gaps:
        return answer_words.NO_OTHER_MODEL[language]
    size, unit = max(gaps)
    decimals = DECIMALS.get(unit, 2) + 1
    return answer_words.APART[language].format(
        largest=formats.plain(size, decimals, language), unit=words.short_unit(unit, language)
    )


def _shown(source: Source, one: ModelLine) -> bool:
    found = one.line.found
    return isinstance(found, Estimate) and not records.withheld(source, found)


def _gaps(linear: ModelLine, chosen: list[ModelLine]) -> list[tuple[float, str]]:
    """Absolute differences from the linear estimate of a question, with their unit."""
    base = linear.line.found
    return [
        (abs(one.line.found.estimate - base.estimate), base.unit)
        for one in chosen
        if one.question == linear.question
        and one.model != LINEAR
        and isinstance(one.line.found, Estimate)
        and isinstance(base, Estimate)
        and one.line.found.unit == base.unit
    ]
