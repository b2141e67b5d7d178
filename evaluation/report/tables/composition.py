"""Whether the people interviewed changed differently in the two groups, and the effect if not."""

from collections.abc import Iterator, Sequence

from evaluation.config.check_kinds import kind_of
from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Check
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.estimation.row_keys import Covariate, Covariates
from evaluation.report import check_rows as records
from evaluation.report import estimate_rows
from evaluation.report.check_labels import variant
from evaluation.report.check_rows import CheckLine, CheckResult, results
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Cell, Row, Table, slug
from evaluation.report.formats.words import begun, in_sentence, labelled
from evaluation.report.prose import notes, table_frame
from evaluation.report.sources import Source

COLUMNS = (
    *table.columns("covariate"),
    *table.columns("change_difference", shown="with unit"),
    *table.columns("ci_low", "ci_high", "p_value", "step", "n", "clusters_treated"),
    *table.columns("clusters_comparison", joined={"clusters_comparison": "brackets"}),
    *table.columns("std_error", shown="download"),
)
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
    of_outcomes = {c.id: results(exhibit, source, (c,)) for c in checks}
    effective = _effective([result for found in of_outcomes.values() for result in found])
    mix = (source.wording("composition.mix"), source.wording("composition.mix-is"), effective)
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=(row for check in checks for row in _rows(source, check, of_outcomes[check.id])),
        generated=(
            records.answers(source, checks),
            source.wording("composition.covariates"),
            source.wording("composition.reading"),
            labelled(*mix),
            notes.signs(source.language),
        ),
        found=(
            line.found
            for check in checks
            for line in (
                *_covariates(_first(source, check)),
                *(x for result in of_outcomes[check.id] for x in _targets(result)),
            )
        ),
        sentences=(("people", _sentence(_first(source, check))) for check in checks),
    )


def _first(source: Source, check: Check) -> CheckResult:
    """The result of the outcome that the covariates' rows are recorded with."""
    outcome = source.plan.outcomes_of_check(check)[0]
    return CheckResult(source=source, check=check, outcome=outcome)


def _covariates(result: CheckResult) -> list[CheckLine]:
    return [x for x in result.lines() if isinstance(x.sample, Covariate)]


def _targets(result: CheckResult) -> list[CheckLine]:
    beside = kind_of(result.check).beside
    lines = [x for x in result.lines() if not isinstance(x.sample, beside)]
    if not lines:
        raise result.missing()
    return lines


def _rows(source: Source, check: Check, found: Sequence[CheckResult]) -> Iterator[Row]:
    language, people = source.language, source.wording("composition.people")
    for line in _covariates(_first(source, check)):
        cells = _covariate_cells(source, line.found)
        yield table.row(
            f"{check.id}-{slug(line.sample.text())}", covariate(line), *cells, group=people
        )
    yield _joint_row(_first(source, check), people)
    for result in found:
        outcome = result.outcome
        label = in_sentence(outcome.label[language])
        group = f"{source.wording('composition.reweighted')}: {label}"
        lines = [
            ("primary", records.base_label(source), result.base),
            *(
                (
                    slug(x.sample.text()),
                    begun(variant(x.sample, check, source)) or check.label[language],
                    x.found,
                )
                for x in _targets(result)
            ),
        ]
        for name, name_shown, estimate in lines:
            cells = result.cells(estimate, FIELDS)
            yield table.row(f"{outcome.id}-{name}", name_shown, *cells, group=group)


def covariate(line: CheckLine) -> str:
    """A covariate, or one answer of it, in the dictionary's words."""
    key = line.sample
    name, value = key.value, key.answer if isinstance(key, Covariate) else ""
    dictionary, language = line.source.configuration.dictionary, line.source.language
    if name not in dictionary.variables:
        return f"{name}: {value}" if value else name
    label = dictionary.variables[name].label[language]
    lists = [dictionary.code_list(name, r) for r in line.source.configuration.study.rounds]
    answers = {
        str(code.value): getattr(code, language)
        for codes in lists
        if codes is not None
        for code in codes.values
    }
    return f"{label}: {in_sentence(answers.get(value, value))}" if value else label


def _joint_row(result: CheckResult, group: str) -> Row:
    source, test = result.source, _joint(result)
    if isinstance(test, Unavailable):
        label = source.wording("composition.all-at-once")
        cells = estimate_rows.absent(source, test, len(FIELDS))
    else:
        label = estimate_rows.joint_label(source, "composition.all-covariates", test)
        cells = estimate_rows.joint_cells(FIELDS, test[-1])
    return table.row(f"{result.check.id}-joint", label, *cells, group=group)


def _joint(result: CheckResult) -> tuple[float, ...] | Unavailable:
    """Degrees of freedom, F and p of the joint test, or why there is none.

    Raises
    ------
    ReportError
        There is neither.
    """
    numbers = result.quantities(*JOINT_NAMES, sample=JOINT)
    if numbers is not None:
        return numbers
    refused = (x.found for x in result.lines() if isinstance(x.found, Unavailable))
    reason = result.absent(JOINT) or next(refused, None)
    if reason is None:
        raise result.missing()
    return reason


def _covariate_cells(source: Source, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    unit = found.unit if isinstance(found, Estimate) else ""
    return estimate_rows.cells(source, found, FIELDS, decimals=DECIMALS.get(unit, 2))


def _effective(found: Sequence[CheckResult]) -> str:
    """How much the reweighting costs at most."""
    shares = [
        result.quantity(EFFECTIVE, line.sample) for result in found for line in _targets(result)
    ]
    known = [x for x in shares if isinstance(x, float)]
    if not known:
        return ""
    source = found[0].source
    share = number_format.share(min(known), 0, source.language)
    return source.wording("composition.mix-costs", share=share)


def _sentence(result: CheckResult) -> str:
    """Whether the people interviewed changed differently, in a sentence."""
    test, source = _joint(result), result.source
    found = [(x, x.found) for x in _covariates(result) if isinstance(x.found, Estimate)]
    if isinstance(test, Unavailable) or not found:
        return source.wording("composition.not-tested")
    away = [covariate(x) for x, e in found if e.ci_low > 0 or e.ci_high < 0]
    return source.verdict(
        "composition.changed" if test[-1] < SIGNIFICANT else "composition.not-changed",
        p=number_format.p_value(test[-1], source.language),
        away=len(away),
        n=len(found),
        named=f" ({'; '.join(away)})" if away else "",
    )
