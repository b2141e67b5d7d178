"""k-anonymity of a release, and new ids that nobody without the key can lead back to the old ones.

HMAC (RFC 2104) with SHA-256: without the key, an id of the release is as good as drawn by lot,
also for somebody who knows the whole list of old ids. With it, a later delivery gets the same new
ids.

REQUIRES one row per person with key variables as text, empty where missing. A blank counts as a
value of its own: k persons share exactly what is shown. That is stricter than the usual rule under
which a blank matches everything. Where the place of persons is known, a combination of
whose persons more than half live in one place counts as one of nobody: it points to the place.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.release_rules import Recoding, Release
from evaluation.errors import DataError

# bytes of a key: fewer than the digest's half could be tried out
SHORTEST_KEY = 16
# letters of an id: 50 bits, so that 100,000 persons share one with a chance of 1 in 200,000
LETTERS = 10


@dataclass(frozen=True, slots=True)
class Keyed:
    """A key and the purpose it is used for; ids of two purposes cannot be linked.

    Attributes
    ----------
    key : bytes
        Secret. Never shown.
    purpose : str
        Study and file.
    """

    key: bytes = field(repr=False)
    purpose: str

    def __post_init__(self) -> None:
        if len(self.key) < SHORTEST_KEY:
            raise DataError.of(
                "release-key",
                "release-key",
                "EVAL_KEY_FILE",
                rule="release-key",
                shortest_key=SHORTEST_KEY,
            )

    def digest(self, kind: str, text: str) -> bytes:
        """Keyed digest of a text, 32 bytes; another kind or purpose gives another one.

        Parameters
        ----------
        kind : str
            What the text is an id of.
        text : str
        """
        message = f"{self.purpose}\0{kind}\0{text}".encode()
        return hmac.new(self.key, message, hashlib.sha256).digest()

    def ids(self, kind: str, old: Iterable[str]) -> dict[str, str]:
        """New id of each old one: the kind's first letter and ten letters and digits.

        Parameters
        ----------
        kind : str
            Its first letter begins each new id.
        old : iterable of str

        Raises
        ------
        DataError
            Two old ids get the same new one.
        """
        known = sorted(set(old))
        new = {name: f"{kind[0].upper()}{_letters(self.digest(kind, name))}" for name in known}
        if len(set(new.values())) < len(new):
            raise DataError.of(
                "two-ids-kind", "use-another-key", "public-data", rule="release-key", kind=kind
            )
        return new

    def shuffled(self, kind: str, names: Iterable[str]) -> NDArray[np.int64]:
        """Order of the names by their digests: positions, shape (N,).

        Parameters
        ----------
        kind : str
            What is put in order.
        names : iterable of str
        """
        digests = [self.digest(kind, name) for name in names]
        return np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype=np.int64)


def _letters(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii")[:LETTERS]


# Which rounds a person was seen in: whoever follows a released id sees it, so it parts the classes.
SEEN = "rounds_seen"
BLANK = ""
# Where a person lives, in persons to be protected: it parts no class and is never shown.
PLACE = "place of residence"
# the largest part of a combination's persons that may live in one place
MOST_OF_A_PLACE = 0.5
BAND, TOP = 5, 75
ADULT = 18


def as_text(values: pd.Series) -> pd.Series:
    """Values as the release shows them: whole numbers without a point, missing as empty."""
    if pd.api.types.is_float_dtype(values):
        shown = [BLANK if np.isnan(v) else f"{v:g}" for v in values.to_numpy(dtype=float)]
    else:
        shown = [BLANK if pd.isna(v) else str(v) for v in values]
    return pd.Series(shown, index=values.index, dtype=object)


def age_bands(years: pd.Series) -> pd.Series:
    """Five-year bands, the last one ``75+``; the band of minors ends where adults begin."""
    return pd.Series([_band(v) for v in years.to_numpy(dtype=float)], years.index, dtype=object)


def _band(years: float) -> str:
    if np.isnan(years):
        return BLANK
    if years >= TOP:
        return f"{TOP}+"
    low = int(years) // BAND * BAND
    high = low + BAND - 1
    if low < ADULT <= high:
        low, high = (ADULT, high) if years >= ADULT else (low, ADULT - 1)
    return f"{low}-{high}"


def first_observed(rows: pd.DataFrame, person: str, keys: Sequence[str]) -> pd.DataFrame:
    """One row per person: the first observed value of each key, and the rounds seen.

    Parameters
    ----------
    rows : DataFrame
        Interviews in the order of rounds, with ``round``.
    person : str
        Name of the id.
    keys : sequence of str
        Text columns, empty where missing.

    Notes
    -----
    A trait that changes between rounds would make a person rarer than it is in either of them.
    """
    known = rows[list(keys)].where(rows[list(keys)] != BLANK)
    persons = known.groupby(rows[person].to_numpy(), sort=True).first().astype(object)
    persons = persons.where(persons.notna(), BLANK)
    seen = rows.groupby(person, sort=True)["round"].agg("+".join)
    return persons.assign(**{SEEN: seen.reindex(persons.index)})


def sizes(persons: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """Number of persons that share each person's combination, shape (N,).

    Parameters
    ----------
    persons : DataFrame
        One row per person.
    names : sequence of str
        Columns that part the combinations.
    """
    if len(persons) == 0:
        return np.zeros(0, dtype=np.int64)
    codes = persons.groupby(list(names), sort=False).ngroup().to_numpy()
    return np.bincount(codes)[codes].astype(np.int64)


def safe_sizes(persons: pd.DataFrame, names: Sequence[str]) -> NDArray[np.int64]:
    """Like :func:`sizes`, zero in combinations that point to a place, shape (N,).

    Parameters
    ----------
    persons : DataFrame
        With ``PLACE`` where places are known.
    names : sequence of str
        Columns that part the combinations.

    Notes
    -----
    p-sensitivity on the place (Truta and Vinay 2006; l-diversity, Machanavajjhala et al. 2007): of
    the persons of each combination at most ``MOST_OF_A_PLACE`` live in one place. What a reader
    joins of several combinations keeps the bound: its part is a mean of theirs.
    """
    found = sizes(persons, names)
    if PLACE not in persons.columns or len(persons) == 0:
        return found
    together = sizes(persons, [*names, PLACE])
    classes = persons.groupby(list(names), sort=False).ngroup().to_numpy()
    most = np.zeros(classes.max() + 1, dtype=np.int64)
    np.maximum.at(most, classes, together)
    return np.where(most[classes] > MOST_OF_A_PLACE * found, 0, found)


def recoded(persons: pd.DataFrame, step: Recoding) -> pd.DataFrame:
    """The key variable with the wider categories of one step; other values stay.

    Parameters
    ----------
    persons : DataFrame
        One row per person.
    step : Recoding
        A variable and its wider groups.
    """
    wider = {value: group.label for group in step.groups for value in group.values}
    column = persons[step.variable]
    return persons.assign(**{step.variable: column.map(lambda v: wider.get(v, v)).astype(object)})


def generalise(
    persons: pd.DataFrame, release: Release, *, fixed: Sequence[str] = ()
) -> tuple[pd.DataFrame, tuple[Recoding, ...]]:
    """Apply the declared steps in their order until few enough persons are too rare.

    ``fixed`` names columns that count beside the key variables.

    Parameters
    ----------
    persons : DataFrame
        Of :func:`first_observed`.
    release : Release
        Key variables, steps, k, and the share that may be rarer.
    fixed : sequence of str
        Columns that count beside the key variables.

    Returns
    -------
    DataFrame, tuple of Recoding
        The persons, and the steps that were applied.
    """
    names, applied = [*release.keys, *fixed, SEEN], []
    for step in release.recoding:
        if np.mean(safe_sizes(persons, names) < release.k) <= release.most_below:
            break
        persons = recoded(persons, step)
        applied.append(step)
    return persons, tuple(applied)


def suppress_locally(
    persons: pd.DataFrame, keys: Sequence[str], *, k: int, fixed: Sequence[str] = ()
) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Blank key values of persons in combinations of fewer than ``k``, as few as it takes.

    First single values, then pairs, and so on: in each step the set of variables that helps most
    persons, ties in the order of ``keys``. Persons are helped where at least ``k`` then show the
    same. What is left at the end, all blank, is joined by the smallest combinations that agree in
    what cannot be blanked.

    Parameters
    ----------
    persons : DataFrame
        Of :func:`first_observed`.
    keys : sequence of str
        Key variables that may be blanked.
    k : int
        Persons that shall show the same.
    fixed : sequence of str
        Key variables that count but are not blanked: a blanked subregion could be read from the
        other persons of the same cluster.

    Returns
    -------
    DataFrame, mapping of str to int
        The persons, and the number of values blanked by key variable.

    Raises
    ------
    DataError
        Fewer than ``k`` persons agree in what cannot be blanked.
    """
    always = [*fixed, SEEN]
    names = [*keys, *always]
    shown = persons.copy()
    rare = safe_sizes(shown, names) < k
    for count in range(1, len(keys) + 1):
        while rare.any():
            options = (
                _helped(shown, rare, chosen, names, k) for chosen in combinations(keys, count)
            )
            chosen, helped = max(options, key=lambda option: int(option[1].sum()))
            if not helped.any():
                break
            shown.loc[helped, list(chosen)] = BLANK
            rare = rare & ~helped
    shown.loc[rare, list(keys)] = BLANK
    shown = _joined(shown, keys, always, k)
    blanked = (shown[list(keys)] != persons[list(keys)]).sum()
    return shown, {name: int(blanked[name]) for name in keys}


def _helped(
    shown: pd.DataFrame, rare: NDArray[np.bool_], chosen: tuple[str, ...], names: list[str], k: int
) -> tuple[tuple[str, ...], NDArray[np.bool_]]:
    """Rare persons that would share their combination with k persons without the chosen keys."""
    tried = shown.copy()
    tried.loc[rare, list(chosen)] = BLANK
    return chosen, rare & (safe_sizes(tried, names) >= k)


def _joined(shown: pd.DataFrame, keys: Sequence[str], always: list[str], k: int) -> pd.DataFrame:
    """Blank the smallest combinations beside persons that are all blank and still too few."""
    names = [*keys, *always]
    shown = shown.copy()
    while (few := safe_sizes(shown, names) < k).any():
        first = shown[few].iloc[0]
        same = (shown[always] == first[always]).all(axis=1).to_numpy()
        others = same & ~few
        if not others.any():
            raise DataError.of(
                "release-k",
                "release-k",
                "public-data",
                rule="release-k",
                k=k,
                always=", ".join(always),
            )
        size = sizes(shown, names)
        smallest = shown[others & (size == size[others].min())].sort_values(names).iloc[0]
        joins = (shown[names] == smallest[names]).all(axis=1).to_numpy() | (few & same)
        shown.loc[joins, list(keys)] = BLANK
    return shown
