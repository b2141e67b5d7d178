"""What became of the units that were sampled, and AAPOR's outcome rates, by round and group.

Counts and rates are withheld together: a rate is one more sum of counts that a reader knows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluation.errors import ReportError
from evaluation.report import disclosure, formats, heads, shares, table, words
from evaluation.report.response_words import (
    COUNTS_OF,
    DEFINED,
    DISPOSITIONS,
    HEADING,
    IN_WORDS,
    NOT_SHOWN,
    OUTCOME,
    RATES,
    RATES_OF,
    RR1_IS,
    SAID,
    SAMPLED_UNITS,
    SHARE,
    STANDARD,
    TOGETHER,
    UNITS,
    WITH_E,
    WITHOUT_E,
)
from evaluation.report.sources import Source
from evaluation.report.suppression import Margin, suppress
from evaluation.report.table import Cell, Column, Row, Table, slug
from evaluation.report.table_flow import SAMPLED, shown_counts
from evaluation.spec.contacts import DispositionCount, RateName, ResponseRate
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.study import Study

# Units that are or may be eligible, in the order of the rows; NE is beside their sum.
COUNTED = ("I", "P", "R", "NC", "O", "UH", "UO")
UNKNOWN = ("UH", "UO")
KNOWN = ("I", "P", "R", "NC", "O")
INTERVIEWS = ("I", "P")
REACHED = ("I", "P", "R", "O")
# Which counts a rate is made of. With e both the units of known and of unknown eligibility can be
# worked out, because their sum is known.
PARTS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "RR1": (("I",),),
    "RR2": (INTERVIEWS,),
    "RR3": (("I",), KNOWN),
    "RR4": (INTERVIEWS, KNOWN),
    "RR5": (("I",), KNOWN),
    "RR6": (INTERVIEWS, KNOWN),
    "COOP1": (("I",), REACHED),
    "REF1": (("R",),),
    "CON1": (REACHED,),
    "replacements": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One round and group as it may be shown: ``None`` for what is withheld."""

    counts: Mapping[str, int | None]
    n: int | None
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
        raise shares.no_records("dispositions", "dispositions.csv")
    study, language = source.configuration.study, source.language
    arms = [arm.id for arm in study.arm]
    places = {(r, a): _place(source, r, a) for r in study.rounds for a in arms}
    rows = tuple(
        row
        for round_ in study.rounds
        for row in _rows(source, round_, [places[round_, a] for a in arms])
    )
    columns = (
        Column(id="outcome", label=OUTCOME[language]),
        *(
            Column(id=f"{stem}_{slug(arm)}", label=text[language].format(arm=source.arm(arm)))
            for arm in arms
            for stem, text in (("n", UNITS), ("share", SHARE))
        ),
    )
    share = study.contacts.eligible_share if study.contacts is not None else None
    chosen = WITHOUT_E[language] if share is None else WITH_E[language]
    said = _in_words(source, places)
    given = formats.shortest(share or 0.0, language)
    generated = (
        words.labelled(IN_WORDS[language], said),
        words.labelled(DEFINED[language], STANDARD[language] + chosen.format(e=given)),
        disclosure.rule_note(study, language) + TOGETHER[language],
    )
    return heads.table(
        exhibit,
        source,
        columns=columns,
        rows=rows,
        generated=generated,
        said=(("response", said),),
    )


def _place(source: Source, round_: str, arm: str) -> Place:
    """A round and group after the disclosure rule; rates give way before counts do."""
    records = source.records
    found = {d.disposition: d for d in records.dispositions if (d.round, d.arm) == (round_, arm)}
    rates = [r for r in records.response if (r.round, r.arm) == (round_, arm)]
    of_units = [r for r in rates if PARTS[r.name]]
    flow = shown_counts(source).get((round_, SAMPLED, "", arm))
    is_open = flow is None or flow.n is not None
    counts: dict[str, int | None] = {
        code: found[code].n if code in found else 0 for code in DISPOSITIONS
    }
    n = sum(counts[code] or 0 for code in COUNTED)
    hidden = _hidden(source, found, [], is_open=is_open)
    kept: list[ResponseRate] = []
    for rate in of_units if is_open and hidden is not None else ():
        # a rate is not shown that tells a small sum, which is hidden then, or hides another count
        if _hidden(source, found, [*kept, rate], is_open=is_open) == hidden:
            kept.append(rate)
    if hidden is None:
        hidden = frozenset(DISPOSITIONS)
    shown = {r.name: r for r in (*kept, *(r for r in rates if not PARTS[r.name]))}
    return Place(
        counts={code: None if code in hidden else count for code, count in counts.items()},
        n=n if is_open else None,
        rates=shown,
    )


def _hidden(
    source: Source,
    found: Mapping[Any, DispositionCount],
    rates: Sequence[ResponseRate],
    *,
    is_open: bool,
) -> frozenset[Any] | None:
    """Dispositions to withhold beside these rates; None where nothing could protect them."""
    study = source.configuration.study
    cells: dict[Any, int] = {c: found[c].n if c in found else 0 for c in DISPOSITIONS}
    # known beside the counts: all units, all interviews (sample flow), and what the rates add
    sums = sorted({COUNTED, INTERVIEWS, *(part for rate in rates for part in PARTS[rate.name])})
    cells |= {part: sum(cells[code] for code in part) for part in sums}
    secret = {c for c, d in found.items() if disclosure.is_small(d.n, d.n_clusters, study=study)}
    while True:
        try:
            hidden = suppress(
                cells,
                [Margin(part, part) for part in sums],
                minimum=study.minimum_cell,
                secret=frozenset(secret if is_open else {*secret, COUNTED}),
                elsewhere=frozenset(sums),
                range_="wide",
            )
        except ReportError:
            return None
        thin = next((part for part in sums if _is_thin(part, hidden, found, study)), None)
        if thin is None:
            return hidden
        spare = [code for code in thin if code not in hidden and cells[code] > 0]
        if not spare:
            return None
        secret.add(min(spare, key=lambda code: cells[code]))


def _is_thin(
    part: tuple[str, ...],
    hidden: frozenset[Any],
    found: Mapping[Any, DispositionCount],
    study: Study,
) -> bool:
    """Whether what a known sum withholds may lie in too few clusters: at least the widest of it."""
    if part in hidden:
        return False
    clusters = [found[code].n_clusters for code in part if code in hidden and code in found]
    return 0 < max(clusters, default=0) < study.minimum_clusters


def _rows(source: Source, round_: str, places: Sequence[Place]) -> Iterator[Row]:
    language = source.language
    named = source.round_name(round_)
    counts, rates = (
        HEADING[language].format(round=named, what=what[language]) for what in (COUNTS_OF, RATES_OF)
    )
    yield Row(
        id=f"{round_}-{SAMPLED}",
        group=counts,
        cells=(
            table.text(SAMPLED_UNITS[language]),
            *(c for p in places for c in (_count(p.n, language), table.none())),
        ),
    )
    for code, label in DISPOSITIONS.items():
        cells = (c for p in places for c in _of_disposition(p, code, language))
        yield Row(
            id=f"{round_}-{code.lower()}", group=counts, cells=(table.text(label[language]), *cells)
        )
    recorded = {r.name for r in source.records.response if r.round == round_}
    for name, label in RATES.items():
        if name in recorded:
            cells = (c for p in places for c in (table.none(), _rate(p, name, language)))
            yield Row(
                id=f"{round_}-{name.lower()}",
                group=rates,
                cells=(table.text(label[language]), *cells),
            )


def _of_disposition(place: Place, code: str, language: str) -> tuple[Cell, Cell]:
    """A count with its share of all units; a share would tell a withheld count."""
    found = place.counts[code]
    if found is None:
        return table.suppressed(language), table.suppressed(language)
    if code not in COUNTED:
        return table.count(found), table.none()
    if place.n is None:
        return table.count(found), table.suppressed(language)
    return table.count(found), shares.percentage(found, place.n)


def _count(n: int | None, language: str) -> Cell:
    return table.suppressed(language) if n is None else table.count(n)


def _rate(place: Place, name: RateName, language: str) -> Cell:
    rate = place.rates.get(name)
    if rate is None:
        return table.suppressed(language)
    return shares.percentage(rate.rate * rate.n, rate.n)


def _in_words(source: Source, places: Mapping[tuple[str, str], Place]) -> str:
    """The response rate of each round and group in one line a round."""
    language = source.language
    said = []
    for round_ in source.configuration.study.rounds:
        found = []
        for arm in source.configuration.study.arm:
            rate = places[round_, arm.id].rates.get("RR1")
            shown = (
                NOT_SHOWN[language]
                if rate is None
                else formats.percent(round(rate.rate, 2 + shares.decimals(rate.n)), language)
            )
            label = words.in_sentence(arm.label[language])
            found.append(RR1_IS[language].format(arm=label, rate=shown))
        said.append(SAID[language].format(round=source.round_name(round_), rates="; ".join(found)))
    return " ".join(said)
