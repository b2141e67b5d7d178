"""A result's table for readers: the text of each cell, as HTML for notebooks and as LaTeX."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evaluation.locale import latex, numbers
from evaluation.locale.messages import wording

# Columns that are words, whole numbers, p-values; all others are numbers in the outcome's unit.
WORDS = frozenset({
    "outcome", "term", "variable", "method", "note", "sample", "kind", "at", "cohort", "scale",
    "inference", "quantity", "end",
})  # fmt: skip
COUNTS = frozenset({"n", "clusters", "treated", "comparison", "clusters_dropped"})
SHARES = frozenset({"p_value", "p_adjusted"})
DECIMALS = {"df": 1, "respondents": 0}
NOTHING = "\N{EN DASH}"
# On paper a table of few rows and many columns is turned, so that a page holds it.
FEW_ROWS, MANY_COLUMNS = 4, 12


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """A table as it is read in one language.

    Attributes
    ----------
    frame : DataFrame
        Texts of the cells under the heads of their columns.
    numeric : tuple of bool
        Which columns hold numbers.
    title : str
        With the mark of invented data.
    notes : tuple of str
        Choices and notes.
    """

    frame: pd.DataFrame
    numeric: tuple[bool, ...]
    title: str
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, table: pd.DataFrame, *, title: str, notes: Sequence[str], language: str
    ) -> "ResultTable":
        """Texts of a table whose columns are called as in the catalogue (``api-head``)."""
        texts = {
            wording(f"api-head.{name}", language): [_text(name, v, language) for v in table[name]]
            for name in table.columns
        }
        numeric = tuple(
            name not in WORDS and any(not isinstance(v, str) for v in table[name].dropna())
            for name in table.columns
        )
        return cls(frame=pd.DataFrame(texts), numeric=numeric, title=title, notes=tuple(notes))

    def to_html(self) -> str:
        """A plain table: a notebook has styles of its own."""
        notes = "".join(f"<li>{_escaped(note)}</li>" for note in self.notes)
        title = f"<p><strong>{_escaped(self.title)}</strong></p>"
        return f"{title}{self.frame.to_html(index=False, border=0)}<ul>{notes}</ul>"

    def to_latex(self, *, reading: str, citation: str) -> str:
        """A ``longtable``.

        Parameters
        ----------
        reading : str
            The primary number in a sentence, the first of the notes.
        citation : str
            The last row: a table that is copied keeps it.
        """
        head = [str(name) for name in self.frame.columns]
        cells = self.frame.to_numpy().tolist()
        numeric = self.numeric
        if len(cells) <= FEW_ROWS and len(head) >= MANY_COLUMNS:
            head, *cells = (list(row) for row in zip(head, *cells, strict=True))
            numeric = (False, *[True] * (len(head) - 1))
        # a first cell that repeats the one above it is left empty
        firsts = ["", *(row[0] for row in cells)]
        printed = [
            ["" if row[0] == above else row[0], *row[1:]]
            for row, above in zip(cells, firsts, strict=False)
        ]
        return latex.longtable(
            [latex.line([latex.escaped(text) for text in row]) for row in printed],
            head=head,
            numeric=numeric,
            shares=latex.shares_of([[h, *(row[i] for row in cells)] for i, h in enumerate(head)]),
            caption=self.title,
            label="result",
            last=citation,
            notes=(reading, *self.notes),
        )


def _text(name: object, value: Any, language: str) -> str:
    if name in WORDS or isinstance(value, str):
        return "" if pd.isna(value) else str(value)
    if pd.isna(value):
        return NOTHING
    if name in COUNTS:
        return numbers.count(int(value), language)
    if name in SHARES:
        return numbers.p_value(float(value), language)
    return numbers.plain(float(value), DECIMALS.get(str(name), 4), language)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
