"""What the two-page brief of a panel study says: its answer, both contrasts, and what to quote."""

from evaluation.errors import ReportError
from evaluation.estimation.records import Estimate, Unavailable
from evaluation.report import builders
from evaluation.report.brief import Brief, BriefEffect, Quote, about, first, heads, source_line
from evaluation.report.formats import number_format, words
from evaluation.report.panels import sentences, statements
from evaluation.report.panels.lines import SpecificationLine, answers
from evaluation.report.panels.tables import years_of
from evaluation.report.prose import citations
from evaluation.report.prose.conclusions import concluded
from evaluation.report.prose.headlines import PrimaryResult, label
from evaluation.report.sources import Source

# sentences over the tables of answer and power that say how sure the answer is
SURE = ("smallest", "listed")


def brief(source: Source) -> Brief:
    """The content of a panel study's brief.

    Parameters
    ----------
    source : Source

    Raises
    ------
    ReportError
        No table answers.
    """
    language, study = source.language, source.configuration.study
    exhibit, plot = first(source, "panel_answer"), first(source, "event_study_plot")
    asked = first(source, "panel_statements")
    if exhibit is None:
        raise ReportError.of("brief-needs-answer", "add-answer-table", "exhibits.toml")
    lines = answers(source)
    said = dict(sentences.of_answer(source, lines))
    return Brief(
        language=language,
        mark=words.mark(study.mark, language),
        banner=words.banner(study.mark, language),
        title=study.title[language],
        about=about(source),
        question=study.question[language],
        answer=said.get("answer") or "",
        compared=exhibit.reading[language],
        heads=heads(source),
        effects=tuple(_effect(line) for line in lines),
        figure=None if plot is None else builders.draw(plot, source),
        sure=_sure(source, said.get("later")),
        quotes=tuple(
            Quote(phrase=number_format.quoted(phrase, language), care="")
            for _, phrase, answer, _ in statements.statements(source)
            if answer == "yes"
        ),
        never=_never(source, lines[0]),
        source=source_line(exhibit, plot, asked, [line.found for line in lines], source),
        citation=citations.plain(exhibit, source),
        coded=number_format.coded(exhibit.code, source.records.provenance.version),
    )


def _effect(line: SpecificationLine) -> BriefEffect:
    source, language = line.source, line.source.language
    named = f"{words.begun(words.noun(line.outcome, language))}, {years_of(line)}"
    if isinstance(line.found, Unavailable):
        missing = source.wording("brief.not-available")
        return BriefEffect(
            cells=(named, missing, "", "", ""), sentence=line.found.reason.text(language)
        )
    value, low, high = (sentences.sized(x, language) for x in line.percent())
    made = PrimaryResult.of(source, line.found)
    smallest = number_format.share(sentences.smallest_fall(source), 0, language)
    return BriefEffect(
        cells=(
            named,
            value,
            source.wording("format.range", low=low, high=high),
            source.wording("panel.fall-of", fall=smallest) if made else "",
            words.begun(label(made) if made else source.wording("panel.no-conclusion")),
        ),
        sentence=source.wording("panel.estimate", **sentences.said_of(line)),
    )


def _sure(source: Source, later: str | None) -> tuple[str, ...]:
    """The assumption, what the comparison can detect, and why later years have no conclusion."""
    power = dict(sentences.of_power(source))
    said = [source.wording("brief.holds-if"), *(power.get(name) for name in SURE), later]
    return tuple(text for text in said if text)


def _never(source: Source, first_line: SpecificationLine) -> tuple[str, ...]:
    """What the results do not mean."""
    found = first_line.found
    made = concluded(source, found) if isinstance(found, Estimate) else None
    return tuple(
        source.wording(name)
        for name in (
            *([f"brief.misread.{made.conclusion}"] if made else []),
            *(["panel.why.nothing"] if made and made.conclusion == sentences.OPEN else []),
            "panel.why.before_after",
            "brief.never.one-cluster",
        )
    )
