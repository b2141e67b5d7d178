"""Texts that leave no doubt about their value, thousands at a time.

Ids, clocks and amounts are nearly all different, so that parsing each distinct text once saves
nothing. Most of them are as plain as can be. Which those are is asked narrowly here: whatever is
not among them, right or wrong, is read one by one as the dictionary says (``dictionary.py``).
"""

import re
from collections.abc import Callable, Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from evaluation.config.dictionary import Kind, Variable
from evaluation.config.file_layout import ISO, DateForm

# with fewer it takes longer to ask than to read them
ENOUGH = 100
# a double holds fifteen digits; more of them are left to be read one by one
NUMBER, COUNT = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$", r"^-?[0-9]{1,15}$"
# every month has 28 days
CLOCK = (
    r"^[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])"
    r" ([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$"
)
# begins as no word for "nothing" does, and has no E of a number that was cut short
TEXT = r"^[0-9][^E]*$"
PATTERNS: dict[Kind, str] = {
    "number": NUMBER,
    "count": COUNT,
    "datetime": CLOCK,
    "text": TEXT,
    "id": TEXT,
}

Flags = NDArray[np.bool_]


def plain_values(
    variable: Variable,
    texts: NDArray[np.object_],
    *,
    missing: Collection[str],
    decimal: str,
    date: DateForm,
) -> tuple[Flags, list[Any]]:
    """Which texts are plain, and the value of each of these.

    Parameters
    ----------
    variable : Variable
        Of no code list.
    texts : ndarray of str
    missing : collection of str
        Codes that are no value.
    decimal, date : str
        Of the file's dialect.

    Returns
    -------
    ndarray of bool, list
        As many values as texts are marked, in their order: floats, texts or moments.
    """
    pattern = PATTERNS.get(variable.type, "")
    if variable.type == "number" and decimal != ".":
        pattern = COUNT
    if len(texts) < ENOUGH or not pattern or (variable.type == "datetime" and date != ISO):
        return np.zeros(len(texts), dtype=bool), []
    listed = pa.array(texts, type=pa.large_string())
    codes = pa.array(sorted(missing), type=pa.large_string())
    is_code = pc.is_in(listed, value_set=codes)
    plain = pc.and_not(pc.match_substring_regex(listed, pattern), is_code).to_numpy(
        zero_copy_only=False
    )
    if variable.pattern:
        fits = re.compile(variable.pattern, re.ASCII).fullmatch
        plain[plain] = [fits(text) is not None for text in texts[plain]]
    if pattern == TEXT:
        # the texts themselves, no second ones that say the same
        return plain, texts[plain].tolist()
    values = READ[pattern](listed.filter(pa.array(plain)))
    if variable.range:
        low, high = variable.range
        inside = (values >= low) & (values <= high)
        plain[plain], values = inside, values[inside]
    return plain, values.tolist()


def _numbers(texts: pa.Array) -> NDArray[Any]:
    return np.asarray(texts.cast(pa.float64()).to_numpy())


def _moments(texts: pa.Array) -> NDArray[Any]:
    return np.array(texts.to_pylist(), dtype="datetime64[s]").astype(object)


READ: dict[str, Callable[[pa.Array], NDArray[Any]]] = {
    NUMBER: _numbers,
    COUNT: _numbers,
    CLOCK: _moments,
}
