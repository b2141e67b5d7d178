"""Tables of balance and attrition: the groups compared at baseline, small cells withheld."""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from evaluation.config.exhibits import Exhibit
from evaluation.errors import ReportError
from evaluation.estimation.records import Balance
from evaluation.locale.messages import term
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Row, Table, slug
from evaluation.report.prose import model_notes, table_frame
from evaluation.report.row_disclosure import is_of_clusters
from evaluation.report.sources import Source
from evaluation.report.tables.sample_flow import AGAIN


def again_sentence(record: Balance | None, source: Source) -> str:
    """Shares interviewed again in both groups and their difference; None is a withheld row.

    The one wording of the loss, for every page: the record is the row ``reinterviewed`` of the
    table of attrition, weighted as the primary specification.

    Parameters
    ----------
    record : Balance or None
    source : Source
    """
    language = source.language
    if record is None or not math.isfinite(record.difference):
        return source.wording("attrition.again-none")
    primary = source.plan.checked().primary_specification()
    plain = (primary.weights, primary.estimand) == ("none", "respondents")
    return source.wording(
        "attrition.again-plain" if plain else "attrition.again",
        treated=number_format.share(record.mean_treated, 1, language),
        comparison=number_format.share(record.mean_comparison, 1, language),
        difference=number_format.signed(100.0 * record.difference, 1, language),
        error=number_format.plain(100.0 * record.std_error, 1, language),
        p=_p_value(record.p_value, language),
    )


def without_attrition(source: Source) -> str:
    """What is said where all or none were interviewed again.

    Raises
    ------
    ReportError
        The sample flow says that some were interviewed again and some were not: then the records
        are missing.
    """
    first = source.configuration.study.rounds[0]
    here = [f for f in source.records.flow if f.round == first]
    everybody = sum(f.n for f in here if f.step == "valid")
    again = sum(f.n for f in here if f.step in AGAIN)
    if everybody and again == everybody:
        return source.wording("attrition.nobody-lost")
    if everybody and again == 0 and any(f.step in AGAIN for f in here):
        return source.wording("attrition.nobody-again")
    raise ReportError.of("missing-record", "missing-record", "balance.csv", rule="missing-record")


LARGE = 0.25  # a normalised difference of this size is usually called large
ATTRITION_SAMPLES = ("attrition", "stayers", "leavers")
COLUMNS = (
    *table.columns("variable"),
    *table.columns("round", shown="download"),
    *table.columns(
        *("mean_treated", "mean_comparison", "sd_comparison", "difference", "std_error"),
        *("p_value", "normalised_difference", "n"),
        joined={"sd_comparison": "brackets", "std_error": "brackets"},
    ),
    *table.columns("n_clusters", shown="download"),
)


@table.builds
def balance(exhibit: Exhibit, source: Source) -> Table:
    """The groups compared at baseline, and who was interviewed again.

    Raises
    ------
    ReportError
        There are no records, or none of who was interviewed again although some were not.
    """
    records = source.records.balance
    before = [b for b in records if b.sample not in ATTRITION_SAMPLES]
    left = [b for b in records if b.sample in ATTRITION_SAMPLES]
    if not records:
        raise ReportError.of(
            "no-balance-records",
            "missing-record",
            "balance.csv",
            rule="missing-record",
            id=exhibit.id,
        )
    attrition = next((b for b in left if b.sample == "attrition"), None)
    again = again_sentence(attrition, source) if left else without_attrition(source)
    large = " ".join((beyond(source, before), *_of_primary(source, before)))
    lost = beyond(source, left, none="balance.none-lost") if left else again
    specification = source.plan.checked().primary_specification()
    rule = disclosure.rule_note(source.configuration.study, source.language)
    return table_frame.table(
        exhibit,
        source,
        columns=COLUMNS,
        rows=(*_rows(source, before), *_rows(source, left)),
        generated=(
            *model_notes.groups(source, specification, baseline="all comparison"),
            _weights(source, {b.sample for b in records}),
            source.wording("balance.difference"),
            words.labelled(source.wording("balance.large"), large),
            words.labelled(source.wording("balance.lost-label"), again, lost if left else ""),
            source.wording("balance.suppressed", rule=rule),
        ),
        sentences=(("beyond", large), ("lost", lost), ("again", again)),
    )


def _rows(source: Source, found: Sequence[Balance]) -> Iterator[Row]:
    """Rows of a sample stand together under its heading, in the order of the records."""
    several = len({(b.sample, b.round) for b in found}) > 1
    order = list(dict.fromkeys(b.sample for b in found))
    rounds = source.configuration.study.rounds
    configuration = source.configuration
    cluster = configuration.dictionary.variables.get(configuration.study.columns.cluster)
    for record in sorted(found, key=lambda b: order.index(b.sample)):
        name = slug(record.variable)
        row = table.row(
            f"{name}-{record.sample}-{record.round}" if several else name,
            variable_label(source, record.variable),
            source.round_name(record.round) if record.round in rounds else record.round,
            *_balance_cells(record),
            group=sample_label(record.sample, source.language),
        )
        yield replace(row, of="clusters" if is_of_clusters(record, cluster) else "")


def beyond(source: Source, found: Sequence[Balance], *, none: str = "balance.none-beyond") -> str:
    """Which of the differences that are shown are large, by name; or that none is.

    Parameters
    ----------
    source : Source
    found : sequence of Balance
    none : str, optional
        What is said where no difference is large.
    """
    often, language = Counter(b.variable for b in found), source.language

    def sample(record: Balance) -> str:
        label = words.in_sentence(sample_label(record.sample, language))
        return f", {label}" if often[record.variable] > 1 else ""

    large = [
        f"{variable_label(source, b.variable)}{sample(b)}"
        f" ({number_format.signed(b.normalised_difference, 2, language)})"
        for b in found
        if abs(b.normalised_difference) > LARGE
    ]
    return source.wording(
        "balance.beyond" if large else none,
        limit=number_format.shortest(LARGE, language),
        large="; ".join(large),
    )


def _of_primary(source: Source, found: Sequence[Balance]) -> Iterator[str]:
    """How far the groups start apart in questions of primary outcomes, large or not."""
    asked = {item.name for outcome in source.plan.primary_outcomes() for item in outcome.items}
    language = source.language
    gaps = [
        source.wording(
            "balance.gap",
            variable=variable_label(source, b.variable),
            difference=number_format.signed(b.difference, 2, language),
            p=_p_value(b.p_value, language),
        )
        for b in found
        if b.variable in asked and math.isfinite(b.difference)
    ]
    if gaps:
        yield source.wording("balance.of-primary", gaps="; ".join(gaps))


def _p_value(value: float, language: str) -> str:
    shown = number_format.p_value(value, language)
    return f"p {shown}" if shown[0] in "<>" else f"p = {shown}"


def _weights(source: Source, samples: Collection[str]) -> str:
    """How interviews and clusters were weighted; the same rule as the estimate stage's."""
    specification = source.plan.checked().primary_specification()
    weights = words.begun(model_notes.weights_in_words(source, specification, label=""))
    weighted = (specification.weights, specification.estimand) != ("none", "respondents")
    shares = "balance.weighted-shares" if weighted else "balance.plain-shares"
    return source.note(
        "balance.weights",
        "balance.as-primary",
        "balance.frame-counts-once" if "clusters" in samples else "",
        shares if not set(ATTRITION_SAMPLES).isdisjoint(samples) else "",
        weights=weights,
    )


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
    """Label of a dictionary variable, of one of its values (``variable=value``), or an outcome.

    Parameters
    ----------
    source : Source
    name : str
    """
    variable, _, value = name.partition("=")
    variables = source.configuration.dictionary.variables
    if variable in variables:
        label = variables[variable].label[source.language]
        return f"{label}: {_value_label(source, variable, value)}" if value else label
    labels = {"reinterviewed": source.wording("balance.reinterviewed")}
    labels |= {o.id: o.label[source.language] for o in source.plan.outcome}
    return labels.get(name, name.replace("_", " "))


def _value_label(source: Source, variable: str, value: str) -> str:
    dictionary = source.configuration.dictionary
    for name in dictionary.variables[variable].raw:
        codes = dictionary.code_list(variable, name)
        for code in codes.values if codes else ():
            if str(code.value) == value:
                return str(getattr(code, source.language))
    return value


def sample_label(sample: str, language: str) -> str:
    """Heading over the rows of one sample.

    Parameters
    ----------
    sample : str
    language : {"en", "es"}
    """
    return term("balance.sample", sample, language).replace("_", " ")
