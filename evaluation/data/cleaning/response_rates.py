"""Outcome rates of a round: AAPOR's formulas on counts of final dispositions.

With I, P complete and partial interviews, R refusals, NC non-contacts, O others, U = UH + UO of
unknown eligibility, e its eligible share, E = I + P + R + NC + O and C = I + P + R + O:

    RR1 I/(E+U)   RR3 I/(E+eU)   RR5 I/E   COOP1 I/C   CON1 C/(E+U)
    RR2, RR4, RR6 the same with I + P     REF1 R/(E+U)

(AAPOR, Standard Definitions, 9th edition 2016, pp. 61 to 64; the same in the 10th, 2023). Units
that are not eligible are in no rate.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evaluation.config.sampling import DISPOSITIONS, DispositionCount, RateName, ResponseRate
from evaluation.config.study import Study
from evaluation.data.clusters import Frame

Floats = NDArray[np.float64]

GROUPS = ("I", "P", "R", "NC", "O", "U")
GROUP_OF = {name: name for name in GROUPS[:-1]} | {"UH": "U", "UO": "U"}
# Rates in the order in which they are published where not all can be.
ORDER: tuple[RateName, ...] = (
    *("RR1", "RR3", "COOP1", "REF1", "CON1"),
    *("RR2", "RR4", "RR5", "RR6"),
)
ROUNDING = 1e-9


def formulas(eligible_share: float | None) -> Mapping[RateName, tuple[Floats, Floats]]:
    """Numerator and denominator of each rate, as what every group of `GROUPS` counts in it.

    Parameters
    ----------
    eligible_share : float, optional
        AAPOR's e; without it RR3 and RR4 are not among the rates.
    """
    complete, interviewed = _counting("I"), _counting("I", "P")
    known = _counting("I", "P", "R", "NC", "O")
    reached, everybody = _counting("I", "P", "R", "O"), np.ones(len(GROUPS))
    found: dict[RateName, tuple[Floats, Floats]] = {
        "RR1": (complete, everybody),
        "RR2": (interviewed, everybody),
        "RR5": (complete, known),
        "RR6": (interviewed, known),
        "COOP1": (complete, reached),
        "REF1": (_counting("R"), everybody),
        "CON1": (reached, everybody),
    }
    if eligible_share is not None:
        possible = known + eligible_share * _counting("U")
        found |= {"RR3": (complete, possible), "RR4": (interviewed, possible)}
    return found


def response_rates(
    units: pd.DataFrame, study: Study, frame: Frame, *, shown: Literal["all", "public"]
) -> tuple[ResponseRate, ...]:
    """Outcome rates by round and arm.

    Parameters
    ----------
    units : DataFrame
        From `evaluation.data.rules.contacts.sampled_units`.
    study : Study
        With contacts, and the numbers of the disclosure rule.
    frame : Frame
        Arms of the clusters.
    shown : {"all", "public"}
        ``public`` leaves out rates from which, with the others, with the number sampled and with
        the number of interviews, a count of too few people or clusters could be worked out.

    Returns
    -------
    tuple of ResponseRate
        By round, arm and `ORDER`, the share of replacements last. A rate of nobody is left out.
    """
    arms = frame.lookup(frame.arm, units["cluster"].to_numpy(dtype=object))
    found: list[ResponseRate] = []
    for round_id in study.rounds:
        for arm in study.arm:
            here = units[(units["round"] == round_id) & (arms == arm.id)]
            here = here[here["disposition"] != "NE"]
            if len(here):
                found += _of_place(here, study, round_id, arm.id, shown)
    return tuple(found)


def disposition_counts(
    units: pd.DataFrame, study: Study, frame: Frame
) -> tuple[DispositionCount, ...]:
    """Sampled units by round, arm and final disposition, zeros among them.

    Parameters
    ----------
    units : DataFrame
        From `evaluation.data.rules.contacts.sampled_units`.
    study : Study
    frame : Frame
        Arms of the clusters.

    Returns
    -------
    tuple of DispositionCount
        By round, arm and the order of `DISPOSITIONS`. Small cells are among them: the disclosure
        rule comes before a page.
    """
    arms = frame.lookup(frame.arm, units["cluster"].to_numpy(dtype=object))
    keys = [units["round"], pd.Series(arms, index=units.index), units["disposition"]]
    held = dict(iter(units["cluster"].groupby(keys)))
    none = pd.Series(dtype=object)
    return tuple(
        DispositionCount(
            study=study.id,
            round=key[0],
            arm=key[1],
            disposition=key[2],
            n=len(held.get(key, none)),
            n_clusters=int(held.get(key, none).nunique()),
        )
        for key in product(study.rounds, (arm.id for arm in study.arm), DISPOSITIONS)
    )


def _of_place(
    here: pd.DataFrame, study: Study, round_id: str, arm: str, shown: Literal["all", "public"]
) -> Iterator[ResponseRate]:
    share = study.contacts.eligible_share if study.contacts is not None else None
    rates = formulas(share)
    groups = here["disposition"].map(GROUP_OF)
    table = pd.crosstab(here["cluster"], groups).reindex(columns=list(GROUPS), fill_value=0)
    counts = table.to_numpy(dtype=np.float64)
    totals = counts.sum(axis=0)
    names = [name for name in ORDER if name in rates and rates[name][1] @ totals > 0.0]
    if shown == "public":
        names = publishable(counts, {name: rates[name] for name in names}, study)
    values = {name: float(rates[name][0] @ totals / (rates[name][1] @ totals)) for name in names}
    replaced = here["replaces"].notna()
    if replaced.any() and (shown == "all" or _both_large(here, replaced, study)):
        values["replacements"] = float(replaced.mean())
    for name, value in values.items():
        yield ResponseRate(
            study=study.id,
            round=round_id,
            arm=arm,
            name=name,
            rate=value,
            n=len(here),
            n_clusters=len(table),
            eligible_share=share if name in ("RR3", "RR4") and share is not None else np.nan,
        )


def publishable(
    counts: Floats, rates: Mapping[RateName, tuple[Floats, Floats]], study: Study
) -> list[RateName]:
    """Rates that can be published together.

    A rate is taken in the order given, unless with those before it some set of the groups could be
    counted that is too small. What can be counted are the sets whose indicator is a combination of
    the numerators and denominators published.

    Parameters
    ----------
    counts : ndarray, shape (clusters, 6)
        Units by cluster and group of `GROUPS`.
    rates : mapping
        Of `formulas`, in the order of preference.
    study : Study
    """
    small = [
        np.array(chosen, dtype=np.float64)
        for chosen in product((0, 1), repeat=len(GROUPS))
        if _is_small(counts @ np.array(chosen, dtype=np.float64), study)
    ]
    # the number sampled stands in the records, that of interviews in the sample flow
    known = [np.ones(len(GROUPS)), _counting("I", "P")]
    if _gives_away(known, small):
        return []
    taken: list[RateName] = []
    for name, parts in rates.items():
        if not _gives_away([*known, *parts], small):
            known += parts
            taken.append(name)
    return taken


def _gives_away(known: list[Floats], small: list[Floats]) -> bool:
    basis = np.column_stack(known)
    return any(
        np.abs(basis @ np.linalg.lstsq(basis, chosen, rcond=None)[0] - chosen).max() < ROUNDING
        for chosen in small
    )


def _is_small(by_cluster: Floats, study: Study) -> bool:
    """Whether a set of units is about somebody, and about too few people or clusters."""
    n, n_clusters = by_cluster.sum(), int((by_cluster > 0.0).sum())
    return bool(n > 0.0 and (n < study.minimum_cell or n_clusters < study.minimum_clusters))


def _both_large(here: pd.DataFrame, replaced: pd.Series, study: Study) -> bool:
    sides = (here[replaced], here[~replaced])
    return not any(
        _is_small(side.groupby("cluster").size().to_numpy(dtype=np.float64), study)
        for side in sides
    )


def _counting(*names: str) -> Floats:
    return np.array([float(group in names) for group in GROUPS])
