"""What became of the units that were sampled, and AAPOR's outcome rates, by round and group.

Counts and rates are withheld together: a rate is one more sum of counts that a reader knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from evaluation.report import disclosure
from evaluation.report.formats import number_format, table, words
from evaluation.report.formats.table import Cell, Column, Row, Table, slug
from evaluation.report.linked_counts import COUNTED, EVERY, SAMPLED
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source
from evaluation.report.tables import levels_and_attrition
from evaluation.study.confidentiality import is_withheld
from evaluation.study.exhibits import Exhibit
from evaluation.study.sampling import DISPOSITIONS, RateName, ResponseRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
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
            for row in _rows(source, r, list(of_arms.values()))
        ),
        generated=(
            words.labelled(source.wording("response.in-words"), in_words),
            words.labelled(source.wording("response.defined"), defined),
            disclosure.rule_note(study, language) + source.wording("response.together"),
        ),
        sentences=(("response", in_words),),
    )


def _contacts(source: Source, round_: str, arm: str) -> Contacts:
    records = source.records
    here = (d for d in records.dispositions if (d.round, d.arm) == (round_, arm))
    found: dict[str, int] = {d.disposition: d.n for d in here}
    return Contacts(
        counts={code: found.get(code, 0) for code in DISPOSITIONS},
        n=found.get(EVERY, 0),
        rates={r.name: r for r in records.response if (r.round, r.arm) == (round_, arm)},
    )


def _rows(source: Source, round_: str, groups: Sequence[Contacts]) -> Iterator[Row]:
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


def _of_disposition(group: Contacts, code: str) -> tuple[Cell, Cell]:
    """A count with its share of all units; a share would tell a withheld count."""
    found = group.counts[code]
    if code not in COUNTED:
        return table.count(found), table.none()
    return table.count(found), levels_and_attrition.percentage(found, group.n)


def _rate(source: Source, group: Contacts, name: RateName) -> Cell:
    rate = group.rates.get(name)
    if rate is None:
        return table.suppressed(source.language)
    return levels_and_attrition.percentage(rate.rate * rate.n, rate.n)


def _in_words(source: Source, round_: str, of_arms: Mapping[str, Contacts]) -> str:
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
