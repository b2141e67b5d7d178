"""What a notebook of the engine shows, in the language of the book: tables and errors.

Names of records and the words of results are English in code. Here they are only put into words
for a page: nothing is computed, and a label that is not listed stands as it is.
"""

import numbers
from typing import Any

import pandas as pd

from evaluation.cli.told import spoken, told
from evaluation.errors import EvaluationError
from evaluation.locale.messages import Message, text_of
from evaluation.report import formats, words
from evaluation.spec.load import Text
from evaluation.spec.study import SYNTHETIC

# Heads and names of rows by their English, which is what code calls them.
LABELS: tuple[Text, ...] = (
    Text(en="CV1 standard error", es="error estándar CV1"),
    Text(en="CV3 standard error", es="error estándar CV3"),
    Text(en="Monte Carlo error", es="error de Monte Carlo"),
    Text(en="by hand", es="a mano"),
    Text(en="change", es="cambio"),
    Text(en="ci_high", es="límite superior"),
    Text(en="ci_high_mc_error", es="error de Monte Carlo del límite superior"),
    Text(en="ci_kind", es="clase de intervalo"),
    Text(en="ci_low", es="límite inferior"),
    Text(en="ci_low_mc_error", es="error de Monte Carlo del límite inferior"),
    Text(en="comparison", es="comparación"),
    Text(en="df", es="grados de libertad"),
    Text(en="difference of the changes", es="diferencia de los cambios"),
    Text(en="effect", es="efecto"),
    Text(en="effect put in", es="efecto introducido"),
    Text(en="endline", es="línea final"),
    Text(en="estimate", es="estimación"),
    Text(en="highest without one village", es="máxima sin una vereda"),
    Text(en="inside the interval", es="dentro del intervalo"),
    Text(en="interviews", es="entrevistas"),
    Text(en="lower bound", es="límite inferior"),
    Text(en="lowest without one village", es="mínima sin una vereda"),
    Text(en="mc_error", es="error de Monte Carlo de p"),
    Text(en="mean", es="promedio"),
    Text(en="mean_baseline", es="promedio en la línea de base"),
    Text(en="mean_endline", es="promedio en la línea final"),
    Text(en="n_clusters_comparison", es="conglomerados de comparación"),
    Text(en="n_clusters_dropped", es="conglomerados por fuera"),
    Text(en="n_clusters_treated", es="conglomerados de intervención"),
    Text(en="note", es="nota"),
    Text(en="outcome", es="resultado"),
    Text(en="p by hand", es="p a mano"),
    Text(en="p_value", es="valor p"),
    Text(en="places", es="lugares"),
    Text(en="recorded", es="según el registro"),
    Text(en="sd", es="desviación estándar"),
    Text(en="slope", es="pendiente"),
    Text(en="std_error", es="error estándar"),
    Text(en="treated", es="intervención"),
    Text(en="upper bound", es="límite superior"),
    Text(en="villages", es="veredas"),
    Text(en="with all", es="con todas"),
    Text(en="zero", es="cero"),
)
YES, NO = Text(en="yes", es="sí"), Text(en="no", es="no")


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
    known: dict[object, str] = {text.en: text[language] for text in LABELS}
    return known.get(name, name)


def _cell(value: Any, digits: int, language: str) -> str:
    if isinstance(value, str | Message):
        return text_of(value, language)
    if pd.isna(value):
        return ""
    # numpy's own truth values are no Python ones, nor numbers
    if str(value) in ("True", "False"):
        return (YES if value else NO)[language]
    if isinstance(value, numbers.Integral):
        return formats.count(int(value), language)
    if value == round(value):
        return formats.shortest(value, language)
    return formats.plain(value, digits, language)
