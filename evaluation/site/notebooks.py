"""What the book's notebooks call: open a study's finished results and show them.

A notebook shows; it does not compute. In JupyterLab an exhibit appears as the HTML that the
exhibits stage wrote. In the book the same cell becomes the numbered exhibit with its notes and
downloads, through the Markdown form of the output.

Names of records and the words of results are English in code. Here they are only put into words
for a page: nothing is computed, and a label that is not listed stands as it is.
"""

import dataclasses
import io as memory
import numbers
import os
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation.errors import EvaluationError, ReportError
from evaluation.estimation.parameters import SYNTHETIC
from evaluation.locale.messages import Message, by_english, message, text_of, wording
from evaluation.report.formats import number_format, table_writers, words
from evaluation.report.terminal import spoken, told
from evaluation.storage import disk
from evaluation.storage.folders import DEFAULT_STUDY, ORDER


@dataclasses.dataclass(frozen=True, slots=True)
class Shown:
    """Something a notebook displays, in the form each reader of notebooks prefers."""

    html: str
    markdown: str
    plain: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        # IPython asks by keyword (include, exclude) for the forms it wants; it may have them all
        return {"text/html": self.html, "text/markdown": self.markdown, "text/plain": self.plain}


@dataclasses.dataclass(frozen=True, slots=True)
class Results:
    """A study's exhibits and numbers.

    Attributes
    ----------
    build : Path
        Folder of the study's results.
    language : str
        Language of titles, notes and labels.
    """

    build: Path
    language: str

    def table(self, identifier: str) -> Shown:
        """A table by its permanent id, e.g. ``tbl-did-main``.

        Raises
        ------
        ReportError
            There is no such table.
        """
        return self._exhibit(identifier, ".html")

    def figure(self, identifier: str) -> Shown:
        """A figure by its permanent id, e.g. ``fig-levels``, with its alternative text.

        Raises
        ------
        ReportError
            There is no such figure.
        """
        return self._exhibit(identifier, ".svg")

    def every(self, beginning: str) -> Shown:
        """All exhibits whose id begins so, e.g. ``fig-methods-``: one for each primary outcome.

        They stand in the order of the registry.

        Raises
        ------
        ReportError
            There is none.
        """
        folder = self.build / self.language / "exhibits"
        listed = disk.read_text(folder / ORDER).split()
        names = [name for name in listed if name.startswith(beginning)]
        if not names:
            raise _absent("exhibit-beginning", beginning, folder.name)
        shown = [self._exhibit(n, ".svg" if n.startswith("fig-") else ".html") for n in names]
        return Shown(
            html="\n".join(s.html for s in shown),
            markdown="\n".join(s.markdown for s in shown),
            plain="; ".join(s.plain for s in shown),
        )

    def number(self, identifier: str) -> Shown:
        """A number by its id, ``<exhibit>.<row>.<field>``, as the tables print it.

        Raises
        ------
        ReportError
            There is no such number.
        """
        numbers = disk.read_json(self.build / self.language / "numbers.json")["numbers"]
        if identifier not in numbers:
            raise _absent("number", identifier, "numbers.json")
        text = f"{numbers[identifier]['text']} {numbers[identifier]['unit']}".strip()
        return Shown(escape(text), f"{{val}}`{identifier}:unit`", text)

    def data(self, identifier: str) -> pd.DataFrame:
        """The rows behind a table or figure, at full precision.

        Raises
        ------
        ReportError
            There is no such exhibit.
        """
        text = self._read(identifier, ".csv")
        return pd.read_csv(
            memory.StringIO(text),
            sep=words.SEPARATORS[self.language],
            decimal=words.DECIMALS[self.language],
        )

    def records(self, kind: str) -> pd.DataFrame:
        """Records of a stage at full precision, for notebooks that retrace an estimate.

        They are as the stages left them, with what exhibits withhold: only those of invented data
        may be shown.

        Parameters
        ----------
        kind : str
            Name of the file without ending, such as ``estimates`` or ``levels``.

        Raises
        ------
        ReportError
            There are no such records, or the data are real.
        """
        path = self.build / f"{kind}.csv"
        if not path.is_file():
            raise _absent("table", kind, path.name)
        found = pd.read_csv(memory.StringIO(disk.read_text(path)))
        if "synthetic" not in found or not found["synthetic"].eq(SYNTHETIC).all():
            raise ReportError.of("records-real", "records-real", path.name)
        return found

    def panel(self, *columns: str) -> pd.DataFrame:
        """Columns of the clean interviews, for notebooks that retrace an estimate.

        Parameters
        ----------
        columns : str
            Variables or outcomes. What a notebook displays of them is aggregates, never rows.

        Returns
        -------
        DataFrame
            One row per interview, both rounds stacked.

        Raises
        ------
        ReportError
            No such column, or none named; the clean data are not there, as for every chapter that
            nobody signed.
        """
        path = self.build.parents[1] / "data_clean" / self.build.name / "panel.parquet"
        if not path.is_file():
            raise ReportError.of("chapter-no-rows", "chapter-sign", path.name)
        interviews = disk.read_frame(path)
        absent = [name for name in columns if name not in interviews.columns]
        if absent or not columns:
            raise _absent("column", absent[0] if absent else "", path.name)
        return interviews[list(columns)]

    def _exhibit(self, identifier: str, form: str) -> Shown:
        content = disk.read_json(self._path(identifier, ".json"))
        if form == ".svg":
            # on white, as the colours of the picture are without the book's style sheet
            html = f'<figure style="background:#fff">{content["pictures"]["wide"]}</figure>'
        else:
            html = table_writers.fragment(self._read(identifier, form))
        return Shown(html, f"```{{exhibit}} {identifier}\n```\n", content["title"])

    def _read(self, identifier: str, form: str) -> str:
        return disk.read_text(self._path(identifier, form))

    def _path(self, identifier: str, form: str) -> Path:
        path = self.build / self.language / "exhibits" / f"{identifier}{form}"
        if not path.is_file():
            raise _absent("exhibit", identifier, path.name)
        return path


def open_results() -> Results:
    """Results of the study that ``EVAL_STUDY`` names, in the language of ``EVAL_LANG``.

    Without these variables: the default study in English, so that a notebook opened by hand from
    the repository's root works after ``make``.

    Raises
    ------
    ReportError
        The study has no results yet.
    """
    study = os.environ.get("EVAL_STUDY", DEFAULT_STUDY)
    language = os.environ.get("EVAL_LANG", "en")
    build = _root() / "build" / study
    if not (build / language / "exhibits").is_dir():
        raise ReportError.of(
            "study-no-exhibits", "run-make-study", f"build/{study}/{language}/exhibits", study=study
        )
    return Results(build, language)


def _root() -> Path:
    # JupyterLab starts a kernel in the notebook's folder, the pipeline where the studies lie
    folders = (Path(), Path(".."), Path("../../.."))
    return next((folder for folder in folders if (folder / "build").is_dir()), Path(".."))


def _absent(what: str, identifier: str, file: str) -> ReportError:
    return ReportError(
        message(f"no-{what}.problem", identifier=identifier),
        where=file,
        fix=message("use-id-exhibits.fix"),
    )


def said(error: EvaluationError) -> str:
    """An error in the language of the book.

    Parameters
    ----------
    error : EvaluationError
        As it was caught.
    """
    return told(error, spoken("en"))


def shown(frame: pd.DataFrame, digits: int = 3, *, mark: str = SYNTHETIC) -> pd.DataFrame:
    """A small table in the language of the book, its numbers as text.

    Parameters
    ----------
    frame : DataFrame
        Aggregated numbers.
    digits : int
        Decimals.
    mark : str
        What stands over its heads: that of invented data, or none for an empty text.

    Returns
    -------
    DataFrame
        The same rows and columns.
    """
    language = spoken("en")
    made = frame.astype(object).map(lambda value: _cell(value, digits, language))
    for axis in (0, 1):
        labels = made.axes[axis]
        names = [_label(name, language) if name else name for name in labels.names]
        if not isinstance(labels, pd.MultiIndex):
            labels = labels.map(lambda label: _label(label, language))
        made = made.set_axis(labels.set_names(names), axis=axis)
    return made.rename_axis(columns=words.mark(mark, language))


def _label(name: object, language: str) -> object:
    return by_english("notebook-label", language).get(str(name), name)


def _cell(value: Any, digits: int, language: str) -> str:
    if isinstance(value, str | Message):
        return text_of(value, language)
    if pd.isna(value):
        return ""
    # numpy's own truth values are no Python ones, nor numbers
    if str(value) in ("True", "False"):
        return wording("yes" if value else "no", language)
    if isinstance(value, numbers.Integral):
        return number_format.count(int(value), language)
    if value == round(value):
        return number_format.shortest(value, language)
    return number_format.plain(value, digits, language)
