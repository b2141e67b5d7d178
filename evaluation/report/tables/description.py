"""The programme's description, phrase by phrase: what measures each, and what is not measured."""

from collections.abc import Iterator

from evaluation.config.exhibits import Exhibit
from evaluation.config.review import Phrase
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Part
from evaluation.report import disclosure, estimate_rows
from evaluation.report.effect_rows import EffectLine
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table
from evaluation.report.prose import notes, table_frame
from evaluation.report.prose.conclusions import SIMULTANEOUS
from evaluation.report.sources import Source, find

FIELDS = ("estimate", "ci_low", "ci_high", "p_adjusted", "mde", "seen")


@table.builds
def description(exhibit: Exhibit, source: Source) -> Table:
    """Per phrase of the programme's description: outcomes with their effects, what is not measured.

    Raises
    ------
    ReportError
        The study has no description.toml; an outcome has neither an estimate nor a reason.
    """
    phrases = source.configuration.description
    if not phrases:
        where = f"config/{source.configuration.study.id}"
        raise ReportError.of(
            "description-absent", "write-description", where, rule="missing-record"
        )
    rows = [row for phrase in phrases for row in _phrase_rows(phrase, source)]
    answered, left = (sum(map(bool, x)) for x in zip(*map(_answers, phrases), strict=True))
    found = [line.found for phrase in phrases for line in _phrase_lines(phrase, source)]
    specification = source.plan.primary_specification()
    language, study = source.language, source.configuration.study
    counted = source.wording("description.counted", n=len(phrases), measured=answered, left=left)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("description_phrase", shown="download"),
            "description_answer",
            *table.columns("estimate", shown="with unit"),
            *table.columns("ci_low", "ci_high", "p_adjusted"),
            *table.columns("mde", shown="download"),
            "seen",
        ),
        rows=rows,
        generated=(
            source.note("description.can-be-seen", "description.seen-note"),
            *notes.condition([specification], language),
            *notes.inference(source, found),
            notes.signs(language),
            disclosure.rule_note(study, language),
        ),
        found=found,
        sentences=(("counted", counted),),
    )


def _answers(phrase: Phrase) -> tuple[bool, bool]:
    """Whether an outcome measures it, and whether something of it is not measured."""
    return bool(phrase.outcomes), phrase.not_measured is not None


def _phrase_lines(phrase: Phrase, source: Source) -> list[EffectLine]:
    """Its outcomes among everybody, in the order of the phrase."""
    specification = source.plan.primary_specification()
    step = source.plan.read_by(specification)
    return [
        EffectLine(
            source=source,
            specification=specification,
            outcome=source.outcome(name),
            found=find(source, name, specification=specification, step=step),
        )
        for name in phrase.outcomes
    ]


def _phrase_rows(phrase: Phrase, source: Source) -> Iterator[Row]:
    language = source.language

    def row(name: str, label: str, *cells: Cell) -> Row:
        padded = estimate_rows.padded(len(FIELDS), *cells)
        text = phrase.phrase[language]
        return table.row(f"{phrase.id}-{name}", text, label, *padded, group=text)

    for line in _phrase_lines(phrase, source):
        yield row(line.outcome.id, line.outcome.label[language], *_effect_cells(line))
    if phrase.among:
        for line, group in _among(phrase.among, source):
            label = source.wording(
                "description.among",
                group=group,
                outcome=words.in_sentence(line.outcome.label[language]),
            )
            yield row(f"{phrase.among}-{line.outcome.id}", label, *_effect_cells(line))
    if phrase.not_measured is not None:
        # a sentence is shown over all columns, as the reason of a row without numbers is
        sentence = Cell(kind="unavailable", text=phrase.not_measured[language])
        yield row("not_measured", source.wording("description.not-measured"), sentence)


def _among(check: str, source: Source) -> Iterator[tuple[EffectLine, str]]:
    """Effects on the first group of a check, with the group's name."""
    declared = next(c for c in source.plan.check if c.id == check)
    group, plan = declared.groups[0], source.plan.checked()
    specification = plan.primary_specification()
    records: list[Estimate | Unavailable] = [
        *source.records.check_estimates,
        *source.records.check_unavailable,
    ]
    for outcome in source.plan.outcomes_of_check(declared):
        for x in records:
            here = (x.specification, x.outcome, x.sample) == (check, outcome.id, Part(group.id))
            if here and x.step in (plan.inference.primary_step, "all", ""):
                line = EffectLine(
                    source=source, specification=specification, outcome=outcome, found=x
                )
                yield line, group.label[source.language]
                break


def _effect_cells(line: EffectLine) -> tuple[Cell, ...]:
    source, found = line.source, line.found
    if isinstance(found, Unavailable):
        return estimate_rows.absent(source, found, len(FIELDS))
    decimals, unit = line.outcome.decimals, words.unit(found.unit, "en")
    given = {
        # of primary outcomes the interval is simultaneous, and this would be p of the same test
        "p_adjusted": table.none()
        if found.adjustment in SIMULTANEOUS
        else table.adjusted_p(found.p_adjusted, adjustment=found.adjustment),
        "mde": table.number(found.mde, decimals=decimals, unit=unit),
        "seen": table.text(_seen(line, found)),
    }
    return estimate_rows.cells(source, found, FIELDS, decimals=decimals, given=given)


# of the comparison group's level: a smaller change than this half is what a programme may bring
HALF = 0.5


def _seen(line: EffectLine, found: Estimate) -> str:
    """From which size on the sample shows an effect; that half of a percentage is too little.

    The second where the interval includes zero and the outcome is a percentage: a level on a scale
    or in SD says nothing about how large a change could be.
    """
    outcome, source = line.outcome, line.source
    level = found.baseline_comparison_mean
    blind = (
        outcome.unit == "percentage points"
        and found.ci_low <= 0 <= found.ci_high
        and found.mde > HALF * level
    )
    return source.wording(
        "description.cannot-be-seen" if blind else "description.seen",
        mde=words.with_unit(
            number_format.plain(found.mde, outcome.decimals, source.language),
            outcome.unit,
            source.language,
        ),
        level=number_format.plain(level, outcome.decimals, source.language),
    )
