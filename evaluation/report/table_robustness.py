"""The robustness table of one primary outcome: each doubt a row, under the primary estimate."""

from evaluation.report import formats, heads, notes, table, words
from evaluation.report.check_lines import CheckLine, same_question
from evaluation.report.disclosure import is_small
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.table import Cell, Row, Shown, Table
from evaluation.report.verdicts import verdict
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome, Theme
from evaluation.spec.records import Estimate, Unavailable

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("step", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("verdict", "print"),
    ("estimate_sd", "download"),
    ("std_error", "download"),
    ("df", "download"),
    ("status", "download"),
)
PRIMARY = "primary"


def robustness(exhibit: Exhibit, source: Source) -> Table:
    """One row per check (and variant) of the exhibit's one outcome, the primary estimate first.

    Raises
    ------
    ReportError
        The primary estimate is nowhere, not even as unavailable.
    """
    outcome = source.outcome(exhibit.outcomes[0])
    primary = source.plan.primary_specification()
    top = find(source, outcome.id, specification=primary, step=primary_step(source, primary))
    chosen = same_question(source, outcome)
    rows = (
        _row(source, outcome, PRIMARY, words.PRIMARY_ROW[source.language], "", top),
        *_other_weights(source, outcome),
        *(_row(source, outcome, x.id, x.label, _theme(x), x.found) for x in _by_theme(chosen)),
    )
    columns = (
        heads.column(source, "check"),
        *(
            heads.column(source, name, joined="to" if name == "ci_high" else "", shown=shown)
            for name, shown in COLUMNS
        ),
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(*_notes(source, chosen, top), *notes.suppressed(source, rows)),
        status=tuple(x.found.status for x in chosen if isinstance(x.found, Estimate)),
        said=_said(source, outcome, chosen, top),
    )


def _other_weights(source: Source, outcome: Outcome) -> tuple[Row, ...]:
    """The plan's sensitivity specifications with another estimand, such as population weights."""
    primary = source.plan.primary_specification()
    chosen = [
        s
        for s in source.plan.specification
        if s.status == "sensitivity"
        and s.estimand != primary.estimand
        and outcome in source.plan.outcomes_of(s)
    ]
    return tuple(
        _row(
            source,
            outcome,
            s.id,
            s.label[source.language],
            words.OTHER_WEIGHTS[source.language],
            find(source, outcome.id, specification=s, step=primary_step(source, s)),
        )
        for s in chosen
    )


def _theme(line: CheckLine) -> str:
    return words.THEMES[line.check.theme][line.source.language]


def _by_theme(chosen: tuple[CheckLine, ...]) -> list[CheckLine]:
    order = list(words.THEMES)
    return sorted(chosen, key=lambda x: order.index(x.check.theme))


def _row(
    source: Source,
    outcome: Outcome,
    identifier: str,
    label: str,
    group: str,
    found: Estimate | Unavailable,
) -> Row:
    return Row(
        id=identifier,
        group=group,
        cells=(table.text(label), *_cells(source, outcome, found)),
    )


def _cells(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    empty = (table.none(),) * (len(COLUMNS) - 1)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *empty)
    study = source.configuration.study
    fewest = min(found.n_clusters_treated, found.n_clusters_comparison)
    if is_small(found.n, fewest, study=study):
        return (table.suppressed(source.language), *empty)
    unit = words.unit(outcome.unit, "en")
    return (
        table.effect(found.estimate, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_low, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_high, decimals=outcome.decimals, unit=unit),
        table.p_value(found.p_value),
        table.text(words.step(found.step, source.language)),
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
        _verdict(outcome, found),
        table.effect(found.estimate_sd, decimals=2, unit="SD"),
        table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
        table.number(found.df, decimals=1),
        table.text(found.status),
    )


def _verdict(outcome: Outcome, found: Estimate) -> Cell:
    if outcome.smallest_effect is None:
        return table.none()
    ruling = verdict(found.ci_low, found.ci_high, smallest_effect=outcome.smallest_effect)
    return table.text(ruling)


def _notes(
    source: Source, chosen: tuple[CheckLine, ...], top: Estimate | Unavailable
) -> tuple[str, ...]:
    language = source.language
    found = [x.found for x in chosen if isinstance(x.found, Estimate)]
    linear = [e for e in (top, *found) if isinstance(e, Estimate) and e.step == "wcr_s"]
    by_jackknife = sorted({x.check.label[language] for x in chosen if _is(x, "cv3")})
    themes: dict[Theme, dict[str, str]] = {}
    for line in _by_theme(chosen):
        said = f"{line.check.label[language]}: {line.check.answers[language]}"
        themes.setdefault(line.check.theme, {})[line.check.id] = said
    return (
        *(labelled(words.THEMES[t][language], *said.values()) for t, said in themes.items()),
        *((notes.inference(source, linear),) if linear else ()),
        *(
            (
                labelled(
                    "Jackknife",
                    "Where weights are estimated or the model is not linear, the whole estimator"
                    " is repeated without each cluster, with t(G \N{MINUS SIGN} 1):"
                    f" {'; '.join(by_jackknife)}.",
                ),
            )
            if by_jackknife
            else ()
        ),
        notes.signs(),
        notes.verdict_rule(),
        notes.in_downloads(["Effect in SD", "Standard error", "df"])[0],
    )


def _is(line: CheckLine, step: str) -> bool:
    return isinstance(line.found, Estimate) and line.found.step == step


def _said(
    source: Source, outcome: Outcome, chosen: tuple[CheckLine, ...], top: Estimate | Unavailable
) -> tuple[tuple[str, str], ...]:
    """One sentence over all rows: how many agree with the primary verdict, and the range."""
    estimates = [x.found for x in chosen if isinstance(x.found, Estimate)]
    smallest = outcome.smallest_effect
    if isinstance(top, Unavailable) or smallest is None or not estimates:
        return ()
    ruling = verdict(top.ci_low, top.ci_high, smallest_effect=smallest)
    other = [
        e for e in estimates if verdict(e.ci_low, e.ci_high, smallest_effect=smallest) != ruling
    ]
    low, high = min(e.estimate for e in estimates), max(e.estimate for e in estimates)
    absent = len(chosen) - len(estimates)
    missing = f" {absent} rows cannot be had; their reasons stand in the table." if absent else ""
    sentence = (
        f"{outcome.label[source.language]}: the primary verdict is {ruling};"
        f" {len(estimates) - len(other)} of {len(estimates)} checks give the same. Their estimates"
        f" lie between {formats.signed(low, outcome.decimals)} and"
        f" {formats.signed(high, outcome.decimals)}"
        f" {words.short_unit(outcome.unit, source.language)}.{missing}"
    )
    return (("agreement", sentence),)
