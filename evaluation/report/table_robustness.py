"""The robustness table of one primary outcome: each doubt a row, under the primary estimate."""

from collections.abc import Mapping, Sequence

from evaluation.report import agreement, heads, left_out, notes, table, words
from evaluation.report.agreement import Judged
from evaluation.report.agreement_words import (
    AGREEMENT,
    COUNTED,
    GIVEN_AWAY,
    HELD_FIXED,
    JACKKNIFE,
    MADE_ONCE,
    REPEATED,
    SUPPRESSED_TOO,
    WHAT_IS_LEFT_OUT,
)
from evaluation.report.check_words import ASKS
from evaluation.report.conclusions import p_of_interval
from evaluation.report.disclosure import is_small
from evaluation.report.sources import Source, find, primary_step
from evaluation.report.table import Cell, Joined, Row, Shown, Table
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome, Theme
from evaluation.spec.records import Estimate, Unavailable

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("estimate", "with unit"),
    ("std_error", "print"),
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("step", "print"),
    ("estimate_sd", "download"),
    ("df", "download"),
    ("status", "download"),
)
# Columns that stand behind the one before them in print.
JOINED: Mapping[str, Joined] = {
    "std_error": "brackets",
    "ci_high": "to",
    "n_clusters_comparison": "slash",
}
PRIMARY = "primary"


def robustness(exhibit: Exhibit, source: Source) -> Table:
    """One row per check (and variant) of the exhibit's one outcome, the primary estimate first.

    Raises
    ------
    ReportError
        The primary estimate is nowhere, not even as unavailable.
    """
    outcome = source.outcome(exhibit.outcomes[0])
    top = agreement.primary_of(source, outcome)
    judged = agreement.judged(source, outcome)
    rows = (
        _row(source, outcome, PRIMARY, words.PRIMARY_ROW[source.language], "", top),
        *_other_weights(source, outcome),
        *(_check_row(source, outcome, x, top) for x in judged if x.asks == "other weights"),
        *(_check_row(source, outcome, x, top) for x in judged if x.asks != "other weights"),
    )
    columns = (
        heads.column(source, "check"),
        *(
            heads.column(source, name, joined=JOINED.get(name, ""), shown=shown)
            for name, shown in COLUMNS
        ),
        heads.column(source, "asks", shown="download"),
        *(heads.column(source, name, shown="download") for name in left_out.COLUMNS),
    )
    said = agreement.sentence(source, outcome, judged)
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=(*_notes(source, judged, top), *_suppressed(source, judged, rows)),
        status=tuple(x.line.found.status for x in judged if isinstance(x.line.found, Estimate)),
        said=(("agreement", said),) if said is not None else (),
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


def _check_row(
    source: Source, outcome: Outcome, judged: Judged, top: Estimate | Unavailable
) -> Row:
    """Row of a check, under what is doubted, or with the other weights."""
    line, language = judged.line, source.language
    heading = (
        words.OTHER_WEIGHTS[language]
        if judged.asks == "other weights"
        else words.THEMES[line.check.theme][language]
    )
    numbers = (
        (table.suppressed(language), *_empty())
        if judged.hidden
        else _cells(source, outcome, line.found)
    )
    asked = table.text(ASKS[judged.asks][language]) if judged.shown is not None else table.none()
    return Row(
        id=line.id,
        group=heading,
        cells=(table.text(line.label), *numbers, asked, *left_out.cells(source, judged, top)),
    )


def _row(
    source: Source,
    outcome: Outcome,
    identifier: str,
    label: str,
    group: str,
    found: Estimate | Unavailable,
) -> Row:
    """Row of a specification of the plan, which leaves nothing out of itself."""
    rest = (table.none(),) * (1 + len(left_out.COLUMNS))
    return Row(
        id=identifier,
        group=group,
        cells=(table.text(label), *_cells(source, outcome, found), *rest),
    )


def _empty() -> tuple[Cell, ...]:
    return (table.none(),) * (len(COLUMNS) - 1)


def _cells(source: Source, outcome: Outcome, found: Estimate | Unavailable) -> tuple[Cell, ...]:
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *_empty())
    study = source.configuration.study
    fewest = min(found.n_clusters_treated, found.n_clusters_comparison)
    if is_small(found.n, fewest, study=study):
        return (table.suppressed(source.language), *_empty())
    unit = words.unit(outcome.unit, "en")
    return (
        table.effect(found.estimate, decimals=outcome.decimals, unit=unit),
        table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
        table.effect(found.ci_low, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_high, decimals=outcome.decimals, unit=unit),
        table.p_value(p_of_interval(found)),
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
        table.text(words.step(found.step, source.language)),
        table.in_sd(found.estimate_sd),
        table.number(found.df, decimals=1),
        table.text(words.status(found.status, source.language)),
    )


def _notes(
    source: Source, judged: Sequence[Judged], top: Estimate | Unavailable
) -> tuple[str, ...]:
    language = source.language
    found = [top, *(x.line.found for x in judged)]
    linear = [e for e in found if isinstance(e, Estimate) and e.step == "wcr_s"]
    return (
        *_answers(judged, language),
        *left_out.left_out_notes(source, judged, top),
        *((notes.inference(source, linear),) if linear else ()),
        *_jackknife(judged, language),
        *_fixed(judged, language),
        labelled(AGREEMENT[language], COUNTED[language]),
        notes.signs(source.language),
        notes.in_downloads(
            [
                *(heads.head(source, name) for name in ("estimate_sd", "df")),
                WHAT_IS_LEFT_OUT[language],
            ],
            language,
        )[0],
    )


def _answers(judged: Sequence[Judged], language: str) -> list[str]:
    """What each check answers, in one note per doubt."""
    themes: dict[Theme, dict[str, str]] = {}
    for line in (x.line for x in judged):
        said = f"{line.check.label[language]}: {line.check.answers[language]}"
        themes.setdefault(line.check.theme, {})[line.check.id] = said
    return [labelled(words.THEMES[t][language], *said.values()) for t, said in themes.items()]


def _jackknife(judged: Sequence[Judged], language: str) -> list[str]:
    named = sorted(
        {
            x.line.check.label[language]
            for x in judged
            if isinstance(x.line.found, Estimate) and x.line.found.step == "cv3"
        }
    )
    if not named:
        return []
    said = REPEATED[language].format(checks="; ".join(named))
    return [labelled(JACKKNIFE[language], said)]


def _fixed(judged: Sequence[Judged], language: str) -> list[str]:
    """Weights that are estimated once and then held, so that intervals leave their error out."""
    named = sorted(
        {x.line.check.label[language] for x in judged if x.line.check.kind == "strata_round"}
    )
    if not named:
        return []
    said = MADE_ONCE[language].format(checks="; ".join(named))
    return [labelled(HELD_FIXED[language], said)]


def _suppressed(source: Source, judged: Sequence[Judged], rows: Sequence[Row]) -> tuple[str, ...]:
    """The disclosure rule, and that a row can be withheld for what it leaves out."""
    said = notes.suppressed(source, rows)
    if not said or all(x.line.small(source.configuration.study) for x in judged if x.hidden):
        return said
    language = source.language
    clusters = source.configuration.study.names.clusters[language]
    too_few = GIVEN_AWAY[language].format(clusters=clusters)
    return (*said, labelled(SUPPRESSED_TOO[language], too_few))
