"""Effects by group of people or of places, with the differences between groups in front.

What is asked is whether two groups' effects differ. That one group's interval excludes zero and
another's does not is no answer to it, so that p stands beside differences only.
"""

from evaluation.report import check_records as records
from evaluation.report import formats, heads, notes, table, whom_words, words
from evaluation.report.check_lines import CheckLine
from evaluation.report.sources import Source
from evaluation.report.subgroup_lines import JOINT, Trait, adjusted, label, looks, sentence, traits
from evaluation.report.table import Cell, Column, Row, Shown, Table
from evaluation.report.words import labelled
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Check
from evaluation.spec.records import Estimate, Unavailable

COLUMNS: tuple[tuple[str, Shown], ...] = (
    ("ci_low", "print"),
    ("ci_high", "print"),
    ("p_value", "print"),
    ("p_adjusted", "print"),
    ("n", "print"),
    ("n_clusters_treated", "print"),
    ("n_clusters_comparison", "print"),
    ("clusters_without_group", "download"),
    ("own_p_value", "download"),
    ("estimate_sd", "download"),
    ("std_error", "download"),
    ("step", "download"),
    ("status", "download"),
    ("known", "download"),
)


def subgroups(exhibit: Exhibit, source: Source) -> Table:
    """Per outcome and trait: the differences between groups first, then each group's effect."""
    outcomes = [source.outcome(o) for o in exhibit.outcomes] or source.plan.primary_outcomes()
    chosen = [trait for outcome in outcomes for trait in traits(exhibit, source, outcome)]
    rows = tuple(row for trait in chosen for row in _rows(trait))
    lead = (
        _own_column(source, "subgroup"),
        Column(
            id="estimate",
            label=whom_words.HEADS["effect"][source.language],
            shown="with unit",
        ),
    )
    return heads.table(
        exhibit,
        source,
        columns=(*lead, *(_column(source, name, shown) for name, shown in COLUMNS)),
        rows=rows,
        generated=(*_notes(source, chosen), *notes.suppressed(source, rows)),
        status=records.statuses(x.found for t in chosen for x in (*t.differences, *t.groups)),
        said=(
            *((o.id, sentence([t for t in chosen if t.outcome == o])) for o in outcomes),
            ("looks", looks(chosen)),
        ),
    )


def _column(source: Source, name: str, shown: Shown) -> Column:
    if name in whom_words.HEADS:
        return _own_column(source, name, shown)
    return heads.column(source, name, joined="to" if name == "ci_high" else "", shown=shown)


def _own_column(source: Source, name: str, shown: Shown = "print") -> Column:
    clusters = source.configuration.study.names.clusters[source.language]
    template = whom_words.HEADS[name][source.language]
    label = template.format(clusters=clusters)
    return Column(
        id=name, label=words.begun(label) if template.startswith("{") else label, shown=shown
    )


def _rows(trait: Trait) -> tuple[Row, ...]:
    language = trait.source.language
    heading = (
        f"{trait.outcome.label[language]} \N{EN DASH} {trait.check.label[language]} ({trait.known})"
    )
    joint = [_joint_row(trait, heading)] if trait.joint else []
    return (
        *joint,
        *(_row(trait, line, heading) for line in (*trait.differences, *trait.groups)),
    )


def _joint_row(trait: Trait, heading: str) -> Row:
    first, second, f, p = trait.joint or ()
    language = trait.source.language
    label = whom_words.JOINT[language].format(first, second, f)
    shown = table.suppressed(language) if trait.hidden else table.p_value(p)
    if trait.hidden:
        label = label.split(":")[0]
    empty = (table.none(),) * (len(COLUMNS) - 3)
    cells = (table.text(label), *(table.none(),) * 3, shown, *empty)
    return Row(id=f"{trait.outcome.id}-{trait.check.id}-{JOINT}", group=heading, cells=cells)


def _row(trait: Trait, line: CheckLine, heading: str) -> Row:
    return Row(
        id=f"{trait.outcome.id}-{line.id}",
        group=heading,
        cells=(table.text(label(trait, line)), *_cells(trait, line)),
    )


def _cells(trait: Trait, line: CheckLine) -> tuple[Cell, ...]:
    source, outcome, found = trait.source, trait.outcome, line.found
    empty = (table.none(),) * len(COLUMNS)
    if isinstance(found, Unavailable):
        return (table.unavailable(found.reason, source.language), *empty)
    if line.sample in trait.hidden:
        return (table.suppressed(source.language), *empty)
    unit = words.unit(outcome.unit, "en")
    is_difference = line in trait.differences
    p = table.p_value(found.p_value)
    without = records.quantity(
        source, trait.check, outcome, "clusters_without_group", sample=line.sample
    )
    return (
        table.effect(found.estimate, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_low, decimals=outcome.decimals, unit=unit),
        table.effect(found.ci_high, decimals=outcome.decimals, unit=unit),
        p if is_difference else table.none(),
        table.adjusted_p(found.p_adjusted, adjustment=found.adjustment)
        if is_difference
        else table.none(),
        table.count(found.n),
        table.count(found.n_clusters_treated),
        table.count(found.n_clusters_comparison),
        table.count(int(without)) if isinstance(without, float) else table.none(),
        table.none() if is_difference else p,
        table.in_sd(found.estimate_sd),
        table.number(found.std_error, decimals=outcome.decimals + 1, unit=unit),
        table.text(words.step(found.step, source.language)),
        table.text(found.status),
        table.text(trait.known),
    )


def _notes(source: Source, chosen: list[Trait]) -> tuple[str, ...]:
    checks = list({t.check.id: t.check for t in chosen}.values())
    found = [x.found for t in chosen for x in (*t.differences, *t.groups)]
    linear = [e for e in found if isinstance(e, Estimate) and e.step == "wcr_s"]
    return (
        labelled(
            "Differences",
            "Whether an effect differs between groups is asked of the difference of the two"
            " effects, with its own interval and p. An interval that excludes zero in one group and"
            " not in another does not say that their effects differ; p therefore stands beside"
            " differences only. Intervals are unadjusted.",
        ),
        *_adjusted(chosen),
        labelled(
            "Traits",
            "Fixed before the programme, or asked at baseline: the programme cannot have changed"
            " who is in a group. Descriptive: it may have, or place and time differ as well; such"
            " rows describe and do not say for whom the programme works.",
        ),
        records.answers(source, checks),
        *_not_covered(source, chosen, checks),
        *((notes.inference(source, linear),) if linear else ()),
        notes.signs(),
        notes.in_downloads(
            [
                heads.head(source, "estimate_sd"),
                heads.head(source, "std_error"),
                whom_words.HEADS["own_p_value"][source.language],
            ]
        )[0],
    )


def _adjusted(chosen: list[Trait]) -> tuple[str, ...]:
    numbers = {t.outcome.id: len(adjusted(chosen, t.outcome)) for t in chosen}
    if not any(numbers.values()):
        return ()
    low, high = min(numbers.values()), max(numbers.values())
    several = str(high) if low == high else f"{low} to {high}"
    cohorts = any(t.check.kind == "cohorts" for t in chosen)
    return (
        labelled(
            "Adjusted p",
            f"Adjusted within one outcome: Benjamini\N{EN DASH}Hochberg over all {several}"
            f" differences{' between subgroups' if cohorts else ''} of the outcome, over all traits"
            " together.",
            "Over several outcomes more looks are taken than it allows for."
            if len(numbers) > 1
            else "",
            "Differences between entry cohorts are not adjusted." if cohorts else "",
        ),
    )


def _not_covered(source: Source, chosen: list[Trait], checks: list[Check]) -> tuple[str, ...]:
    """Interviews whose trait is not known are in no group's row."""
    said = []
    least = source.configuration.study.minimum_cell
    for check in checks:
        counts = [
            records.quantity(source, check, t.outcome, "interviews_without_trait")
            for t in chosen
            if t.check == check
        ]
        most = int(max((x for x in counts if isinstance(x, float)), default=0.0))
        if most:
            shown = formats.count(most) if most >= least else f"fewer than {least}"
            said.append(f"{check.label[source.language]} {shown}")
    clusters = source.configuration.study.names.clusters[source.language]
    return (
        labelled(
            "Not covered",
            f"Interviews whose trait is not known: {'; '.join(said)}." if said else "",
            f"A group's row leaves out {clusters} in which it was not interviewed in both rounds;"
            " small groups therefore speak of fewer places than the primary estimate.",
        ),
    )
