"""What may be said of each primary outcome and why, and how likely each conclusion was."""

import math
from collections.abc import Iterator, Sequence

from evaluation.config.design_records import ConclusionChance
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.locale.messages import message
from evaluation.report import estimate_rows
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import certainty, notes, sentences, table_frame
from evaluation.report.prose.conclusions import direction, strength
from evaluation.report.prose.headlines import PrimaryResult, amount, to_copy
from evaluation.report.prose.sensitivity_summary import ground, is_drawn_by_lot
from evaluation.report.prose.statements import RESTS_ON_CONCLUSION, Statement, judge
from evaluation.report.sources import Source

CONDITIONS = {
    "lot": "statement.if-by-lot",
    "baseline": "statement.if-ancova",
    "trends": "statement.if-alike",
}
COLUMNS = (
    *table.columns("phrase", "answer", "why"),
    *table.columns("conclusion", "evidence", shown="download"),
)


@table.builds
def statements(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and claim: the phrase, whether it may be said, and why.

    Parameters
    ----------
    exhibit : Exhibit
        Its outcomes (all primary ones where it names none) and one specification.
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        An estimate is nowhere, not even as unavailable.
    """
    chosen = [
        line
        for line in lines(exhibit, source)
        if line.outcome.primary
        and (isinstance(line.found, Unavailable) or PrimaryResult.of(source, line.found))
    ]
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=(row for line in chosen for row in _statement_rows(line)),
        generated=(
            source.note("statement.answered", "statement.how", "statement.rule"),
            *_condition(source, chosen),
            *notes.inference(source, found),
            notes.conclusion_rule(source.language),
        ),
        found=found,
        sentences=_sentences(chosen),
    )


def _sentences(chosen: Sequence[EffectLine]) -> Iterator[tuple[str, str]]:
    """Each conclusion in plain words, and what may follow the sentence to copy."""
    for line in chosen:
        result = PrimaryResult.of(line.source, line.found)
        yield f"plain_{line.outcome.id}", "" if result is None else _plain(result)
        yield f"second_{line.outcome.id}", "" if result is None else _second(result)


def _condition(source: Source, chosen: Sequence[EffectLine]) -> tuple[str, ...]:
    """What an effect rests on: the lottery, or that both groups would have changed alike."""
    if is_drawn_by_lot(source):
        return (source.note("note.condition", "statement.by-lot-condition"),)
    return notes.condition([line.specification for line in chosen], source.language)


def _plain(result: PrimaryResult) -> str:
    """The conclusion without a technical term, as certain as it is."""
    source, graded = result.source, result.graded
    towards = direction(result.estimate.estimate, result.outcome.desired)
    names = [f"statement.plain.{graded.kind}.{graded.wording}", f"statement.plain.{graded.kind}"]
    if graded.kind in ("ruled out", "unclear", "blinded"):
        names = names[1:]
    if graded.kind == "close to zero" and not result.is_uncertain:
        names = names[1:]
    return source.wording(
        names[0],
        direction=""
        if towards == "no desired direction"
        else source.wording(f"statement.plain-direction.{towards}"),
    )


def _second(result: PrimaryResult) -> str:
    """What may follow the sentence to copy: the threats, and the status of the plan."""
    source = result.source
    said = [*certainty.sentences(source, result.outcome)]
    if result.estimate.status != "pre-specified":
        said.append(words.status_sentence(result.estimate.status, source.language))
    return " ".join(said)


def _statement_rows(line: EffectLine) -> Iterator[Row]:
    outcome, source = line.outcome, line.source
    result = PrimaryResult.of(source, line.found)
    group = outcome.label[source.language]
    if result is None:
        reason = line.found.reason if isinstance(line.found, Unavailable) else None
        absent = table.unavailable(reason, source.language)
        cells = estimate_rows.padded(len(COLUMNS), absent)
        yield table.row(f"{outcome.id}-none", *cells, group=group)
        return
    level_of_evidence = strength(source, line.specification, outcome, result.estimate)
    for statement in judge(
        result.estimate,
        outcome,
        concluded=result.found,
        smallest_effect=outcome.smallest_effect or math.inf,
        strength=level_of_evidence,
        graded=result.graded,
    ):
        yield table.row(
            f"{outcome.id}-{statement.claim}",
            *_cells(result, statement),
            result.found.said(outcome, source.language),
            source.wording(f"evidence.{level_of_evidence}"),
            group=group,
        )


def _cells(result: PrimaryResult, statement: Statement) -> tuple[str, Cell, str]:
    source, language = result.source, result.source.language
    holes = _holes(result)
    phrase = source.wording(f"statement.phrase.{statement.claim}", **holes)
    if statement.claim in RESTS_ON_CONCLUSION and statement.answer != "no":
        matters = statement.claim == "matters"
        doubts = certainty.sentences(source, result.outcome, whether_it_matters=matters)
        phrase = " ".join((phrase, *doubts))
    # a phrase is copied without the table around it
    of_study = words.data_mark(source.configuration.study.mark, language).rstrip(".")
    mark = f"[{of_study}] " if of_study else ""
    answer = source.wording(f"statement.answer.{statement.answer}")
    return (
        number_format.quoted(f"{mark}{phrase.rstrip()}", language),
        Cell(kind=statement.answer, text=answer),
        source.wording(f"statement.why.{statement.reason}", **holes),
    )


def _holes(result: PrimaryResult) -> dict[str, str]:
    """What the templates may name: the outcome, its effect, the interval and the limits."""
    outcome, source, language = result.outcome, result.source, result.source.language
    estimate = result.estimate
    bounds = number_format.interval(estimate.ci_low, estimate.ci_high, outcome.decimals, language)
    unit = words.unit_in_sentence(outcome.unit, language, number="other")
    size, rises = abs(estimate.estimate), estimate.estimate > 0
    smallest = outcome.smallest_effect or math.inf

    def effect(value: float, beside: float | None = None) -> str:
        return sentences.amount(value, outcome, language=language, beside=beside)

    return {
        "name": words.noun(outcome, language),
        "begun": words.begun(words.noun(outcome, language)),
        "if_alike": source.wording(CONDITIONS[ground(source.configuration)]),
        "equivalence": result.found.bounds(outcome, language),
        "sentence": to_copy(result),
        "second": _second(result),
        "moved": source.wording("statement.raised" if rises else "statement.lowered"),
        "rose": source.wording("statement.rose" if rises else "statement.fell"),
        "amount": effect(estimate.estimate),
        "size": amount(outcome, size, language),
        "bare": number_format.plain(size, outcome.decimals, language),
        "hundredfold": number_format.plain(100 * size, max(outcome.decimals - 2, 0), language),
        "bounds": f"{bounds} {unit}",
        "interval": bounds,
        "level": number_format.percent(estimate.level, language),
        "smallest": effect(smallest, estimate.mde).removeprefix("+"),
        "mde": effect(estimate.mde, smallest).removeprefix("+"),
    }


# Printed with their percent sign.
SHARES = ("detected", "ruled_out", "inconclusive", "type_s")
CHANCES = (
    *table.columns("true_effect"),
    *table.columns(*SHARES, shown="with unit"),
    *table.columns("type_m"),
)
# A conclusion that no true effect makes as likely as this is said not to be reachable.
REACHED = 0.05


@table.builds
def conclusion_chances(exhibit: Exhibit, source: Source) -> Table:
    """One row per primary outcome and true effect; one that says so where nothing was planned."""
    made = source.records.chances
    if not made:
        absent = table.unavailable(message("power.not-planned"), source.language)
        row = table.row("none", *estimate_rows.padded(len(CHANCES), absent))
        return table_frame.table(exhibit, source, columns=CHANCES, rows=(row,))
    outcomes = [o for o in source.outcomes_of(exhibit) if o.primary]
    chances = [(o, x) for o in outcomes for x in made if x.outcome == o.id]
    return table_frame.table(
        exhibit,
        source,
        columns=CHANCES,
        rows=(_chance_row(source, o, x) for o, x in chances),
        generated=_notes(source, chances),
        sentences=(("reached", _unreached(source, outcomes, made)),),
    )


def _chance_row(source: Source, outcome: Outcome, chance: ConclusionChance) -> Row:
    language = source.language
    lead = source.wording("power.none")
    if chance.multiple != 0.0:
        amount = number_format.plain(chance.effect, outcome.decimals + 1, language)
        lead = source.wording(
            "power.times",
            multiple=number_format.shortest(chance.multiple, language),
            effect=words.with_unit(amount, outcome.unit, language),
        )
    others = _other_than_planned(source, chance)
    if others:
        lead = source.wording("power.assuming", effect=lead, assumed=_assumed(source, others))
    identifier = table.slug("-".join([f"{chance.multiple:g}", *(f"{n}_{x:g}" for n, x in others)]))
    shares = (table.number(100 * getattr(chance, name), decimals=1, unit="%") for name in SHARES)
    cells = (*shares, table.number(chance.type_m, decimals=1))
    return estimate_rows.row(source, outcome, identifier, lead, cells)


def _other_than_planned(source: Source, chance: ConclusionChance) -> list[tuple[str, float]]:
    """What a row assumes of the clusters that the plan does not."""
    given = source.plan.power
    planned = (
        next((s for s in given.spread if s.outcome == chance.outcome), None) if given else None
    )
    pairs = (("cluster_autocorrelation", "autocorrelation"), ("icc", "icc"))
    return [
        (short, getattr(chance, name))
        for name, short in pairs
        if planned is not None and getattr(chance, name) != getattr(planned, name)
    ]


def _assumed(source: Source, values: Sequence[tuple[str, float]]) -> str:
    return ", ".join(
        source.wording(f"power.{name}", value=number_format.shortest(value, source.language))
        for name, value in values
    )


def _unreached(
    source: Source, outcomes: Sequence[Outcome], made: Sequence[ConclusionChance]
) -> str:
    """Of which outcomes no effect can be ruled out, whatever the truth, in the planned design."""
    planned = [x for x in made if not _other_than_planned(source, x)]
    best = {o.id: max(x.ruled_out for x in planned if x.outcome == o.id) for o in outcomes}
    named = [words.noun(o, source.language) for o in outcomes if best[o.id] < REACHED]
    if not named:
        return ""
    listed = number_format.listed(named, source.language)
    return source.wording("power.unreached.ruled_out", outcomes=listed)


def _error(source: Source, outcome: Outcome, chance: ConclusionChance, *, is_ancova: bool) -> str:
    """The planned standard error of an outcome, with what is assumed for it."""
    assumed = [("icc", chance.icc)]
    if not is_ancova:
        assumed.append(("autocorrelation", chance.cluster_autocorrelation))
    return source.wording(
        "power.error",
        outcome=outcome.label[source.language].split(" (")[0],
        error=number_format.plain(chance.std_error, outcome.decimals + 1, source.language),
        assumed=_assumed(source, assumed),
    )


def _notes(source: Source, chances: Sequence[tuple[Outcome, ConclusionChance]]) -> tuple[str, ...]:
    language, given = source.language, source.plan.power
    first = chances[0][1]
    as_planned = [(o, x) for o, x in chances if not _other_than_planned(source, x)]
    planned = ""
    if given is not None:
        is_ancova = source.plan.primary_specification().method == "ancova"
        lock = source.configuration.preregistration.lock
        errors = (
            _error(source, o, x, is_ancova=is_ancova) for o, x in as_planned if x.multiple == 0.0
        )
        planned = source.note(
            "power.inputs",
            "power.planned-endlines" if is_ancova else "power.planned",
            "" if len(as_planned) == len(chances) else "power.other-assumptions",
            ""
            if lock is None
            else f"power.{'after' if lock.endline_data_seen else 'before'}-endline",
            "power.endlines" if is_ancova else "",
            treated=given.treated,
            comparison=given.comparison,
            respondents=number_format.shortest(given.respondents, language),
            errors="; ".join(errors),
            deff=number_format.shortest(given.weight_deff, language),
        )
    return (
        planned,
        source.note(
            "power.closed-form",
            "power.formula",
            outer=number_format.plain(first.critical, 2, language),
            inner=number_format.plain(first.critical_90, 2, language),
        ),
        source.note("power.types", "power.types-mean"),
    )
