"""What the two-page brief says: from the records of the primary outcomes alone, without layout.

The page and the word-processor document are written from the same content. Its sentences, answers
and figure are those of the exhibits, so the brief cannot say more than the tables do.
"""

from collections.abc import Callable
from dataclasses import dataclass

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report import builders
from evaluation.report.effect_rows import Line, lines
from evaluation.report.figures.frame import Figure
from evaluation.report.formats import number_format, words
from evaluation.report.formats.table import Kind
from evaluation.report.prose import citations, sentences
from evaluation.report.prose.conclusions import SMALL, Concluded, Conclusion, concluded
from evaluation.report.prose.sensitivity_summary import is_drawn_by_lot
from evaluation.report.prose.statements import Claim
from evaluation.report.sources import Source
from evaluation.study.exhibits import Exhibit
from evaluation.study.records import Estimate, Unavailable

# What no effect of such a comparison means.
NEVER = ("change-as-effect", "participants-alone", "one-cluster")
# The claims of the table of statements that two pages have room for.
CLAIMS: tuple[Claim, ...] = ("range", "changed", "nothing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One primary outcome: its estimate large, and the sentence that may be quoted."""

    label: str
    amount: str
    interval: str
    conclusion: str
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A phrase, whether it may be said (in words and as a kind of cell), and why."""

    phrase: str
    kind: Kind
    answer: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Content of a brief in one language, ready to be laid out.

    Attributes
    ----------
    mark, banner : str
        Of the study, short and as a sentence; empty where the data are real.
    figure : Figure or None
        None where the study draws no coefficient plot.
    answers : tuple of Answer
        Empty where the study has no table of statements.
    coded : str
        Code of the table that the numbers are from, with its version.
    """

    language: str
    mark: str
    banner: str
    title: str
    question: str
    compared: str
    effects: tuple[Effect, ...]
    figure: Figure | None
    means: tuple[str, ...]
    means_not: tuple[str, ...]
    answers: tuple[Answer, ...]
    source: str
    citation: str
    coded: str

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of the answers."""
        names = ("phrase", "answer", "why")
        return tuple(wording(f"column.{name}", self.language) for name in names)


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
    exhibit = _first(source, "effects", lambda entry: bool(_primary(entry, source)))
    if exhibit is None:
        raise ReportError.of("brief-needs-table", "add-exhibit-builder", "exhibits.toml")
    chosen = _primary(exhibit, source)
    plot = _first(source, "coefficient_plot")
    asked = _first(source, "statements")
    return Brief(
        language=language,
        mark=words.mark(study.mark, language),
        banner=words.banner(study.mark, language),
        title=study.title[language],
        question=study.question[language],
        compared=source.wording("brief.compared", population=study.population[language]),
        effects=tuple(_effect(line) for line in chosen),
        figure=None if plot is None else builders.draw(plot, source),
        means=_means(chosen, source),
        means_not=_means_not(chosen, source),
        answers=() if asked is None else _answers(asked, chosen, source),
        source=_source(exhibit, plot, asked, chosen, source),
        citation=citations.plain(exhibit, source),
        coded=number_format.coded(exhibit.code, source.records.provenance.version),
    )


def _first(
    source: Source, builder: str, shows: Callable[[Exhibit], bool] = lambda _: True
) -> Exhibit | None:
    registry = source.configuration.registry.exhibit
    return next((e for e in registry if e.builder == builder and shows(e)), None)


def _primary(exhibit: Exhibit, source: Source) -> tuple[Line, ...]:
    """The first row of each primary outcome that a table of effects shows."""
    found: dict[str, Line] = {}
    for line in lines(exhibit, source):
        if line.outcome.primary:
            found.setdefault(line.outcome.id, line)
    return tuple(found.values())


def _effect(line: Line) -> Effect:
    outcome, found, language = line.outcome, line.found, line.source.language
    label = outcome.label[language]
    if isinstance(found, Unavailable):
        return Effect(
            label=label,
            amount=line.source.wording("brief.not-available"),
            interval="",
            conclusion="",
            sentence=found.reason.text(language),
        )
    found_out = _concluded(line)
    return Effect(
        label=label,
        amount=sentences.amount(found.estimate, outcome, language=language),
        interval=sentences.interval(found, outcome, language=language, begun=True),
        conclusion=words.begun(found_out.said(outcome, language)) if found_out else "",
        sentence=sentences.effect_sentence(found, outcome, language=language, concluded=found_out),
    )


def _concluded(line: Line) -> Concluded | None:
    """The conclusion; None where there is no estimate or its interval is not simultaneous."""
    return None if isinstance(line.found, Unavailable) else concluded(line.source, line.found)


def _by_conclusion(chosen: tuple[Line, ...]) -> dict[Conclusion | None, list[Line]]:
    """Outcomes by their conclusion; those without an estimate are left out."""
    found: dict[Conclusion | None, list[Line]] = {}
    for line in chosen:
        if isinstance(line.found, Estimate):
            made = _concluded(line)
            found.setdefault(made.conclusion if made else None, []).append(line)
    return found


def _name(line: Line) -> str:
    """An outcome's name as it stands inside a sentence."""
    return words.in_sentence(line.outcome.label[line.source.language].split(" (")[0])


def _with_interval(line: Line) -> str:
    """An outcome's name, with the interval that its conclusion rests on where effects are small."""
    made, language = _concluded(line), line.source.language
    if made is None or made.conclusion not in SMALL:
        return _name(line)
    bounds = made.bounds(line.outcome, language)
    return line.source.wording("brief.with-interval", outcome=_name(line), bounds=bounds)


def _means(chosen: tuple[Line, ...], source: Source) -> tuple[str, ...]:
    """One sentence for each conclusion that there is, naming its outcomes."""
    shown = []
    for conclusion, found in _by_conclusion(chosen).items():
        template = "brief.no-conclusion" if conclusion is None else f"brief.conclusion.{conclusion}"
        listed = number_format.listed([_with_interval(line) for line in found], source.language)
        shown.append(source.wording(template, outcomes=listed))
    condition = "brief.holds-if-by-lot" if is_drawn_by_lot(source) else "brief.holds-if"
    return (*shown, source.wording(condition))


def _means_not(chosen: tuple[Line, ...], source: Source) -> tuple[str, ...]:
    lines_of = _by_conclusion(chosen)
    drawn = [conclusion for conclusion in lines_of if conclusion is not None]
    misread = [source.wording(f"brief.misread.{conclusion}") for conclusion in drawn]
    if len(drawn) > 1:
        # which of several misreadings is about which outcome
        listed = (
            number_format.listed([_name(x) for x in lines_of[c]], source.language) for c in drawn
        )
        misread = [f"{t.rstrip('.')} ({o})." for t, o in zip(misread, listed, strict=True)]
    return (
        *misread,
        *(source.wording(f"brief.never.{name}") for name in NEVER),
    )


def _answers(exhibit: Exhibit, chosen: tuple[Line, ...], source: Source) -> tuple[Answer, ...]:
    """Rows of the table of statements, those that two pages have room for."""
    made = builders.build(exhibit, source)
    position = {column.id: i for i, column in enumerate(made.columns)}
    wanted = {f"{line.outcome.id}-{claim}" for line in chosen for claim in CLAIMS}
    shown = []
    for row in made.rows:
        if row.id in wanted:
            phrase, answer, why = (
                row.cells[position[name]] for name in ("phrase", "answer", "why")
            )
            shown.append(
                Answer(phrase=phrase.text, kind=answer.kind, answer=answer.text, why=why.text)
            )
    return tuple(shown)


def _source(
    exhibit: Exhibit,
    plot: Exhibit | None,
    asked: Exhibit | None,
    chosen: tuple[Line, ...],
    source: Source,
) -> str:
    language, made_from = source.language, source.records.provenance
    found = (line.found for line in chosen)
    statuses = dict.fromkeys(e.status for e in found if isinstance(e, Estimate))
    parts = [
        source.wording(
            "brief.numbers",
            coded=number_format.coded(exhibit.code, made_from.version),
            id=exhibit.id,
        ),
        *(source.wording("brief.phrases", code=entry.code) for entry in (asked,) if entry),
        *(source.wording("brief.figure", code=entry.code) for entry in (plot,) if entry),
        *(source.wording("brief.status", status=words.status(s, language)) for s in statuses),
        source.wording(
            "brief.made-from",
            plan=number_format.short_hash(made_from.plan_hash),
            data=number_format.short_hash(made_from.data_hash),
        ),
        source.wording("brief.rights"),
    ]
    return " ".join(parts)
