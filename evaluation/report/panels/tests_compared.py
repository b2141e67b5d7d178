"""Tables of the two permutation tests: their power, and what each says without one cluster."""

import math
from collections.abc import Iterator

from evaluation.config.design_records import SimulatedFall, SimulatedPower
from evaluation.config.exhibits import Exhibit
from evaluation.estimation.records import Diagnostic
from evaluation.report.formats import number_format, table
from evaluation.report.formats.table import Row, Table
from evaluation.report.panels.lines import place_name, quantity
from evaluation.report.panels.sentences import smallest_fall
from evaluation.report.prose import table_frame
from evaluation.report.sources import Source

PERCENT = 100.0
Said = tuple[str, str]


@table.builds
def panel_without(exhibit: Exhibit, source: Source) -> Table:
    """The primary ratio and both p-values without each treated cluster, in the order of codes."""
    rows = [_without(source, d) for d in _left_out(source)]
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("left_out"),
            *table.columns("percent", shown="with unit"),
            *table.columns("p_value", "p_studentised"),
            *table.columns("std_error", shown="download"),
        ),
        rows=rows,
        generated=() if rows else (source.note("panel.tests", "panel.without-none"),),
        sentences=_of_without(source),
    )


def _left_out(source: Source) -> list[Diagnostic]:
    name = source.plan.primary_specification().id
    # scrambled treatment would name places that have none
    if source.configuration.study.blinded:
        return []
    return [
        d
        for d in source.records.diagnostics
        if (d.specification, d.name) == (name, "without_ratio")
    ]


def _value(source: Source, one: Diagnostic, name: str) -> float:
    found = quantity(source, one.specification, name, one.sample)
    return math.nan if found is None else found


def _without(source: Source, one: Diagnostic) -> Row:
    return table.row(
        f"without_{one.sample.text()}",
        _name(source, one),
        table.effect(PERCENT * math.expm1(one.value), decimals=0, unit="%"),
        table.p_value(_value(source, one, "without_p")),
        table.p_value(_value(source, one, "without_p_studentised")),
        table.number(_value(source, one, "without_error"), decimals=3),
    )


def _name(source: Source, one: Diagnostic) -> str:
    """The name of a cluster that is left out, from the list of those that pages may name."""
    code = one.sample.text()
    for place in source.records.frame:
        if place.get("code") == code:
            return place_name(place["name"])
    return code


def _of_without(source: Source) -> Iterator[Said]:
    """On which clusters the smaller p-value rests."""
    every = _left_out(source)
    if not every:
        yield "carried", source.wording("panel.carried.not-computed")
        return
    line = 1.0 - source.plan.inference.level
    p = {one.sample.text(): _value(source, one, "without_p_studentised") for one in every}
    above = [one for one in every if p[one.sample.text()] >= line]
    of_others = [p[one.sample.text()] for one in every if one not in above]
    names = [
        source.wording(
            "panel.without-p",
            name=_name(source, one),
            p=number_format.p_value(p[one.sample.text()], source.language),
        )
        for one in above
    ]
    key = "none" if not above else "some" if of_others else "all"
    yield (
        "carried",
        source.wording(
            f"panel.carried.{key}",
            names=number_format.listed(names, source.language),
            n=len(of_others),
            largest=number_format.p_value(max(of_others, default=0.0), source.language),
        ),
    )


@table.builds
def panel_tests_power(exhibit: Exhibit, source: Source) -> Table:
    """Share of simulated data sets in which either test rejects, by fall, with its error."""
    made = _simulated(source)
    rows = [_fall(source, made, one) for one in made.falls] if made else []
    return table_frame.table(
        exhibit,
        source,
        columns=(
            *table.columns("quantity"),
            *table.columns("detected_coefficient", "detected_error", shown="with unit"),
            *table.columns("detected_studentised", "detected_studentised_error", shown="with unit"),
        ),
        rows=rows,
        generated=(_made(source, made),),
        sentences=_of_power(source, made),
    )


def _simulated(source: Source) -> SimulatedPower | None:
    """The simulation of these data; None where there is none, or it is of others."""
    made = source.configuration.simulated
    return made if made and made.data == source.records.provenance.data_hash else None


def _made(source: Source, made: SimulatedPower | None) -> str:
    if made is None:
        return source.note("panel.simulation", "panel.simulated-none")
    number = made.block * len(made.falls[0].coefficient)
    return source.note(
        "panel.simulation", "panel.simulated", n=number, permutations=made.permutations
    )


def _chances(made: SimulatedPower, one: SimulatedFall) -> list[float]:
    """Percent of either test with its Monte Carlo error."""
    number, found = made.block * len(one.coefficient), []
    for rejected in (one.coefficient, one.studentised):
        share = sum(rejected) / number
        found += [PERCENT * share, PERCENT * math.sqrt(share * (1.0 - share) / number)]
    return found


def _fall(source: Source, made: SimulatedPower, one: SimulatedFall) -> Row:
    fall = number_format.share(one.fall, 0, source.language)
    label = source.wording("panel.fall", fall=fall) if one.fall else source.wording("panel.no-fall")
    values = _chances(made, one)
    return table.row(
        f"fall_{PERCENT * one.fall:g}",
        label,
        *(table.number(x, decimals=k % 2, unit="%") for k, x in enumerate(values)),
    )


def _of_power(source: Source, made: SimulatedPower | None) -> Iterator[Said]:
    """Size of both tests, and their power at the smallest fall that matters."""
    if made is None:
        yield "tests_power", source.wording("panel.simulated-none")
        return
    by_fall = {round(one.fall, 6): _chances(made, one) for one in made.falls}
    none, matters = by_fall.get(0.0), by_fall.get(smallest_fall(source))
    if none is None or matters is None:
        return
    size = [number_format.plain(x, 0, source.language) for x in (none[0], none[2])]
    power = [number_format.plain(x, 0, source.language) for x in (matters[0], matters[2])]
    # what two errors of a difference of shares from the same data sets cannot part is as often
    error = math.hypot(matters[1], matters[3])
    more = matters[0] - matters[2]
    key = "alike" if abs(more) <= 2.0 * error else "coefficient" if more > 0 else "studentised"
    yield (
        "tests_power",
        source.wording(
            f"panel.tests-power.{key}",
            fall=number_format.share(smallest_fall(source), 0, source.language),
            coefficient=power[0],
            studentised=power[1],
            size=size[0],
            size_studentised=size[1],
        ),
    )
