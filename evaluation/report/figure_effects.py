"""Figure of effects: each in SD and in its own unit, its interval over what matters and the MDE."""

import math

from evaluation.locale.messages import wording
from evaluation.report import figure_style as style
from evaluation.report import formats, heads, sentences, table, words
from evaluation.report.conclusions import concluded
from evaluation.report.effect_lines import Line, lines
from evaluation.report.figure_effect_panels import draw_panels, in_own_unit, in_sd, is_suppressed
from evaluation.report.figure_frame import finish
from evaluation.report.sources import Source
from evaluation.report.table import Cell, Row, Table
from evaluation.spec.exhibits import Exhibit
from evaluation.spec.records import Estimate, Unavailable

SD_FIELDS = ("estimate_sd", "ci_low_sd", "ci_high_sd", "smallest_effect_sd", "mde_sd")
OWN_FIELDS = ("estimate", "ci_low", "ci_high", "smallest_effect", "mde")
EFFECT_FIELDS = (*SD_FIELDS, *OWN_FIELDS)


@style.draws
def coefficient_plot(exhibit: Exhibit, source: Source) -> style.Figure:
    """One row of panels per outcome: in SD on the common axis, in its own unit on its own."""
    chosen = lines(exhibit, source)
    with style.applied():
        return finish(
            draw_panels(chosen, source),
            exhibit,
            source,
            data=_effects_data(exhibit, source, chosen),
            alt=_effects_alt(chosen, source.language),
        )


def _effects_data(exhibit: Exhibit, source: Source, chosen: tuple[Line, ...]) -> Table:
    columns = tuple(
        heads.column(source, name) for name in ("outcome", "specification", "unit", *EFFECT_FIELDS)
    )
    rows = tuple(_effects_row(x) for x in chosen)
    generated = (
        wording("effects.scale", source.language),
        wording("effects.hatched-note", source.language),
    )
    return heads.table(exhibit, source, columns=columns, rows=rows, generated=generated)


def _effects_row(line: Line) -> Row:
    language = line.source.language
    lead = (
        table.text(line.outcome.label[language]),
        table.text(line.specification.label[language]),
        table.text(words.unit(line.outcome.unit, language)),
    )
    identifier = f"{line.outcome.id}-{line.specification.id}"
    if isinstance(line.found, Unavailable):
        absent = table.unavailable(line.found.reason, language)
        return Row(
            id=identifier, cells=(*lead, absent, *(table.none(),) * (len(EFFECT_FIELDS) - 1))
        )
    unit, decimals = line.outcome.unit, line.outcome.decimals
    hidden = table.suppressed(language) if is_suppressed(line) else table.none()
    scaled = (_cell(x, hidden, decimals=2, unit="SD") for x in in_sd(line))
    own = (_cell(x, table.none(), decimals=decimals, unit=unit) for x in in_own_unit(line))
    return Row(id=identifier, cells=(*lead, *scaled, *own))


def _cell(value: float, absent: Cell, *, decimals: int, unit: str) -> Cell:
    return absent if math.isnan(value) else table.effect(value, decimals=decimals, unit=unit)


def _effects_alt(chosen: tuple[Line, ...], language: str) -> str:
    said = [
        _said(x, x.found)
        if isinstance(x.found, Estimate)
        else wording("effects.absent", language, outcome=x.outcome.label[language])
        for x in chosen
    ]
    return wording("effects.alt", language, said=" ".join(said))


def _said(line: Line, found: Estimate) -> str:
    """An effect in words, what is hatched in its row, and the same in SD where it may be shown."""
    language, outcome = line.source.language, line.outcome
    effect = sentences.effect_sentence(
        found, outcome, language=language, concluded=concluded(line.source, found)
    )
    decimals = formats.apart(found.mde, outcome.smallest_effect, outcome.decimals)
    value = formats.plain(found.mde, decimals, language)
    unit = words.unit(outcome.unit, language)
    said = f"{effect}{wording('effects.alt-mde', language, mde=value, unit=unit)}"
    scaled = in_sd(line)
    if outcome.unit == "SD" or math.isnan(scaled.estimate):
        return said
    return said + wording(
        "effects.alt-in-sd",
        language,
        effect=formats.signed(scaled.estimate, 2, language),
        interval=formats.interval(scaled.low, scaled.high, 2, language),
        mde=formats.plain(scaled.mde, 2, language),
    )
