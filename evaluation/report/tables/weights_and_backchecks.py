"""Quality of a round: its weights, and how often a back-check got another answer."""

import math
from collections.abc import Sequence

from evaluation.locale.messages import wording
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables import levels_and_attrition
from evaluation.report.tables.balance import variable_label
from evaluation.study.confidentiality import is_withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.fieldwork_plan import BackcheckShare
from evaluation.study.sampling import Level, WeightCheck

# From here on sums stand in thousands: a whole number of seven digits reads like one on an id card.
MANY = 1e6
LEVELS: tuple[Level, ...] = ("all", "stratum")
# Columns, in their order.
NAMES = (
    *("part", "n", "n_clusters", "total", "people", "coverage", "variation", "design_effect"),
    "n_cut",
)


@table.builds
def weights(exhibit: Exhibit, source: Source) -> Table:
    """Sums, totals of the frame, spread and design effect of the weights by round and stratum.

    Raises
    ------
    ReportError
        The study has no weights.
    """
    found = [c for c in source.records.weight_checks if c.level in LEVELS]
    if not found:
        raise levels_and_attrition.no_records("weight-checks", "weight_checks.csv")
    names = [name for name in NAMES if _is_shown(found, name)]
    scale = 1000 if any(x >= MANY for c in found for x in (c.total, c.people)) else 1
    rows = tuple(
        Row(
            id="-".join((check.round, slug(check.name) or "all")),
            group=source.round_name(check.round),
            cells=tuple(_cell(source, check, name, scale=scale) for name in names),
        )
        for check in sorted(found, key=lambda c: source.configuration.study.rounds.index(c.round))
    )
    language = source.language
    said = _within(source, found)
    has_people = "people" in names
    generated = (
        words.labelled(
            wording("weights.totals", language),
            wording("weights.totals-are" if has_people else "weights.no-people", language),
        ),
        words.labelled(
            wording("weights.unequal", language),
            wording("weights.unequal-are", language, said=said),
        ),
        words.labelled(wording("weights.cut", language), _trimming(source)),
        disclosure.rule_note(source.configuration.study, language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=tuple(_column(source, name, scale=scale) for name in names),
        rows=rows,
        generated=generated,
        said=(("within", said),),
    )


def _is_shown(found: Sequence[WeightCheck], name: str) -> bool:
    """Whether a column has anything to say in this study."""
    if name in ("people", "coverage"):
        return any(not math.isnan(c.people) for c in found)
    return name != "n_cut" or any(c.n_cut >= 0 for c in found)


def _column(source: Source, name: str, *, scale: int) -> Column:
    clusters = source.configuration.study.names.clusters[source.language]
    thousands = wording("weights.thousands", source.language) if scale > 1 else ""
    label = wording(f"weights.head.{name}", source.language, clusters=clusters, scale=thousands)
    return Column(id=name, label=words.begun(label), joined="slash" if name == "n_clusters" else "")


def _cell(source: Source, check: WeightCheck, name: str, *, scale: int) -> Cell:
    if name == "part":
        return table.text(_part(source, check))
    if name in ("n", "n_clusters"):
        return table.count(check.n if name == "n" else check.n_clusters)
    if name == "n_cut":
        return table.none() if check.n_cut < 0 else table.count(check.n_cut)
    value, decimals = {
        "total": (check.total / scale, int(scale > 1)),
        "people": (check.people / scale, int(scale > 1)),
        "coverage": (check.coverage, 2),
        "variation": (check.variation, 2),
        "design_effect": (check.whole_design_effect, 2),
    }[name]
    return table.number(value, decimals=decimals)


def _part(source: Source, check: WeightCheck) -> str:
    stratum = source.configuration.study.columns.stratum
    if check.level == "all" or stratum is None:
        return wording("weights.whole", source.language)
    return levels_and_attrition.value_label(source, stratum, check.name)


def _within(source: Source, found: Sequence[WeightCheck]) -> str:
    language = source.language
    cluster = source.configuration.study.names.cluster[language]
    said = [
        wording(
            "weights.within",
            language,
            round=source.round_name(check.round),
            whole=number_format.plain(check.whole_design_effect, 2, language),
            within=number_format.plain(check.design_effect, 2, language),
            cluster=cluster,
        )
        for check in found
        if check.level == "all"
    ]
    return " ".join((*said, wording("weights.equal", language, cluster=cluster)))


def _trimming(source: Source) -> str:
    declared, language = source.configuration.study.weights, source.language
    if declared is None:
        return wording("weights.taken", language)
    if declared.bound is None:
        return wording("weights.uncut", language)
    return wording(
        "weights.built", language, bound=number_format.shortest(declared.bound, language)
    )


@table.builds
def backcheck(exhibit: Exhibit, source: Source) -> Table:
    """Error rates of the back-checks by type of question and question, with n.

    Raises
    ------
    ReportError
        The study has no back-check.
    """
    found = source.records.backcheck
    if not found:
        raise levels_and_attrition.no_records("backcheck-rates", "backcheck_shares.csv")
    language, study = source.language, source.configuration.study
    rounds = [r for r in study.rounds if any(s.round == r for s in found)]
    rows = tuple(
        row
        for round_ in rounds
        for kind in sorted({s.type for s in found if s.round == round_})
        for row in _rows(source, [s for s in found if (s.round, s.type) == (round_, kind)])
    )
    paired = [_paired(source, next(s for s in found if s.round == round_)) for round_ in rounds]
    said = " ".join(paired)
    generated = (
        words.labelled(wording("backcheck.read", language), wording("backcheck.read-as", language)),
        words.labelled(wording("backcheck.interviews", language), said),
        disclosure.rule_note(study, language) + wording("backcheck.together", language),
    )
    columns = (
        Column(id="question", label=wording("backcheck.question", language)),
        Column(id="n", label=wording("backcheck.n", language)),
        Column(id="n_different", label=wording("backcheck.different", language), shown="download"),
        Column(id="rate", label=wording("backcheck.rate", language)),
    )
    return table_frame.table(
        exhibit, source, columns=columns, rows=rows, generated=generated, said=(("paired", said),)
    )


def _rows(source: Source, found: Sequence[BackcheckShare]) -> tuple[Row, ...]:
    """A type of question: all of them, then each."""
    one, language = found[0], source.language
    kind = words.in_sentence(wording(f"backcheck.type.{one.type}", language))
    group = f"{source.round_name(one.round)}: {kind}"
    return tuple(
        Row(
            id="-".join((s.round, f"type_{s.type}", slug(s.variable) or "all")),
            group=group,
            cells=(
                table.text(
                    variable_label(source, s.variable)
                    if s.variable
                    else wording("backcheck.every", language)
                ),
                *_cells(s),
            ),
        )
        for s in sorted(found, key=lambda s: bool(s.variable))
    )


def _cells(share: BackcheckShare) -> tuple[Cell, Cell, Cell]:
    rate = levels_and_attrition.percentage(share.n_different, share.n)
    return table.count(share.n), table.count(share.n_different), rate


def _paired(source: Source, share: BackcheckShare) -> str:
    """How many interviews of a round were asked again, in words."""
    language, study = source.language, source.configuration.study
    text = "backcheck.few" if is_withheld(share.n_paired) else "backcheck.paired"
    count = {
        name: number_format.count(getattr(share, name), language)
        for name in ("n_again", "n_paired", "n_clusters")
    }
    return wording(
        text,
        language,
        round=source.round_name(share.round),
        clusters=study.names.clusters[language],
        **count,
    )
