"""What a notebook of the engine shows, in the language of the book: tables and errors.

Names of records and the words of results are English in code. Here they are only put into words
for a page: nothing is computed, and a label that is not listed stands as it is.
"""

import numbers
from typing import Any

import pandas as pd

from evaluation.cli.told import spoken, told
from evaluation.errors import EvaluationError
from evaluation.locale.messages import Message, by_english, text_of, wording
from evaluation.report import formats, words
from evaluation.spec.study import SYNTHETIC


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
        return formats.count(int(value), language)
    if value == round(value):
        return formats.shortest(value, language)
    return formats.plain(value, digits, language)
