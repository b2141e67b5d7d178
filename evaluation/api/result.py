"""What every call gives back: a table that prints itself, with its choices, notes and citation."""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import pandas as pd

from evaluation import __version__
from evaluation.api.door import check_language
from evaluation.api.result_table import ResultTable
from evaluation.errors import EstimationError
from evaluation.estimation.records import Diagnostic, Estimate, Unavailable
from evaluation.locale.messages import Message, message, wording

DIGITS = 5
LEFT_OUT = "n_clusters_dropped"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Result:
    """A result of a call.

    Attributes
    ----------
    primary : Estimate, Unavailable, Balance or Row
        The number that was asked for: the first row.
    table : DataFrame
        See `to_frame`.
    title, sentence, choices, citation : Message
        What the table shows; the primary number in a sentence; what the call chose and had chosen
        for it; the method with its references.
    notes : tuple of Message
        What has to be known of the data.
    records : tuple of records
        Of what the table was made.
    plotted : tuple of str
        Columns of the table that a figure shows: labels, value, lower and upper end.
    mark : str
        SYNTHETIC of invented data.
    """

    primary: Any
    table: pd.DataFrame
    title: Message
    sentence: Message
    choices: Message
    citation: Message
    notes: tuple[Message, ...] = ()
    records: tuple[Any, ...] = ()
    plotted: tuple[str, ...] = ()
    mark: str = ""

    def to_frame(self) -> pd.DataFrame:
        """The table: one row an estimate, numbers at full precision."""
        return self._in("en")

    def _in(self, language: str) -> pd.DataFrame:
        """The table with its messages as text."""
        said = {
            name: [v.text(language) if isinstance(v, Message) else v for v in self.table[name]]
            for name in self.table.columns.intersection(["note"])
        }
        return self.table.assign(**said)

    def summary(self, language: str = "en") -> str:
        """The primary number in a sentence.

        Parameters
        ----------
        language : {"en", "es"}
        """
        check_language(language, "summary")
        said = self.sentence.text(language)
        return f"{self._marked(language)}{said}"

    def cite(self, language: str = "en") -> str:
        """The method in a sentence with its references, and the version of this package.

        Parameters
        ----------
        language : {"en", "es"}
        """
        check_language(language, "cite")
        return wording(
            "cite.with-version", language, method=self.citation.text(language), version=__version__
        )

    def to_latex(self, language: str = "en") -> str:
        """The table in LaTeX, with title, choices and notes.

        Parameters
        ----------
        language : {"en", "es"}
        """
        check_language(language, "to_latex")
        return self._read(language).to_latex(
            reading=self.summary(language), citation=self.cite(language)
        )

    def plot(self, ax: Any = None, language: str = "en") -> Any:
        """Estimates with their intervals.

        Parameters
        ----------
        ax : matplotlib Axes, optional
            Where to draw; a new figure without.
        language : {"en", "es"}

        Returns
        -------
        matplotlib Axes

        Raises
        ------
        EstimationError
            matplotlib is not installed, or there is nothing to draw.
        """
        if not self.plotted:
            raise EstimationError.of("nothing-to-plot", "nothing-to-plot", "plot")
        check_language(language, "plot")
        title = self._headed(language)
        return drawing().intervals(self.table, self.plotted, title=title, ax=ax)

    def _marked(self, language: str) -> str:
        said = "; ".join(wording(f"mark.{name}", language) for name in self.mark.split())
        return f"[{said}] " if said else ""

    def _headed(self, language: str) -> str:
        return f"{self._marked(language)}{self.title.text(language)}"

    def _said(self, language: str) -> list[str]:
        """Choices and notes, a line each."""
        return [said.text(language) for said in (self.choices, *self.notes)]

    def __str__(self) -> str:
        body = self.table.to_string(
            index=False, float_format=lambda x: f"{x:.{DIGITS}g}", na_rep=""
        )
        return "\n".join([self._headed("en"), body, *self._said("en")])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return self._read("en").to_html()

    def _read(self, language: str) -> ResultTable:
        return ResultTable.of(
            self._in(language),
            title=self._headed(language),
            notes=self._said(language),
            language=language,
        )


def drawing() -> ModuleType:
    """The module that draws.

    Raises
    ------
    EstimationError
        matplotlib is not installed.
    """
    try:
        return importlib.import_module("evaluation.api.plots")
    except ModuleNotFoundError:
        raise EstimationError.of("plot-missing", "plot-missing", "plot") from None


def estimates_table(
    records: Sequence[Estimate | Unavailable | Diagnostic], *, term: bool, adjusted: bool
) -> pd.DataFrame:
    """Records of estimates as a table for reading, one row per outcome (or term) and method.

    Parameters
    ----------
    records : sequence of Estimate, Unavailable or Diagnostic
    term : bool
        Whether a row is named by its treatment, as the terms of a regression are.
    adjusted : bool
        Whether p-values are adjusted for several outcomes.
    """
    dropped = {
        r.outcome: int(r.value) for r in records if isinstance(r, Diagnostic) and r.name == LEFT_OUT
    }
    rows = []
    for record in records:
        if isinstance(record, Diagnostic):
            continue
        row = _estimate_row(record)
        row["clusters_dropped"] = dropped.get(record.outcome, 0)
        rows.append(row)
    table = pd.DataFrame(rows)
    if term and "treated" in table:
        # which clusters have a term is not what a regression is about
        table["treated"] = table["treated"] + table["comparison"]
        table = table.drop(columns="comparison").rename(columns={"treated": "clusters"})
    left = [] if term else ["term"]
    left += [] if any(isinstance(r, Estimate) and r.mc_error for r in records) else ["mc_error"]
    left += [] if adjusted else ["p_adjusted"]
    left += [] if any(dropped.values()) else ["clusters_dropped"]
    return table.drop(columns=[name for name in left if name in table])


def _estimate_row(record: Estimate | Unavailable) -> dict[str, Any]:
    if isinstance(record, Unavailable):
        note = message("not-available.note", reason=record.reason)
        named = {"outcome": record.outcome, "term": record.specification}
        return {**named, "method": record.step, "note": note}
    return {
        "outcome": record.outcome,
        "term": record.specification,
        "method": record.step,
        "estimate": record.estimate,
        "std_error": record.std_error,
        "ci_low": record.ci_low,
        "ci_high": record.ci_high,
        "p_value": record.p_value,
        "mc_error": record.mc_error,
        "p_adjusted": record.p_adjusted,
        "df": record.df,
        "n": record.n,
        "treated": record.n_clusters_treated,
        "comparison": record.n_clusters_comparison,
        "note": record.p_kind,
    }
