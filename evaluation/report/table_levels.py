"""Tables of levels, balance and attrition: means by group, small cells withheld."""

from dataclasses import replace

from evaluation.errors import ReportError
from evaluation.report import disclosure, heads, notes, notes_model, table, words
from evaluation.report.sources import Source, by_family, level_rows
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.plan import Outcome
from evaluation.spec.records import Balance, Level

# Share of 0 or 100 on a sensitive item says something about everybody in the cell.
CERTAIN = (0.0, 100.0)


def levels(exhibit: Exhibit, source: Source) -> Table:
    """One row per outcome and arm: mean (standard error) and interviews in each round."""
    study = source.configuration.study
    shown = levels_shown(exhibit, source)
    rows = tuple(
        _level_row(source, outcome, arm.id, here)
        for outcome, found in shown
        for arm in study.arm
        if (here := [x for x in found if x.arm == arm.id])
    )
    columns = (
        heads.column(source, "outcome"),
        heads.column(source, "arm"),
        heads.column(source, "unit", shown="download"),
        *(c for r in study.round for c in _round_columns(source, r.id)),
    )
    said = words.labelled(
        "Means",
        "By the weights of the primary specification, in brackets the cluster-robust standard error"
        " (SE). Percentages are levels; their differences are in percentage points.",
    )
    generated = (
        said,
        notes.sample_sizes(source, [x for _, found in shown for x in found]),
        disclosure.rule_note(study, source.language),
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def levels_shown(exhibit: Exhibit, source: Source) -> list[tuple[Outcome, tuple[Level, ...]]]:
    """Outcomes of an exhibit of levels, in plan order, each with its levels.

    Raises
    ------
    ReportError
        An outcome has no levels.
    """
    specification = (
        source.specification(exhibit.specifications[0])
        if exhibit.specifications
        else source.plan.primary_specification()
    )
    return [
        (outcome, level_rows(source, outcome.id, specification))
        for outcome in by_family(source, source.plan.outcomes_of(specification))
        if (not exhibit.outcomes or outcome.id in exhibit.outcomes)
        and (not exhibit.families or outcome.family in exhibit.families)
    ]


def _round_columns(source: Source, round_: str) -> tuple[Column, ...]:
    return (
        heads.column(source, "mean_round", round_=round_, shown="with unit"),
        heads.column(source, "std_error_round", round_=round_, joined="brackets"),
        heads.column(source, "n_round", round_=round_),
        heads.column(source, "clusters_round", round_=round_, shown="download"),
    )


def _level_row(source: Source, outcome: Outcome, arm: str, found: list[Level]) -> Row:
    by_round = {x.round: x for x in found}
    cells = [
        c
        for r in source.configuration.study.round
        for c in _level_cells(source, outcome, by_round.get(r.id))
    ]
    unit = words.level_unit(outcome.unit, source.language)
    lead = (
        table.text(outcome.label[source.language]),
        table.text(source.arm(arm)),
        table.text(unit),
    )
    return Row(id=f"{outcome.id}-{arm}", cells=(*lead, *cells), group=source.family(outcome.id))


def _level_cells(source: Source, outcome: Outcome, level: Level | None) -> list[Cell]:
    """Mean, standard error, interviews and clusters; all four withheld where the rule says so."""
    if level is None:
        return [table.none()] * 4
    if is_withheld(source, outcome, level):
        return [table.suppressed(source.language)] * 4
    unit = words.level_unit(outcome.unit, "en")
    return [
        table.number(level.mean, decimals=outcome.decimals, unit=unit),
        table.number(level.std_error, decimals=outcome.decimals, unit=unit),
        table.count(level.n),
        table.count(level.n_clusters),
    ]


def is_withheld(source: Source, outcome: Outcome, level: Level) -> bool:
    """Whether a level may not be shown: few respondents or clusters, or certainty on a secret."""
    small = disclosure.is_small(level.n, level.n_clusters, study=source.configuration.study)
    if not outcome.sensitive:
        return small
    certain = outcome.unit == "percentage points" and level.mean in CERTAIN
    return small or certain or level.n < disclosure.SENSITIVE_MINIMUM


def balance(exhibit: Exhibit, source: Source) -> Table:
    """Baseline variables and frame variables compared between treatment and comparison group."""
    return _balance_table(exhibit, source, [b for b in source.records.balance if not _left(b)])


def attrition(exhibit: Exhibit, source: Source) -> Table:
    """Who was interviewed again, by arm, and how stayers compare at baseline."""
    return _balance_table(exhibit, source, [b for b in source.records.balance if _left(b)])


ATTRITION_SAMPLES = ("attrition", "stayers", "leavers")


def _left(record: Balance) -> bool:
    return record.sample in ATTRITION_SAMPLES


def _balance_table(exhibit: Exhibit, source: Source, found: list[Balance]) -> Table:
    if not found:
        raise ReportError(
            f"there are no balance records for `{exhibit.id}`",
            where="balance.csv",
            mend="run the estimate stage again, or take the exhibit out of exhibits.toml",
            rule="missing-record",
        )
    places = {(b.sample, b.round) for b in found}
    names = [
        "mean_treated", "mean_comparison", "sd_comparison", "difference", "std_error",
        "p_value", "normalised_difference", "n", "n_clusters",
    ]  # fmt: skip
    columns = (
        heads.column(source, "variable"),
        heads.column(source, "round", shown="download"),
        *(_balance_column(source, name) for name in names),
    )
    # the rows of a sample stand together under its heading, in the order of the records
    order = list(dict.fromkeys(b.sample for b in found))
    found = sorted(found, key=lambda b: order.index(b.sample))
    rows = tuple(_balance_row(source, b, several=len(places) > 1) for b in found)
    generated = (
        *notes_model.groups(source, source.plan.primary_specification(), baseline="all comparison"),
        words.labelled(
            "Difference",
            "Treatment minus comparison group, standard errors clustered by"
            f" {source.configuration.study.names.cluster.en}. Normalised: over the square root of"
            " the mean of the two variances; it does not grow with the sample. n: interviews, or"
            f" {source.configuration.study.names.clusters.en} where the variable is one of the"
            " frame.",
        ),
        disclosure.rule_note(source.configuration.study, source.language),
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _balance_column(source: Source, name: str) -> Column:
    if name == "n_clusters":
        return heads.column(source, name, shown="download")
    if name == "std_error":
        return replace(heads.column(source, name, joined="brackets"), label="(SE)")
    if name == "n":
        return replace(heads.column(source, name), label="n")
    return heads.column(source, name, joined="brackets" if name == "sd_comparison" else "")


def _balance_row(source: Source, record: Balance, *, several: bool) -> Row:
    name = slug(record.variable)
    identifier = f"{name}-{record.sample}-{record.round}" if several else name
    lead = (
        table.text(variable_label(source, record.variable)),
        table.text(source.round_name(record.round))
        if _is_round(source, record.round)
        else table.text(record.round),
    )
    study = source.configuration.study
    if disclosure.is_small(record.n, record.n_clusters, study=study):
        cells = tuple(table.suppressed(source.language) for _ in range(9))
    else:
        cells = _balance_cells(record)
    return Row(id=identifier, cells=(*lead, *cells), group=sample_label(record.sample))


def _is_round(source: Source, identifier: str) -> bool:
    return identifier in source.configuration.study.rounds


def _balance_cells(record: Balance) -> tuple[Cell, ...]:
    decimals = _decimals(record)
    return (
        table.number(record.mean_treated, decimals=decimals),
        table.number(record.mean_comparison, decimals=decimals),
        table.number(record.sd_comparison, decimals=decimals),
        table.effect(record.difference, decimals=decimals),
        table.number(record.std_error, decimals=decimals),
        table.p_value(record.p_value),
        table.effect(record.normalised_difference, decimals=2),
        table.count(record.n),
        table.count(record.n_clusters),
    )


def _decimals(record: Balance) -> int:
    """Three significant figures or so, whatever the scale of the variable."""
    size = max(abs(record.mean_treated), abs(record.mean_comparison), record.sd_comparison)
    return 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3


def variable_label(source: Source, name: str) -> str:
    """Label of a dictionary variable, of one of its values (``variable=value``), or an outcome."""
    variable, _, value = name.partition("=")
    variables = source.configuration.dictionary.variables
    if variable in variables:
        label = variables[variable].label[source.language]
        return f"{label}: {_value_label(source, variable, value)}" if value else label
    outcomes = {o.id: o.label[source.language] for o in source.plan.outcome}
    known = {"reinterviewed": "Interviewed again in every round (share)"}
    return outcomes.get(name, known.get(name, name.replace("_", " ")))


def _value_label(source: Source, variable: str, value: str) -> str:
    dictionary = source.configuration.dictionary
    for name in dictionary.variables[variable].raw:
        codes = dictionary.code_list(variable, name)
        for code in codes.values if codes else ():
            if str(code.value) == value:
                return str(getattr(code, source.language))
    return value


SAMPLES = {
    "all": "Respondents at baseline",
    "clusters": "Frame, before the programme",
    "attrition": "Seen again",
    "stayers": "Baseline values of respondents interviewed again",
    "leavers": "Baseline values of respondents not interviewed again",
}


def sample_label(sample: str) -> str:
    """Heading over the rows of one sample."""
    return SAMPLES.get(sample, sample.replace("_", " "))
