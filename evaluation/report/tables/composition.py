"""Whether the people interviewed changed differently in the two groups, and the effect if not."""

from collections.abc import Mapping, Sequence

from evaluation.locale.messages import entries, wording
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_rows import CheckLine, lines_of, variant
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Joined, Row, Shown, Table, slug
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.prose import check_words, notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.plan import Check, Outcome
from evaluation.study.records import Estimate, Unavailable
from evaluation.study.row_keys import Covariate, Covariates

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
    ("n", "print"),
    ("clusters_treated", "print"),
    ("clusters_comparison", "print"),
    ("std_error", "download"),
)
JOINED: Mapping[str, Joined] = {"ci_high": "to", "clusters_comparison": "brackets"}
FIELDS = (
    "estimate", "ci_low", "ci_high", "p_value", "step", "n", "n_clusters_treated",
    "n_clusters_comparison", "std_error",
)  # fmt: skip
JOINT, JOINT_NAMES = Covariates("joint"), ("joint_df1", "joint_df2", "joint_f", "joint_p")
EFFECTIVE = "lowest_effective_share"
# Covariates are in percentage points or SD, whatever the outcome's own decimals.
DECIMALS = {"percentage points": 1}  # others: 2
SIGNIFICANT = 0.05


@table.builds
def composition(exhibit: Exhibit, source: Source) -> Table:
    """Covariates as outcomes, all at once, then each outcome with the mix of people held fixed.

    Raises
    ------
    ReportError
        The plan has no check of composition, or one has neither a result nor a reason.
    """
    checks = records.checks_of(source, "composition")
    rows = tuple(row for check in checks for row in _rows(exhibit, source, check))
    found = [x.found for check in checks for x in _all_lines(exhibit, source, check)]
    columns = (
        check_words.column(source, "covariate"),
        check_words.column(source, "change_difference", shown="with unit"),
        *(
            check_words.column(source, name, joined=JOINED.get(name, ""), shown=shown)
            if name in entries("column-of-change")
            else table_frame.column(source, name, joined=JOINED.get(name, ""), shown=shown)
            for name, shown in COLUMNS
        ),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(
            records.answers(source, checks),
            *_notes(exhibit, source, checks),
        ),
        status=records.statuses(found),
        said=tuple(("people", _sentence(source, check)) for check in checks),
    )


def _all_lines(exhibit: Exhibit, source: Source, check: Check) -> list[CheckLine]:
    shown = records.outcomes_of(exhibit, source, check)
    return [*_covariates(source, check), *(x for o in shown for x in _targets(source, check, o))]


def _first(source: Source, check: Check) -> Outcome:
    """The outcome that the covariates' rows are recorded with."""
    return source.plan.outcomes_of_check(check)[0]


def _covariates(source: Source, check: Check) -> tuple[CheckLine, ...]:
    lines = lines_of(source, check, _first(source, check))
    return tuple(x for x in lines if isinstance(x.sample, Covariate))


def _targets(source: Source, check: Check, outcome: Outcome) -> tuple[CheckLine, ...]:
    beside = check.declared.beside
    lines = tuple(x for x in lines_of(source, check, outcome) if not isinstance(x.sample, beside))
    if not lines:
        raise records.missing(source, check, outcome)
    return lines


def _rows(exhibit: Exhibit, source: Source, check: Check) -> list[Row]:
    language = source.language
    heading = wording("composition.people", language)
    rows = [
        Row(
            id=f"{check.id}-{slug(line.sample.text())}",
            group=heading,
            cells=(table.text(covariate(line)), *_cells(source, line.found, None)),
        )
        for line in _covariates(source, check)
    ]
    rows += [_joint_row(source, check, heading)]
    for outcome in records.outcomes_of(exhibit, source, check):
        group = (
            f"{wording('composition.reweighted', language)}: {in_sentence(outcome.label[language])}"
        )
        top = records.primary(source, outcome)
        label = wording("primary-estimate", language)
        cells = (table.text(label), *_cells(source, top, outcome))
        rows.append(Row(id=f"{outcome.id}-primary", group=group, cells=cells))
        for line in _targets(source, check, outcome):
            said = begun(variant(line.sample, check, source)) or check.label[language]
            cells = (table.text(said), *_cells(source, line.found, outcome))
            rows.append(
                Row(id=f"{outcome.id}-{slug(line.sample.text())}", group=group, cells=cells)
            )
    return rows


def covariate(line: CheckLine) -> str:
    """A covariate, or one answer of it, in the dictionary's words."""
    key = line.sample
    name, value = key.value, key.answer if isinstance(key, Covariate) else ""
    dictionary, language = line.source.configuration.dictionary, line.source.language
    if name not in dictionary.variables:
        return f"{name}: {value}" if value else name
    label = dictionary.variables[name].label[language]
    rounds = [r.id for r in line.source.configuration.study.round]
    lists = [dictionary.code_list(name, round_) for round_ in rounds]
    answers = {
        str(code.value): getattr(code, language)
        for x in lists
        if x is not None
        for code in x.values
    }
    return f"{label}: {in_sentence(answers.get(value, value))}" if value else label


def _joint_row(source: Source, check: Check, heading: str) -> Row:
    language = source.language
    test = _joint(source, check)
    if isinstance(test, Unavailable):
        label = wording("composition.all-at-once", language)
        cells = estimate_rows.absent(source, test, len(FIELDS))
    else:
        first, second, f = test[:3]
        label = wording(
            "composition.all-covariates",
            language,
            first=number_format.plain(first, 0, language),
            second=number_format.plain(second, 0, language),
            f=number_format.plain(f, 2, language),
        )
        before = estimate_rows.padded(FIELDS.index("p_value"))
        cells = estimate_rows.padded(len(FIELDS), *before, table.p_value(test[3]))
    return Row(id=f"{check.id}-joint", group=heading, cells=(table.text(label), *cells))


def _joint(source: Source, check: Check) -> tuple[float, ...] | Unavailable:
    """Degrees of freedom, F and p of the joint test, or why there is none.

    Raises
    ------
    ReportError
        There is neither.
    """
    outcome = _first(source, check)
    found = [records.quantity(source, check, outcome, n, sample=JOINT) for n in JOINT_NAMES]
    numbers = tuple(x for x in found if isinstance(x, float))
    if len(numbers) == len(JOINT_NAMES):
        return numbers
    reason = records.absent(source, check, outcome, sample=JOINT) or next(
        (x.found for x in lines_of(source, check, outcome) if isinstance(x.found, Unavailable)),
        None,
    )
    if reason is None:
        raise records.missing(source, check, outcome)
    return reason


def _cells(
    source: Source, found: Estimate | Unavailable, outcome: Outcome | None
) -> tuple[Cell, ...]:
    unit = found.unit if isinstance(found, Estimate) else ""
    decimals = outcome.decimals if outcome is not None else DECIMALS.get(unit, 2)
    return estimate_rows.cells(source, found, FIELDS, decimals=decimals)


def _notes(exhibit: Exhibit, source: Source, checks: Sequence[Check]) -> tuple[str, ...]:
    language = source.language
    return (
        wording("composition.covariates", language),
        wording("composition.reading", language),
        labelled(
            wording("composition.mix", language),
            wording("composition.mix-is", language),
            *_effective(exhibit, source, checks),
        ),
        notes.signs(source.language),
    )


def _effective(exhibit: Exhibit, source: Source, checks: Sequence[Check]) -> list[str]:
    """How much the reweighting costs at most."""
    shares = [
        records.quantity(source, check, line.outcome, EFFECTIVE, sample=line.sample)
        for check in checks
        for outcome in records.outcomes_of(exhibit, source, check)
        for line in _targets(source, check, outcome)
    ]
    known = [x for x in shares if isinstance(x, float)]
    if not known:
        return []
    share = number_format.share(min(known), 0, source.language)
    return [wording("composition.mix-costs", source.language, share=share)]


def _sentence(source: Source, check: Check) -> str:
    """Whether the people interviewed changed differently, in a sentence."""
    test, language = _joint(source, check), source.language
    found = [x for x in _covariates(source, check) if isinstance(x.found, Estimate)]
    away = [
        covariate(x)
        for x in found
        if isinstance(x.found, Estimate) and (x.found.ci_low > 0 or x.found.ci_high < 0)
    ]
    if isinstance(test, Unavailable) or not found:
        return wording("composition.not-tested", language)
    said = "composition.changed" if test[3] < SIGNIFICANT else "composition.not-changed"
    return wording(
        said,
        language,
        p=number_format.p_value(test[3], language),
        away=len(away),
        n=len(found),
        named=f" ({'; '.join(away)})" if away else "",
    )
