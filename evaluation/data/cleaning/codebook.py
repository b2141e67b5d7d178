"""The codebook: every variable and outcome of the clean files, in words, and no cell that runs.

Clean files hold codes, labels from the configuration and short texts of the design, none of which
begins with such a sign. One that does is refused, with its column, and never changed: a cell with
a mark before it would no longer be the cell that was delivered. Numbers below zero are numbers.
"""

from collections.abc import Iterable, Mapping

import pandas as pd

from evaluation import file_content
from evaluation.config.dictionary import MISSING_KINDS, Dictionary, Variable
from evaluation.config.panel_study import SeriesCount
from evaluation.config.plan import Outcome, Plan
from evaluation.config.study import Study
from evaluation.data.findings import Rule
from evaluation.errors import DataError
from evaluation.estimation.records import CodebookRow
from evaluation.locale.messages import wording

TEXT_SPREADSHEET = Rule("formula", "error", "text-spreadsheet", "begin-text-letter")

is_active = file_content.is_active


def check_table(table: pd.DataFrame, *, where: str) -> None:
    """Refuse a table whose text cells or column names begin like a formula.

    Parameters
    ----------
    table : DataFrame
        What is to be written as CSV.
    where : str
        The file's name, for the message.

    Raises
    ------
    DataError
        Names the columns and how many cells each; never a cell.
    """
    found = {
        str(name): count
        for name in table.columns
        if (count := _active_cells(table[name]) + is_active(str(name)))
    }
    if found:
        raise _refused(", ".join(f"{name} ({count})" for name, count in found.items()), where)


def check_texts(texts: Iterable[tuple[str, str]], *, where: str) -> None:
    """Refuse words of the configuration that begin like a formula.

    Parameters
    ----------
    texts : iterable of (str, str)
        What each text is (``question_en of t1``), and the text.
    where : str
        The file's name, for the message.

    Raises
    ------
    DataError
        Names the texts.
    """
    found = [name for name, text in texts if is_active(text)]
    if found:
        raise _refused(", ".join(found), where)


def _active_cells(column: pd.Series) -> int:
    if pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_dtype(column):
        return 0
    # each distinct text once: a survey has few
    active = [cell for cell in column.unique() if isinstance(cell, str) and is_active(cell)]
    return int(column.isin(active).sum()) if active else 0


def _refused(names: str, where: str) -> DataError:
    return TEXT_SPREADSHEET.refused(where, names=names)


Counts = Mapping[str, Mapping[str, int]]


def observed(table: pd.DataFrame) -> dict[str, int]:
    """How many cells of each column of a clean table hold a value."""
    return {str(name): int(column.notna().sum()) for name, column in table.items()}


def codebook(
    counts: Counts, dictionary: Dictionary, plan: Plan | None, study: Study
) -> tuple[CodebookRow, ...]:
    """Rows of the codebook: variables in the dictionary's order, then outcomes or counts.

    Parameters
    ----------
    counts : mapping of str to mapping
        What `observed` counts of the clean tables: by source (round ids, ``frame``, ``analysis``,
        ``series``) for variables, ``panel`` and ``analysis`` for outcomes.
    dictionary, plan, study
        What was declared; a panel's counts need no plan.

    Raises
    ------
    DataError
        A label or another word begins with a sign that a spreadsheet runs as a formula.
    """
    modules = {v.name: m.title["en"] for m in dictionary.modules for v in m.variable}
    rows = [
        _variable(variable, modules[name], counts, dictionary)
        for name, variable in dictionary.variables.items()
    ]
    rows += [
        _row(
            outcome,
            name=outcome.id,
            kind="outcome",
            type="number",
            module=outcome.family,
            sources="constructed",
            personal="sensitive" if outcome.sensitive else "none",
            origin=f"plan of {study.id}: {construction(outcome)}",
            observed=_listed(outcome.id, counts, ("panel", "analysis")),
        )
        for outcome in (plan.outcome if plan is not None else ())
    ]
    rows += [
        _row(
            count,
            name=count.id,
            kind="count",
            type="count",
            sources="constructed",
            personal="none",
            origin=f"study {study.id}, panel.count",
            observed=_listed(count.id, counts, ("panel",)),
        )
        for count in (study.panel.count if study.panel is not None else ())
    ]
    texts = [
        (f"{name} of {row.name}", getattr(row, name))
        for row in rows
        for name in CodebookRow.__slots__
    ]
    check_texts(texts, where="codebook.csv")
    return tuple(rows)


def _row(entry: Variable | Outcome | SeriesCount, **columns: str) -> CodebookRow:
    """A row with what variables and outcomes both have, and blanks for what is not given."""
    label = {"label_en": entry.label.en, "label_es": entry.label.es, "unit": entry.unit}
    return CodebookRow(**(dict.fromkeys(CodebookRow.__slots__, "") | label | columns))


def construction(outcome: Outcome) -> str:
    """How an outcome is made, in one line."""
    items = ", ".join(f"{'-' if item.sign < 0 else ''}{item.name}" for item in outcome.items)
    made = f"{outcome.function} of {items}; at least {outcome.minimum_items} observed"
    if outcome.weighted_by:
        made += f"; weighted by {outcome.weighted_by} at baseline"
    if outcome.threshold is not None:
        made += f"; threshold {_plain(outcome.threshold)}"
    if outcome.scale != 1:
        made += f"; times {_plain(outcome.scale)}"
    return made


def _variable(
    variable: Variable, module: str, counts: Counts, dictionary: Dictionary
) -> CodebookRow:
    rule, question = variable.asked_if, variable.question
    return _row(
        variable,
        name=variable.name,
        kind="variable",
        type=variable.type,
        question_en=question.en if question else "",
        question_es=question.es if question else "",
        module=module,
        sources="; ".join(f"{source}: {raw}" for source, raw in variable.raw.items()),
        allowed_en=_by_source(variable, dictionary, "en"),
        allowed_es=_by_source(variable, dictionary, "es"),
        missing=_missing(variable, dictionary),
        asked_if=f"{rule.variable} in {', '.join(map(_plain, rule.values))}" if rule else "",
        personal=variable.personal,
        origin=variable.source,
        observed=_listed(variable.name, counts, variable.raw),
    )


def _by_source(variable: Variable, dictionary: Dictionary, language: str) -> str:
    """Allowed values; once where all sources agree, else by source."""
    words = {s: dictionary.describe(variable.name, language, source=s) for s in variable.raw}
    if len(set(words.values())) == 1:
        text = next(iter(words.values()))
        # "-10 to 10" would be a formula to a spreadsheet program
        return f"{wording('codebook.values', language)}: {text}" if is_active(text) else text
    return " | ".join(f"{source}: {text}" for source, text in words.items())


def _missing(variable: Variable, dictionary: Dictionary) -> str:
    listed: dict[str, str] = {}
    for source in variable.raw:
        codes = dictionary.missing_codes(variable.name, source)
        if codes is None:
            continue
        kinds = [f"{k} {', '.join(named)}" for k in MISSING_KINDS if (named := getattr(codes, k))]
        if codes.blank != "error":
            kinds.append(f"blank {codes.blank}")
        listed[source] = "; ".join(kinds)
    if len(set(listed.values())) == 1 and len(listed) == len(variable.raw):
        return next(iter(listed.values()))
    return " | ".join(f"{source}: {text}" for source, text in listed.items())


def _listed(name: str, counts: Counts, sources: Iterable[str]) -> str:
    found = [source for source in sources if name in counts.get(source, {})]
    return "; ".join(f"{source} {counts[source][name]}" for source in found)


def _plain(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, float) else value
