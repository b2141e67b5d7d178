"""What became of the units that were sampled, and AAPOR's outcome rates, by round and group.

Counts and rates are withheld together: a rate is one more sum of counts that a reader knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from evaluation.locale.messages import wording
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
class Place:
    """One round and group."""

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
    arms = [arm.id for arm in study.arm]
    places = {(r, a): _place(source, r, a) for r in study.rounds for a in arms}
    rows = tuple(
        row
        for round_ in study.rounds
        for row in _rows(source, round_, [places[round_, a] for a in arms])
    )
    columns = (
        Column(id="outcome", label=wording("response.outcome", language)),
        *(
            Column(id=f"{stem}_{slug(arm)}", label=wording(text, language, arm=source.arm(arm)))
            for arm in arms
            for stem, text in (("n", "response.units"), ("share", "response.share"))
        ),
    )
    said = _in_words(source, places)
    share = study.contacts.eligible_share if study.contacts is not None else None
    given = number_format.shortest(share or 0.0, language)
    chosen = "response.without-e" if share is None else "response.with-e"
    generated = (
        words.labelled(wording("response.in-words", language), said),
        words.labelled(
            wording("response.defined", language),
            wording("response.standard", language) + wording(chosen, language, e=given),
        ),
        disclosure.rule_note(study, language) + wording("response.together", language),
    )
    return table_frame.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=generated,
        said=(("response", said),),
    )


def _place(source: Source, round_: str, arm: str) -> Place:
    records = source.records
    here = (d for d in records.dispositions if (d.round, d.arm) == (round_, arm))
    found: dict[str, int] = {d.disposition: d.n for d in here}
    return Place(
        counts={code: found.get(code, 0) for code in DISPOSITIONS},
        n=found.get(EVERY, 0),
        rates={r.name: r for r in records.response if (r.round, r.arm) == (round_, arm)},
    )


def _rows(source: Source, round_: str, places: Sequence[Place]) -> Iterator[Row]:
    language = source.language
    named = source.round_name(round_)
    counts, rates = (
        wording("response.heading", language, round=named, what=wording(what, language))
        for what in ("response.counts-of", "response.rates-of")
    )
    yield Row(
        id=f"{round_}-{SAMPLED}",
        group=counts,
        cells=(
            table.text(wording("response.sampled-units", language)),
            *(c for p in places for c in (table.count(p.n), table.none())),
        ),
    )
    for code in DISPOSITIONS:
        cells = (c for p in places for c in _of_disposition(p, code))
        label = table.text(wording(f"response.disposition.{code}", language))
        yield Row(id=f"{round_}-{code.lower()}", group=counts, cells=(label, *cells))
    recorded = {r.name for r in source.records.response if r.round == round_}
    for name in get_args(RateName):
        if name in recorded:
            cells = (c for p in places for c in (table.none(), _rate(p, name, language)))
            yield Row(
                id=f"{round_}-{name.lower()}",
                group=rates,
                cells=(table.text(wording(f"response.rate.{name}", language)), *cells),
            )


def _of_disposition(place: Place, code: str) -> tuple[Cell, Cell]:
    """A count with its share of all units; a share would tell a withheld count."""
    found = place.counts[code]
    if code not in COUNTED:
        return table.count(found), table.none()
    return table.count(found), levels_and_attrition.percentage(found, place.n)


def _rate(place: Place, name: RateName, language: str) -> Cell:
    rate = place.rates.get(name)
    if rate is None:
        return table.suppressed(language)
    return levels_and_attrition.percentage(rate.rate * rate.n, rate.n)


def _in_words(source: Source, places: Mapping[tuple[str, str], Place]) -> str:
    """The response rate of each round and group in one line a round."""
    language = source.language
    said = []
    for round_ in source.configuration.study.rounds:
        found = []
        for arm in source.configuration.study.arm:
            rate = places[round_, arm.id].rates.get("RR1")
            shown = (
                wording("response.not-shown", language)
                if rate is None or is_withheld(rate.rate)
                else number_format.percent(
                    round(rate.rate, 2 + levels_and_attrition.decimals(rate.n)), language
                )
            )
            label = words.in_sentence(arm.label[language])
            found.append(wording("response.rr1-is", language, arm=label, rate=shown))
        said.append(
            wording(
                "response.said", language, round=source.round_name(round_), rates="; ".join(found)
            )
        )
    return " ".join(said)
