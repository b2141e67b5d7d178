"""Small-cell suppression: two numbers of the study file and two pure functions.

The rule is by count, so it is decided before a value is looked at. A withheld count that could be
worked out from a total and its other parts takes a second one with it.
"""

import math
from collections.abc import Sequence
from typing import Literal

from evaluation.spec.load import Text
from evaluation.spec.records import Difference, Estimate
from evaluation.spec.study import Study

Of = Literal["interviews", "clusters", "things"]
SENSITIVE_MINIMUM = 30  # respondents in a cell of a sensitive outcome or variable
# Distance from nobody or everybody, relative to the whole, that is rounding: a weighted mean of
# values that are all 100 need not be the float 100.0. Eps 2.2e-16 times the square root of some
# thousand terms stays far below; a respondent with a millionth of the weight stays far above.
CERTAINTY = 1e-9
RULE = Text(
    en="Suppressed. Cells with fewer than {respondents} respondents or fewer than {least}"
    " {clusters}; of sensitive outcomes, fewer than {sensitive} respondents, or 0% or 100%.",
    es="Suprimido. Celdas con menos de {respondents} personas o menos de {least} {clusters}; de"
    " resultados sensibles, menos de {sensitive} personas, o el 0\N{NO-BREAK SPACE}% o el"
    " 100\N{NO-BREAK SPACE}%.",
)


def is_shown(count: float | None, of: Of, study: Study) -> bool:
    """Whether a number of interviews, clusters or things may be published by itself.

    Parameters
    ----------
    count : float or None
        The number, or a difference of two. None, or not a number, where nobody knows it.
    of : {"interviews", "clusters", "things"}
        What is counted. Things are columns, files, draws: nobody stands behind one.
    study : Study
        Its least numbers of interviews and clusters.

    Returns
    -------
    bool
        False for an unknown number. Zero is about nobody, and exactly the least is enough.
    """
    least = {"interviews": study.minimum_cell, "clusters": study.minimum_clusters, "things": 0}[of]
    return count is not None and (count == 0 or abs(count) >= least)


def is_small(n: float | None, n_clusters: float | None, *, study: Study) -> bool:
    """Whether a cell rests on too few respondents or too few clusters to be published.

    A cell with exactly the minimum is published. A count of zero is not about anybody, and an
    unknown one is too small.
    """
    if n == 0:
        return False
    few = not n_clusters or not is_shown(n_clusters, "clusters", study)
    return few or not is_shown(n, "interviews", study)


def gives_away(row: Estimate | Difference, whole: Estimate, *, study: Study) -> bool:
    """Whether what a row leaves out of another published one is too small to be published.

    The estimate with all places less the one without some of them, each times its number of
    places, is the change of those left out.
    """
    few = any(few_left_out(row, whole, study=study))
    return few or 0 < whole.n - row.n < study.minimum_cell


def few_left_out(row: Estimate | Difference, whole: Estimate, *, study: Study) -> tuple[bool, bool]:
    """Whether a row leaves out some, but too few to say, of the treated and comparison clusters."""
    gone = (
        whole.n_clusters_treated - row.n_clusters_treated,
        whole.n_clusters_comparison - row.n_clusters_comparison,
    )
    treated, comparison = (0 < n < study.minimum_clusters for n in gone)
    return treated, comparison


def is_certain(mean: float, *, whole: float) -> bool:
    """Whether a share says something about everybody in its cell: none of them, or all.

    Parameters
    ----------
    mean : float
        Share, in the unit of ``whole``.
    whole : float
        The share of everybody: 100 of percentages, 1 of proportions. Infinite for counts, where
        only zero says something about all.
    """
    unit = whole if math.isfinite(whole) else 1.0
    return min(abs(mean), abs(mean - whole)) <= CERTAINTY * unit


def withheld_parts(
    counts: Sequence[int],
    *,
    minimum: int,
    secret: Sequence[bool] = (),
    clusters: Sequence[int] = (),
    minimum_clusters: int = 0,
) -> tuple[bool, ...]:
    """Which parts of a published total to withhold.

    Parts from one to ``minimum - 1`` are withheld, and those marked ``secret`` for another
    reason. Where that leaves exactly one withheld, or withheld parts that sum to less than the
    minimum of respondents or stand on fewer than ``minimum_clusters`` clusters together, the next
    smallest part goes too, because the total minus the rest would give it away. ``clusters`` are
    those of each part, none of which two parts share.
    """
    marked = secret or [False] * len(counts)
    withheld = [0 < n < minimum or s for n, s in zip(counts, marked, strict=True)]
    places = clusters or [minimum_clusters] * len(counts)
    while any(withheld) and is_recoverable(
        [(n, c) for n, c, gone in zip(counts, places, withheld, strict=True) if gone],
        minimum=minimum,
        minimum_clusters=minimum_clusters,
    ):
        open_parts = [i for i, n in enumerate(counts) if n > 0 and not withheld[i]]
        if not open_parts:
            break
        withheld[min(open_parts, key=lambda i: counts[i])] = True
    return tuple(withheld)


def is_recoverable(
    hidden: Sequence[tuple[int, int]], *, minimum: int, minimum_clusters: int = 0
) -> bool:
    """Whether a published total less its other parts says too much of those that are withheld.

    Parameters
    ----------
    hidden : sequence of (int, int)
        Respondents and clusters of each withheld part.
    """
    respondents, clusters = (sum(part[i] for part in hidden) for i in (0, 1))
    return len(hidden) == 1 or respondents < minimum or clusters < minimum_clusters


def rule_note(study: Study, language: str) -> str:
    """The rule in words, for the notes of a table that applies it."""
    return RULE[language].format(
        respondents=study.minimum_cell,
        least=study.minimum_clusters,
        clusters=study.names.clusters[language],
        sensitive=SENSITIVE_MINIMUM,
    )
