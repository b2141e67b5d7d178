"""Tables of balance and attrition: the groups compared at baseline, small cells withheld."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from evaluation.errors import ReportError
from evaluation.locale.messages import term, wording
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import model_notes, table_frame
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Balance

AGAIN = ("panel_members", "linked")


def again_sentence(record: Balance | None, source: Source) -> str:
    """Shares interviewed again in both groups and their difference; None is a withheld row.

    The one wording of the loss, for every page: the record is the row ``reinterviewed`` of the
    table of attrition, weighted as the primary specification.
    """
    language = source.language
    if record is None or not math.isfinite(record.difference):
        return wording("attrition.again-none", language)
    primary = source.plan.checked().primary_specification()
    plain = (primary.weights, primary.estimand) == ("none", "respondents")
    shown = number_format.p_value(record.p_value, language)
    return wording(
        "attrition.again-plain" if plain else "attrition.again",
        language,
        treated=number_format.share(record.mean_treated, 1, language),
        comparison=number_format.share(record.mean_comparison, 1, language),
        difference=number_format.signed(100.0 * record.difference, 1, language),
        error=number_format.plain(100.0 * record.std_error, 1, language),
        p=f"p {shown}" if shown[0] in "<>" else f"p = {shown}",
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
        return wording("attrition.nobody-lost", source.language)
    if everybody and again == 0 and any(f.step in AGAIN for f in here):
        return wording("attrition.nobody-again", source.language)
    raise ReportError.of("missing-record", "missing-record", "balance.csv", rule="missing-record")


LARGE = 0.25  # a normalised difference of this size is usually called large


@table.builds
def balance(exhibit: Exhibit, source: Source) -> Table:
    """The groups compared at baseline, and who was interviewed again.

    Raises
    ------
    ReportError
        There are no records, or none of who was interviewed again although some were not.
    """
    language, records = source.language, source.records.balance
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
    seen = next((b for b in left if b.sample == "attrition"), None)
    again = again_sentence(seen, source) if left else without_attrition(source)
    said = beyond(source, before)
    lost = beyond(source, left) if left else again
    specification = source.plan.checked().primary_specification()
    called = source.configuration.study.names
    generated = (
        *model_notes.groups(source, specification, baseline="all comparison"),
        *_balance_weights(source, [*before, *left]),
        wording(
            "balance.difference",
            language,
            cluster=called.cluster[language],
            clusters=called.clusters[language],
        ),
        words.labelled(wording("balance.large", language), said),
        words.labelled(wording("balance.lost-label", language), again, lost if left else ""),
        _rule_note(source),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=_columns(source),
        rows=(*_rows(source, before), *_rows(source, left)),
        generated=generated,
        said=(("beyond", said), ("lost", lost), ("again", again)),
    )


ATTRITION_SAMPLES = ("attrition", "stayers", "leavers")


def _rows(source: Source, found: Sequence[Balance]) -> tuple[Row, ...]:
    """Rows of a sample stand together under its heading, in the order of the records."""
    several = len({(b.sample, b.round) for b in found}) > 1
    order = list(dict.fromkeys(b.sample for b in found))
    arranged = sorted(found, key=lambda b: order.index(b.sample))
    return tuple(_balance_row(source, b, several=several) for b in arranged)


def _columns(source: Source) -> tuple[Column, ...]:
    names = [
        "mean_treated", "mean_comparison", "sd_comparison", "difference", "std_error",
        "p_value", "normalised_difference", "n", "n_clusters",
    ]  # fmt: skip
    return (
        table_frame.column(source, "variable"),
        table_frame.column(source, "round", shown="download"),
        *(_balance_column(source, name) for name in names),
    )


def beyond(source: Source, found: Sequence[Balance]) -> str:
    """Which of the differences that are shown are large, by name; or that none is."""
    often, language = Counter(b.variable for b in found), source.language
    large = [
        f"{variable_label(source, b.variable)}"
        f"{_of_sample(b, language) if often[b.variable] > 1 else ''}"
        f" ({number_format.signed(b.normalised_difference, 2, language)})"
        for b in found
        if abs(b.normalised_difference) > LARGE
    ]
    said = "balance.beyond" if large else "balance.none-beyond"
    limit = number_format.shortest(LARGE, language)
    return wording(said, language, limit=limit, large="; ".join(large))


def _of_sample(record: Balance, language: str) -> str:
    return f", {words.in_sentence(sample_label(record.sample, language))}"


def _balance_weights(source: Source, found: Sequence[Balance]) -> tuple[str, ...]:
    """How interviews and clusters were weighted; the same rule as the estimate stage's."""
    names, samples = source.configuration.study.names, {b.sample for b in found}
    language = source.language
    specification = source.plan.checked().primary_specification()
    weights = model_notes.weights_in_words(source, specification)
    named = words.begun(weights.removeprefix(wording("model.weights", language, name="")))
    said = [wording("balance.as-primary", language, weights=named)]
    if "clusters" in samples:
        cluster = names.cluster[language]
        said.append(wording("balance.frame-counts-once", language, cluster=cluster))
    if samples & set(ATTRITION_SAMPLES):
        weighted = (specification.weights, specification.estimand) != ("none", "respondents")
        shares = "balance.weighted-shares" if weighted else "balance.plain-shares"
        said.append(wording(shares, language))
    return (words.labelled(wording("balance.weights", language), *said),)


def _balance_column(source: Source, name: str) -> Column:
    if name == "n_clusters":
        return table_frame.column(source, name, shown="download")
    if name == "std_error":
        label = wording("balance.standard-error", source.language)
        return replace(table_frame.column(source, name, joined="brackets"), label=label)
    if name == "n":
        return replace(
            table_frame.column(source, name), label=wording("balance.number", source.language)
        )
    return table_frame.column(source, name, joined="brackets" if name == "sd_comparison" else "")


def _rule_note(source: Source) -> str:
    rule = disclosure.rule_note(source.configuration.study, source.language)
    return wording("balance.suppressed", source.language, rule=rule)


def _balance_row(source: Source, record: Balance, *, several: bool) -> Row:
    name = slug(record.variable)
    identifier = f"{name}-{record.sample}-{record.round}" if several else name
    lead = (
        table.text(variable_label(source, record.variable)),
        table.text(source.round_name(record.round))
        if _is_round(source, record.round)
        else table.text(record.round),
    )
    return Row(
        id=identifier,
        cells=(*lead, *_balance_cells(record)),
        group=sample_label(record.sample, source.language),
        # Variables of the frame are compared over clusters: no interview stands behind them. A
        # number that is not theirs stays one of interviews.
        of="clusters" if record.sample == "clusters" and record.n == record.n_clusters else "",
    )


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
    known = {"reinterviewed": wording("balance.reinterviewed", source.language)}
    return outcomes.get(name, known.get(name, name.replace("_", " ")))


def _value_label(source: Source, variable: str, value: str) -> str:
    dictionary = source.configuration.dictionary
    for name in dictionary.variables[variable].raw:
        codes = dictionary.code_list(variable, name)
        for code in codes.values if codes else ():
            if str(code.value) == value:
                return str(getattr(code, source.language))
    return value


def sample_label(sample: str, language: str) -> str:
    """Heading over the rows of one sample."""
    return term("balance.sample", sample, language).replace("_", " ")
