"""What the two-page brief says: from the records of the primary outcomes alone, without layout.

The page and the word-processor document are written from the same content. Its sentences, answers
and figure are those of the exhibits, so the brief cannot say more than the tables do.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from evaluation.config.exhibits import Exhibit
from evaluation.config.plan import Outcome
from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import builders
from evaluation.report.effect_rows import EffectLine, lines
from evaluation.report.figures.frame import Figure
from evaluation.report.formats import number_format, words
from evaluation.report.prose import citations, sentences
from evaluation.report.prose.conclusions import SIMULTANEOUS, Concluded, Conclusion, concluded
from evaluation.report.prose.headlines import PrimaryResult, label
from evaluation.report.prose.sensitivity_summary import ground
from evaluation.report.prose.statements import Claim
from evaluation.report.sources import Source

# What no effect of such a comparison means.
NEVER = ("change-as-effect", "one-cluster")
# The claims of the table of statements that two pages have room for.
CLAIMS: tuple[Claim, ...] = ("range", "changed")
# Tables that say in a sentence how certain the evidence is.
CERTAIN = ("certainty", "risk_of_bias")
CONDITIONS = {
    "lot": "brief.holds-if-by-lot",
    "baseline": "brief.holds-if-ancova",
    "trends": "brief.holds-if",
}
HEADS = ("outcome", "effect", "interval", "matters", "conclusion")


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefEffect:
    """One primary outcome as a row of the table, and the sentence that says all of it.

    Attributes
    ----------
    cells : tuple of str
        Under the heads: outcome, effect with its unit, interval, smallest effect that matters,
        conclusion. Without an estimate the second says so.
    """

    cells: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A sentence that may be said, and on which condition; empty where there is none."""

    phrase: str
    care: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Content of a brief in one language, ready to be laid out.

    Attributes
    ----------
    mark, banner : str
        Of the study, short and as a sentence; empty where the data are real.
    about : str
        Authors, institution and year; empty where the study declares none.
    answer : str
        To the question, in a sentence or two.
    heads : tuple of str
        Of the table of effects.
    figure : Figure or None
        None where the study draws no coefficient plot.
    sure : tuple of str
        How sure we are: the assumption, the precision, the certainty of the evidence.
    quotes : tuple of Quote
        Sentences to quote.
    coded : str
        Code of the table that the numbers are from, with its version.
    """

    language: str
    mark: str
    banner: str
    title: str
    about: str
    question: str
    answer: str
    compared: str
    heads: tuple[str, ...]
    effects: tuple[BriefEffect, ...]
    figure: Figure | None
    sure: tuple[str, ...]
    quotes: tuple[Quote, ...]
    never: tuple[str, ...]
    source: str
    citation: str
    coded: str


def brief(source: Source) -> Brief:
    """The content of a study's brief.

    Parameters
    ----------
    source : Source
        Records, configuration and language.

    Raises
    ------
    ReportError
        No table of effects shows a primary outcome.
    """
    language, study = source.language, source.configuration.study
    exhibit = first(source, "effects", lambda entry: bool(_primary(entry, source)))
    if exhibit is None:
        raise ReportError.of("brief-needs-table", "add-exhibit-builder", "exhibits.toml")
    chosen = _primary(exhibit, source)
    plot = first(source, "coefficient_plot")
    asked = first(source, "statements")
    said = dict(builders.build(exhibit, source).said)
    return Brief(
        language=language,
        mark=words.mark(study.mark, language),
        banner=words.banner(study.mark, language),
        title=study.title[language],
        about=about(source),
        question=study.question[language],
        answer=said.get("answer", ""),
        compared=_compared(chosen, source),
        heads=heads(source),
        effects=tuple(_effect(line) for line in chosen),
        figure=None if plot is None else builders.draw(plot, source),
        sure=_sure(said.get("power", ""), source),
        quotes=_quotes(asked, chosen, source),
        never=_never(chosen, source),
        source=source_line(exhibit, plot, asked, [line.found for line in chosen], source),
        citation=citations.plain(exhibit, source),
        coded=number_format.coded(exhibit.code, source.records.provenance.version),
    )


def heads(source: Source) -> tuple[str, ...]:
    """Heads of the table of effects."""
    level = source.configuration.preregistration.plan.inference.level
    shown = {"interval": {"level": number_format.percent(level, source.language)}}
    return tuple(source.wording(f"brief.head.{name}", **shown.get(name, {})) for name in HEADS)


def _compared(chosen: tuple[EffectLine, ...], source: Source) -> str:
    """What an effect is here, of whom, and whether the intervals hold together."""
    population = source.configuration.study.population[source.language]
    found = [line.found for line in chosen if isinstance(line.found, Estimate)]
    together = all(estimate.adjustment in SIMULTANEOUS for estimate in found)
    changes = all(line.specification.method == "did" for line in chosen)
    compared = "brief.compared" if changes else "brief.compared-ancova"
    parts = [source.wording(compared, population=population)]
    return " ".join([*parts, *([source.wording("brief.together")] if found and together else [])])


def _rights(source: Source) -> tuple[str, ...]:
    """The terms of text and tables, where the study states them."""
    stated, language = source.configuration.study.publication, source.language
    if stated is None or stated.licence is None:
        return ()
    return (source.wording("brief.rights", licence=stated.licence[language]),)


def about(source: Source) -> str:
    """Authors, institution and year in a line; empty where the study declares none."""
    declared = source.configuration.study.publication
    if declared is None:
        return ""
    authors = number_format.listed(declared.authors_in(source.language), source.language)
    parts = (authors, declared.institution[source.language].rstrip("."), f"{declared.year}")
    return " \N{MIDDLE DOT} ".join(parts)


def first(
    source: Source, builder: str, shows: Callable[[Exhibit], bool] = lambda _: True
) -> Exhibit | None:
    """The first exhibit of a builder that shows what is wanted.

    Parameters
    ----------
    source : Source
    builder : str
    shows : callable, optional
    """
    registry = source.configuration.registry.exhibit
    return next((e for e in registry if e.builder == builder and shows(e)), None)


def _primary(exhibit: Exhibit, source: Source) -> tuple[EffectLine, ...]:
    """The first row of each primary outcome that a table of effects shows."""
    found: dict[str, EffectLine] = {}
    for line in lines(exhibit, source):
        if line.outcome.primary:
            found.setdefault(line.outcome.id, line)
    return tuple(found.values())


def _effect(line: EffectLine) -> BriefEffect:
    outcome, found, language = line.outcome, line.found, line.source.language
    named = outcome.label[language]
    if isinstance(found, Unavailable):
        missing = line.source.wording("brief.not-available")
        return BriefEffect(cells=(named, missing, "", "", ""), sentence=found.reason.text(language))
    made, smallest = PrimaryResult.of(line.source, found), outcome.smallest_effect
    return BriefEffect(
        cells=(
            named,
            sentences.amount(found.estimate, outcome, language=language),
            number_format.interval(found.ci_low, found.ci_high, outcome.decimals, language),
            _unsigned(smallest, outcome, language),
            words.begun(label(made)) if made else "",
        ),
        sentence=sentences.effect_sentence(line.source, found),
    )


def _unsigned(smallest: float | None, outcome: Outcome, language: str) -> str:
    if smallest is None:
        return ""
    return sentences.amount(smallest, outcome, language=language).removeprefix("+")


def _concluded(line: EffectLine) -> Concluded | None:
    """The conclusion; None where there is no estimate or its interval is not simultaneous."""
    return None if isinstance(line.found, Unavailable) else concluded(line.source, line.found)


def _by_conclusion(chosen: tuple[EffectLine, ...]) -> dict[Conclusion | None, list[EffectLine]]:
    """Outcomes by their conclusion; those without an estimate are left out."""
    found: dict[Conclusion | None, list[EffectLine]] = {}
    for line in chosen:
        if isinstance(line.found, Estimate):
            made = _concluded(line)
            found.setdefault(made.conclusion if made else None, []).append(line)
    return found


def _sure(power: str, source: Source) -> tuple[str, ...]:
    """The assumption, what the survey can detect, and how certain the evidence was judged."""
    condition = CONDITIONS[ground(source.configuration)]
    tables = (first(source, builder) for builder in CERTAIN)
    judged = (
        dict(builders.build(x, source).said).get(name, "")
        for x in tables
        if x
        for name in ("overall", "threats")
    )
    return tuple(
        text for text in (source.wording(condition), power, " ".join(filter(None, judged))) if text
    )


def _never(chosen: tuple[EffectLine, ...], source: Source) -> tuple[str, ...]:
    """What the results do not mean: misreadings of each conclusion, then those of any."""
    lines_of = _by_conclusion(chosen)
    drawn = [conclusion for conclusion in lines_of if conclusion is not None]
    misread = [source.wording(f"brief.misread.{conclusion}") for conclusion in drawn]
    if len(drawn) > 1:
        # which of several misreadings is about which outcome
        listed = (
            number_format.listed(
                [words.noun(x.outcome, source.language) for x in lines_of[c]], source.language
            )
            for c in drawn
        )
        misread = [f"{t.rstrip('.')} ({o})." for t, o in zip(misread, listed, strict=True)]
    population = source.configuration.study.population[source.language]
    alone = source.wording("brief.never.participants-alone", population=population)
    never = (source.wording(f"brief.never.{name}") for name in NEVER)
    return (*misread, alone, *never)


def _quotes(
    exhibit: Exhibit | None, chosen: tuple[EffectLine, ...], source: Source
) -> tuple[Quote, ...]:
    """Rows of the table of statements that may be said, else the sentence of each outcome."""
    if exhibit is None:
        return tuple(Quote(phrase=_effect(line).sentence, care="") for line in chosen)
    made = builders.build(exhibit, source)
    position = {column.id: i for i, column in enumerate(made.columns)}
    wanted = {f"{line.outcome.id}-{claim}" for line in chosen for claim in CLAIMS}
    shown = []
    for row in made.rows:
        phrase, answer, why = (row.cells[position[name]] for name in ("phrase", "answer", "why"))
        if row.id in wanted and answer.kind != "no":
            shown.append(Quote(phrase=phrase.text, care=why.text if answer.kind == "care" else ""))
    return tuple(shown)


def source_line(
    exhibit: Exhibit,
    plot: Exhibit | None,
    asked: Exhibit | None,
    found: Iterable[Estimate | Unavailable],
    source: Source,
) -> str:
    """Where numbers, phrases and figure are from, and under which terms.

    Parameters
    ----------
    exhibit : Exhibit
        Table of the numbers.
    plot, asked : Exhibit or None
        Figure, and table of the statements.
    found : iterable of Estimate or Unavailable
        Whose status in the plan is said.
    source : Source
    """
    language, made_from = source.language, source.records.provenance
    statuses = dict.fromkeys(e.status for e in found if isinstance(e, Estimate))
    parts = [
        source.wording(
            "brief.numbers",
            coded=number_format.coded(exhibit.code, made_from.version),
            id=exhibit.id,
        ),
        *(source.wording("brief.phrases", code=entry.code) for entry in (asked,) if entry),
        *(source.wording("brief.figure", code=entry.code) for entry in (plot,) if entry),
        *(words.status_sentence(s, language) for s in statuses),
        source.wording(
            "brief.made-from",
            plan=number_format.short_hash(made_from.plan_hash),
            data=number_format.short_hash(made_from.data_hash),
        ),
        *_rights(source),
    ]
    return " ".join(parts)
