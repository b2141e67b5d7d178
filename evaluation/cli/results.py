"""What the book's notebooks call: open a study's finished results and show them.

A notebook shows; it does not compute. In JupyterLab an exhibit appears as the HTML that the
exhibits stage wrote. In the book the same cell becomes the numbered exhibit with its notes and
downloads, through the Markdown form of the output.
"""

import dataclasses
import io as memory
import os
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from evaluation import io
from evaluation.cli.stage import DEFAULT_STUDY, ORDER
from evaluation.errors import ReportError
from evaluation.locale.messages import message
from evaluation.report import download_words, write_html


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
        listed = io.read_text(folder / ORDER).split()
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
        numbers = io.read_json(self.build / self.language / "numbers.json")["numbers"]
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
            sep=download_words.SEPARATORS[self.language],
            decimal=download_words.DECIMALS[self.language],
        )

    def records(self, kind: str) -> pd.DataFrame:
        """Records of a stage at full precision, for notebooks that retrace an estimate.

        Parameters
        ----------
        kind : str
            Name of the file without ending, such as ``estimates`` or ``levels``.

        Raises
        ------
        ReportError
            There are no such records.
        """
        path = self.build / f"{kind}.csv"
        if not path.is_file():
            raise _absent("table", kind, path.name)
        return pd.read_csv(memory.StringIO(io.read_text(path)))

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
            No such column, or none named.
        StorageError
            The clean data are not there.
        """
        path = self.build.parents[1] / "data_clean" / self.build.name / "panel.parquet"
        interviews = io.read_frame(path)
        absent = [name for name in columns if name not in interviews.columns]
        if absent or not columns:
            raise _absent("column", absent[0] if absent else "", path.name)
        return interviews[list(columns)]

    def _exhibit(self, identifier: str, form: str) -> Shown:
        content = io.read_json(self._path(identifier, ".json"))
        html = self._read(identifier, form)
        if form == ".html":
            html = write_html.fragment(html)
        if form == ".svg":
            label = escape(content["alt"], quote=True)
            html = f'<figure role="img" aria-label="{label}">{html}</figure>'
        return Shown(html, f"```{{exhibit}} {identifier}\n```\n", content["title"])

    def _read(self, identifier: str, form: str) -> str:
        return io.read_text(self._path(identifier, form))

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
        raise ReportError(
            message("study-no-exhibits.problem"),
            where=f"build/{study}/{language}/exhibits",
            mend=message("run-make-study.mend", study=study),
        )
    return Results(build, language)


def _root() -> Path:
    # JupyterLab starts a kernel in the notebook's folder, the pipeline at the repository's root
    here = Path()
    return here if (here / "evaluation").is_dir() else here / ".."


def _absent(what: str, identifier: str, file: str) -> ReportError:
    return ReportError(
        message(f"no-{what}.problem", identifier=identifier),
        where=file,
        mend=message("use-id-exhibits.mend"),
    )
