"""Quality of a round: response, weights, and how often a back-check got another answer.

What became of the units that were sampled, and AAPOR's outcome rates: counts and rates are withheld
together, as a rate is one more sum of counts that a reader knows.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from evaluation.config.confidentiality import is_withheld
from evaluation.config.exhibits import Exhibit
from evaluation.config.fieldwork_plan import BackcheckShare
from evaluation.config.sampling import DISPOSITIONS, Level, RateName, ResponseRate, WeightCheck
from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.linked_counts import COUNTED, EVERY, SAMPLED
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables import levels_and_attrition
from evaluation.report.tables.balance import variable_label

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
    study, within = source.configuration.study, _within(source, found)
    totals = "weights.totals-are" if "people" in names else "weights.no-people"
    return table_frame.table(
        exhibit,
        source,
        columns=(_column(source, name, scale=scale) for name in names),
        rows=(
            table.row(
                "-".join((check.round, slug(check.name) or "all")),
                *(_cell(source, check, name, scale=scale) for name in names),
                group=source.round_name(check.round),
            )
            for check in sorted(found, key=lambda c: study.rounds.index(c.round))
        ),
        generated=(
            source.note("weights.totals", totals),
            source.note("weights.unequal", "weights.unequal-are", said=within),
            words.labelled(source.wording("weights.cut"), _trimming(source)),
            disclosure.rule_note(study, source.language),
        ),
        sentences=(("within", within),),
    )


def _is_shown(found: Sequence[WeightCheck], name: str) -> bool:
    """Whether a column has anything to say in this study."""
    if name in ("people", "coverage"):
        return any(not math.isnan(c.people) for c in found)
    return name != "n_cut" or any(c.n_cut >= 0 for c in found)


def _column(source: Source, name: str, *, scale: int) -> Column:
    thousands = source.wording("weights.thousands") if scale > 1 else ""
    label = source.wording(f"weights.head.{name}", scale=thousands)
    return Column(id=name, label=words.begun(label), joined="slash" if name == "n_clusters" else "")


def _cell(source: Source, check: WeightCheck, name: str, *, scale: int) -> Cell:
    match name:
        case "part":
            return table.text(_part(source, check))
        case "n" | "n_clusters":
            return table.count(getattr(check, name))
        case "n_cut":
            return table.none() if check.n_cut < 0 else table.count(check.n_cut)
        case "total" | "people":
            return table.number(getattr(check, name) / scale, decimals=int(scale > 1))
        case "design_effect":
            return table.number(check.whole_design_effect, decimals=2)
    return table.number(getattr(check, name), decimals=2)


def _part(source: Source, check: WeightCheck) -> str:
    stratum = source.configuration.study.columns.stratum
    if check.level == "all" or stratum is None:
        return source.wording("weights.whole")
    return levels_and_attrition.value_label(source, stratum, check.name)


def _within(source: Source, found: Sequence[WeightCheck]) -> str:
    effects = [
        source.wording(
            "weights.within",
            round=source.round_name(check.round),
            whole=number_format.plain(check.whole_design_effect, 2, source.language),
            within=number_format.plain(check.design_effect, 2, source.language),
        )
        for check in found
        if check.level == "all"
    ]
    return " ".join((*effects, source.wording("weights.equal")))


def _trimming(source: Source) -> str:
    declared = source.configuration.study.weights
    if declared is None:
        return source.wording("weights.taken")
    if declared.bound is None:
        return source.wording("weights.uncut")
    bound = number_format.shortest(declared.bound, source.language)
    return source.wording("weights.built", bound=bound)


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
    study = source.configuration.study
    by_round = {r: here for r in study.rounds if (here := [s for s in found if s.round == r])}
    paired = " ".join(_paired(source, here[0]) for here in by_round.values())
    rule = disclosure.rule_note(study, source.language)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("question", "n"),
            *table.columns("n_different", shown="download"),
            *table.columns("rate"),
        ),
        rows=(
            row
            for here in by_round.values()
            for kind in sorted({s.type for s in here})
            for row in _backcheck_rows(source, [s for s in here if s.type == kind])
        ),
        generated=(
            source.note("backcheck.read", "backcheck.read-as"),
            words.labelled(source.wording("backcheck.interviews"), paired),
            rule + source.wording("backcheck.together"),
        ),
        sentences=(("paired", paired),),
    )


def _backcheck_rows(source: Source, found: Sequence[BackcheckShare]) -> Iterator[Row]:
    """A type of question: all of them, then each."""
    kind = words.in_sentence(source.wording(f"backcheck.type.{found[0].type}"))
    group = f"{source.round_name(found[0].round)}: {kind}"
    for s in sorted(found, key=lambda s: bool(s.variable)):
        yield table.row(
            "-".join((s.round, f"type_{s.type}", slug(s.variable) or "all")),
            variable_label(source, s.variable) if s.variable else source.wording("backcheck.every"),
            table.count(s.n),
            table.count(s.n_different),
            levels_and_attrition.percentage(s.n_different, s.n),
            group=group,
        )


def _paired(source: Source, share: BackcheckShare) -> str:
    """How many interviews of a round were asked again, in words."""
    counts = {
        name: number_format.count(getattr(share, name), source.language)
        for name in ("n_again", "n_paired", "n_clusters")
    }
    return source.wording(
        "backcheck.few" if is_withheld(share.n_paired) else "backcheck.paired",
        round=source.round_name(share.round),
        **counts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactCounts:
    """Sampled units of one round and group."""

    counts: Mapping[str, int]
    n: int
    rates: Mapping[RateName, ResponseRate]


@table.builds
def response(exhibit: Exhibit, source: Source) -> Table:
    """Sampled units by final disposition, and outcome rates, by round and group.

    Raises
    ------
    ReportError
        The study has no file of contacts.
    """
    if not source.records.dispositions:
        raise levels_and_attrition.no_records("dispositions", "dispositions.csv")
    study, language = source.configuration.study, source.language
    contacts = {r: {a.id: _contacts(source, r, a.id) for a in study.arm} for r in study.rounds}
    in_words = " ".join(_in_words(source, r, of_arms) for r, of_arms in contacts.items())
    share = study.contacts.eligible_share if study.contacts is not None else None
    with_e = "response.without-e" if share is None else "response.with-e"
    given = number_format.shortest(share or 0.0, language)
    defined = source.wording("response.standard") + source.wording(with_e, e=given)
    return table_frame.table(
        exhibit,
        source,
        columns=(
            "outcome",
            *(
                Column(id=f"{stem}_{slug(a.id)}", label=source.wording(text, arm=source.arm(a.id)))
                for a in study.arm
                for stem, text in (("n", "response.units"), ("share", "response.share"))
            ),
        ),
        rows=(
            row
            for r, of_arms in contacts.items()
            for row in _response_rows(source, r, list(of_arms.values()))
        ),
        generated=(
            words.labelled(source.wording("response.in-words"), in_words),
            words.labelled(source.wording("response.defined"), defined),
            disclosure.rule_note(study, language) + source.wording("response.together"),
        ),
        sentences=(("response", in_words),),
    )


def _contacts(source: Source, round_: str, arm: str) -> ContactCounts:
    records = source.records
    here = (d for d in records.dispositions if (d.round, d.arm) == (round_, arm))
    found: dict[str, int] = {d.disposition: d.n for d in here}
    return ContactCounts(
        counts={code: found.get(code, 0) for code in DISPOSITIONS},
        n=found.get(EVERY, 0),
        rates={r.name: r for r in records.response if (r.round, r.arm) == (round_, arm)},
    )


def _response_rows(source: Source, round_: str, groups: Sequence[ContactCounts]) -> Iterator[Row]:
    counts, rates = (
        source.wording(
            "response.heading", round=source.round_name(round_), what=source.wording(what)
        )
        for what in ("response.counts-of", "response.rates-of")
    )
    sampled = (c for group in groups for c in (table.count(group.n), table.none()))
    label = source.wording("response.sampled-units")
    yield table.row(f"{round_}-{SAMPLED}", label, *sampled, group=counts)
    for code in DISPOSITIONS:
        cells = (c for group in groups for c in _of_disposition(group, code))
        label = source.wording(f"response.disposition.{code}")
        yield table.row(f"{round_}-{code.lower()}", label, *cells, group=counts)
    recorded = {r.name for r in source.records.response if r.round == round_}
    for name in get_args(RateName):
        if name in recorded:
            cells = (c for g in groups for c in (table.none(), _rate(source, g, name)))
            label = source.wording(f"response.rate.{name}")
            yield table.row(f"{round_}-{name.lower()}", label, *cells, group=rates)


def _of_disposition(group: ContactCounts, code: str) -> tuple[Cell, Cell]:
    """A count with its share of all units; a share would tell a withheld count."""
    found = group.counts[code]
    if code not in COUNTED:
        return table.count(found), table.none()
    return table.count(found), levels_and_attrition.percentage(found, group.n)


def _rate(source: Source, group: ContactCounts, name: RateName) -> Cell:
    rate = group.rates.get(name)
    if rate is None:
        return table.suppressed(source.language)
    return levels_and_attrition.percentage(rate.rate * rate.n, rate.n)


def _in_words(source: Source, round_: str, of_arms: Mapping[str, ContactCounts]) -> str:
    """The response rate of each group of a round."""
    found = []
    for arm, group in of_arms.items():
        rate = group.rates.get("RR1")
        if rate is None or is_withheld(rate.rate):
            shown = source.wording("response.not-shown")
        else:
            decimals = 2 + levels_and_attrition.decimals(rate.n)
            shown = number_format.percent(round(rate.rate, decimals), source.language)
        label = words.in_sentence(source.arm(arm))
        found.append(source.wording("response.rr1-is", arm=label, rate=shown))
    name = source.round_name(round_)
    return source.wording("response.said", round=name, rates="; ".join(found))
