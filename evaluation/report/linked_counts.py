"""Counts of people that add up, and what of them may be shown: a linear programme for each table.

The sample flow, the dispositions of sampled units, the panel found again, the back-checks and the
corrections beside the findings print exact numbers. Here each says which of its cells are small or
secret and which sum to which, also across tables; one function withholds them and as many others
as protect them.
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from evaluation.config.confidentiality import WITHHELD, is_withheld
from evaluation.config.fieldwork_plan import BackcheckShare, FoundAgain, Progress
from evaluation.config.sampling import DispositionCount, RateName, ResponseRate
from evaluation.config.study import Study
from evaluation.errors import ReportError
from evaluation.estimation.records import Flow
from evaluation.report.complementary_suppression import Key, PublishedSum, suppress
from evaluation.report.disclosure import SENSITIVE_MINIMUM, is_shown, is_small


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCounts:
    """Counts that would be published, and what ties them together.

    Attributes
    ----------
    counts : mapping of key to int
    margins : sequence of PublishedSum
        What sums to what.
    clusters : mapping of key to int
        Of the cells whose clusters are known.
    secret : collection of key
        Withheld for another reason than their numbers.
    elsewhere : collection of key
        What other tables show: never withheld to protect a cell.
    unprinted : collection of key
        Sums that nobody prints.
    apart : bool
        Whether no two parts of a margin share a cluster; where they may, the widest counts.
    """

    counts: Mapping[Key, int]
    margins: Sequence[PublishedSum]
    clusters: Mapping[Key, int]
    secret: Collection[Key] = ()
    elsewhere: Collection[Key] = ()
    unprinted: Collection[Key] = ()
    apart: bool = False


def withheld(cells: PublishedCounts, study: Study) -> frozenset[Key] | None:
    """Cells to withhold: small and secret ones, and the others that protect them.

    Parameters
    ----------
    cells : PublishedCounts
    study : Study
        Its least numbers of interviews and clusters.

    Returns
    -------
    frozenset of key or None
        None where nothing could protect them: then none of the cells may be shown.

    Notes
    -----
    What a shown sum withholds of its parts must also lie in clusters enough: until it does, the
    smallest part that is still shown goes too.
    """
    small = (k for k, c in cells.clusters.items() if is_small(cells.counts[k], c, study=study))
    secret = {*cells.secret, *small}
    while True:
        try:
            hidden = suppress(
                cells.counts,
                cells.margins,
                minimum=study.minimum_cell,
                secret=frozenset(secret),
                elsewhere=frozenset(cells.elsewhere),
                unprinted=frozenset(cells.unprinted),
                range_="wide",
            )
        except ReportError:
            return None
        thin = next((m for m in cells.margins if _is_thin(m, hidden, cells, study)), None)
        if thin is None:
            return hidden
        spare = [k for k in thin.parts if k not in hidden and cells.counts[k] > 0]
        if not spare:
            return None
        secret.add(min(spare, key=lambda k: cells.counts[k]))


def _is_thin(
    margin: PublishedSum, hidden: frozenset[Key], cells: PublishedCounts, study: Study
) -> bool:
    """Whether what a shown sum withholds may lie in too few clusters."""
    if margin.total in hidden:
        return False
    known = [cells.clusters[k] for k in margin.parts if k in hidden and k in cells.clusters]
    together = sum(known) if cells.apart else max(known, default=0)
    return not is_shown(together, "clusters", study)


def parts(
    counts: Sequence[int], clusters: Sequence[int], study: Study, *, secret: Sequence[bool] = ()
) -> tuple[bool, ...]:
    """Which parts of one shown total to withhold; no two parts share a cluster."""
    keys = range(len(counts))
    cells = PublishedCounts(
        counts={**dict(zip(keys, counts, strict=True)), "total": sum(counts)},
        margins=(PublishedSum("total", tuple(keys)),),
        clusters=dict(zip(keys, clusters, strict=True)),
        secret=[k for k, gone in zip(keys, secret or [False] * len(counts), strict=True) if gone],
        elsewhere=("total",),
        apart=True,
    )
    hidden = withheld(cells, study)
    return tuple(hidden is None or k in hidden for k in keys)


def without(row: Any, *fields: str) -> Any:
    """A record without some of its numbers."""
    return replace(row, **dict.fromkeys(fields, WITHHELD))


def is_decided(rows: Iterable[Any]) -> bool:
    """Whether some number of these records was withheld already."""
    return any(is_withheld(x) for row in rows for x in (row.n, row.n_clusters))


# Steps that are counts of their own; the others are reasons for leaving interviews out. What the
# office refused was never delivered to the analysis, so that nothing can be subtracted from it.
SAMPLED, SET_ASIDE, LEFT_OUT = "sampled", "set_aside", "left_out"
TOTALS = (SAMPLED, SET_ASIDE, "delivered", "valid", "panel_members", "linked")
SUM, VALID, DELIVERED = (LEFT_OUT, ""), ("valid", ""), ("delivered", "")
UNITS = (SAMPLED, "")


def of_flow(made: Sequence[Flow], study: Study) -> tuple[Flow, ...]:
    """The sample flow as it may be shown, with the sum of all removals of a round and group.

    With a withheld sum goes the number delivered, because delivered minus valid is that sum. Where
    one group's number of refused submissions is withheld, all are: the findings print their sum.
    The sum has -1 clusters: nobody counted them.
    """
    if any(f.step == LEFT_OUT for f in made) or is_decided(made):
        return tuple(made)
    found: list[Flow] = []
    for place in sorted({(f.round, f.arm) for f in made}):
        found += _of_place([f for f in made if (f.round, f.arm) == place], study)
    refused = {f.round for f in found if f.step == SET_ASIDE and is_withheld(f.n)}
    return tuple(
        without(f, "n", "n_clusters") if f.step == SET_ASIDE and f.round in refused else f
        for f in found
    )


def _of_place(here: Sequence[Flow], study: Study) -> Iterator[Flow]:
    """Counts of one round and group, the withheld ones protected from subtraction."""
    removed = [f for f in here if f.step not in TOTALS]
    counts: dict[Key, int] = {(f.step, f.reason): f.n for f in here}
    clusters: dict[Key, int] = {(f.step, f.reason): f.n_clusters for f in here}
    margins: list[PublishedSum] = []
    if removed:
        counts[SUM] = sum(f.n for f in removed)
        # reasons may share clusters: the sum stands on at least as many as its widest reason
        clusters[SUM] = max(f.n_clusters for f in removed)
        margins.append(PublishedSum(SUM, tuple((f.step, f.reason) for f in removed)))
    both = (SUM, VALID) if removed else (VALID,)
    # a flow that does not add up gives nothing away by subtraction
    if {DELIVERED, VALID} <= counts.keys() and counts[DELIVERED] == sum(counts[k] for k in both):
        margins.append(PublishedSum(DELIVERED, both))
    # what sampled units exceed the interviews by is a count too: units without an interview
    of = {step: sum(f.n for f in here if f.step == step) for step in TOTALS}
    known = (of["delivered"], of["delivered"] + of[SET_ASIDE], of["valid"])
    rest = [counts.get(UNITS, 0) - n for n in known]
    small = UNITS in counts and any(not is_shown(n, "interviews", study) for n in rest)
    hidden = withheld(
        PublishedCounts(
            counts=counts,
            margins=margins,
            clusters=clusters,
            secret=(UNITS,) if small else (),
            elsewhere=(VALID,),
        ),
        study,
    )
    if removed:
        whole = replace(here[0], step=LEFT_OUT, reason="", n=counts[SUM], n_clusters=-1)
        yield without(whole, "n", "n_clusters") if hidden is None or SUM in hidden else whole
    for f in here:
        gone = hidden is None or (f.step, f.reason) in hidden
        yield without(f, "n", "n_clusters") if gone else f


# Units that are or may be eligible, in the order of the rows; NE is beside their sum.
DISPOSITIONS = ("I", "P", "R", "NC", "O", "UH", "UO", "NE")
COUNTED, KNOWN = DISPOSITIONS[:7], DISPOSITIONS[:5]
INTERVIEWS, REACHED = ("I", "P"), ("I", "P", "R", "O")
# all units of a round and group, as a disposition of its own
EVERY = "all"
# Which counts a rate is made of. With e both the units of known and of unknown eligibility can be
# worked out, because their sum is known.
PARTS: Mapping[RateName, tuple[tuple[str, ...], ...]] = {
    "RR1": (("I",),),
    "RR2": (INTERVIEWS,),
    "RR3": (("I",), KNOWN),
    "RR4": (INTERVIEWS, KNOWN),
    "RR5": (("I",), KNOWN),
    "RR6": (INTERVIEWS, KNOWN),
    "COOP1": (("I",), REACHED),
    "REF1": (("R",),),
    "CON1": (REACHED,),
    "replacements": (),
}


def of_units(
    made: Sequence[DispositionCount],
    rates: Sequence[ResponseRate],
    flow: Sequence[Flow],
    study: Study,
) -> tuple[tuple[DispositionCount, ...], tuple[ResponseRate, ...]]:
    """Dispositions and outcome rates as they may be shown, rates giving way before counts do.

    Parameters
    ----------
    made, rates : sequences
        Of the sampled units.
    flow : sequence of Flow
        As it is shown: it may hold the number sampled.
    study : Study
    """
    if any(d.disposition == EVERY for d in made):
        return tuple(made), tuple(rates)
    counts: list[DispositionCount] = []
    kept: list[ResponseRate] = []
    for place in dict.fromkeys((d.round, d.arm) for d in made):
        here = [d for d in made if (d.round, d.arm) == place]
        asked = [r for r in rates if (r.round, r.arm) == place]
        sampled = [f.n for f in flow if (f.round, f.arm, f.step) == (*place, SAMPLED)]
        is_open = not any(map(is_withheld, sampled))
        hidden = _hidden_units(here, [], study, is_open=is_open)
        shown: list[ResponseRate] = []
        for rate in (r for r in asked if PARTS[r.name] and is_open and hidden is not None):
            # a rate is not shown that tells a small sum, hidden then, or hides another count
            if _hidden_units(here, [*shown, rate], study, is_open=is_open) == hidden:
                shown.append(rate)
        kept += [r if r in shown or not PARTS[r.name] else without(r, "rate") for r in asked]
        gone = set(DISPOSITIONS) if hidden is None else hidden
        counts += [without(d, "n", "n_clusters") if d.disposition in gone else d for d in here]
        n = sum(d.n for d in here if d.disposition in COUNTED)
        changes: dict[str, Any] = {"disposition": EVERY, "n": n if is_open else WITHHELD}
        counts.append(replace(here[0], **changes))
    return tuple(counts), tuple(kept)


def _hidden_units(
    here: Sequence[DispositionCount],
    rates: Sequence[ResponseRate],
    study: Study,
    *,
    is_open: bool,
) -> frozenset[Key] | None:
    """Dispositions to withhold beside these rates; None where nothing could protect them."""
    counts: dict[Key, int] = dict.fromkeys(DISPOSITIONS, 0) | {d.disposition: d.n for d in here}
    # known beside the counts: all units, all interviews (sample flow), and what the rates add
    sums = sorted({COUNTED, INTERVIEWS, *(part for rate in rates for part in PARTS[rate.name])})
    counts |= {part: sum(counts[code] for code in part) for part in sums}
    return withheld(
        PublishedCounts(
            counts=counts,
            margins=[PublishedSum(part, part) for part in sums],
            clusters={d.disposition: d.n_clusters for d in here},
            secret=() if is_open else (COUNTED,),
            elsewhere=sums,
        ),
        study,
    )


def of_again(made: Sequence[FoundAgain], study: Study) -> tuple[FoundAgain, ...]:
    """The panel found again by group and department, with each group's total last.

    Those found and those lost are each other's rest: both must be enough, or nobody, in every cell
    that is shown and in what a group's total leaves of those that are not. A total has no
    department.
    """
    if not all(row.department for row in made):
        is_whole = [not row.department and _is_small_pair(row, study) for row in made]
        return tuple(_gone(r) if w else r for r, w in zip(made, is_whole, strict=True))
    found: list[FoundAgain] = []
    for arm in dict.fromkeys(row.arm for row in made):
        here = [row for row in made if row.arm == arm]
        whole = replace(
            here[0],
            department="",
            n=sum(row.n for row in here),
            n_again=sum(row.n_again for row in here),
            n_clusters=sum(row.n_clusters for row in here),
            weight=math.fsum(row.weight for row in here),
            weight_again=math.fsum(row.weight_again for row in here),
        )
        hidden = hidden_departments(here, study)
        found += [_gone(row) if row.department in hidden else row for row in here]
        found.append(_gone(whole) if _is_small_pair(whole, study) else whole)
    return tuple(found)


def _is_small_pair(row: FoundAgain, study: Study) -> bool:
    """Whether few were found again, or few were not."""
    pair = (row.n_again, row.n - row.n_again)
    return any(is_small(n, row.n_clusters, study=study) for n in pair)


def _gone(row: FoundAgain) -> FoundAgain:
    return without(row, "n", "n_again", "n_clusters", "weight", "weight_again")


def hidden_departments(here: Sequence[FoundAgain], study: Study) -> frozenset[str]:
    """Departments of one group to withhold; all where nothing inside the group could protect one.

    A share is shown whole or not at all: with one of its two counts goes the other.
    """
    names = [row.department for row in here]
    kinds = {
        "again": {row.department: row.n_again for row in here},
        "lost": {row.department: row.n - row.n_again for row in here},
    }
    counts: dict[Key, int] = {(k, name): n for k, of in kinds.items() for name, n in of.items()}
    counts |= {(k, ""): sum(of.values()) for k, of in kinds.items()}
    clusters = {(k, row.department): row.n_clusters for k in kinds for row in here}
    secret = {row.department for row in here if _is_small_pair(row, study)}
    while True:
        hidden = withheld(
            PublishedCounts(
                counts=counts,
                margins=[PublishedSum((k, ""), tuple((k, name) for name in names)) for k in kinds],
                clusters=clusters,
                secret=[(k, name) for k in kinds for name in secret],
                elsewhere=[(k, "") for k in kinds],
                apart=True,
            ),
            study,
        )
        if hidden is None:
            return frozenset(names)
        found = {name for _, name in hidden if name}
        if found == secret:
            return frozenset(found)
        secret = found


def of_backcheck(
    made: Sequence[BackcheckShare], sensitive: Collection[str], study: Study
) -> tuple[BackcheckShare, ...]:
    """Back-checks as they may be shown: the sum of a type gives none of its questions away."""
    if is_decided(made):
        return tuple(made)
    found: list[BackcheckShare] = []
    for place in dict.fromkeys((s.round, s.type) for s in made):
        here = [s for s in made if (s.round, s.type) == place]
        asked = [s for s in here if s.variable]
        # a pair of answers is one person's, whose cluster other questions share: none are added up
        secret = [
            is_small(s.n, s.n_clusters, study=study)
            or (s.variable in sensitive and s.n < SENSITIVE_MINIMUM)
            for s in asked
        ]
        enough = [study.minimum_clusters for _ in asked]
        gone = parts([s.n for s in asked], enough, study, secret=secret)
        # the most pairs of any question: so many people stand behind the sum over all
        most = max((s.n for s in asked), default=0)
        small = {s.variable for s, is_gone in zip(asked, gone, strict=True) if is_gone}
        small |= {""} if is_small(most, here[0].n_clusters, study=study) else set()
        for s in here:
            row = without(s, "n", "n_different") if s.variable in small else s
            few = is_small(s.n_paired, s.n_clusters, study=study)
            found.append(without(row, "n_again", "n_paired", "n_clusters") if few else row)
    return tuple(found)


def of_progress(made: Sequence[Progress], study: Study) -> tuple[Progress, ...]:
    """Progress by group and department, small parts left out.

    Where the whole round is small, so is everything. Clusters are never among them.
    """
    whole = [row for row in made if row.level == "all"]
    if any(is_small(row.n, row.n_clusters_begun, study=study) for row in whole):
        return ()
    shown = whole
    for level in ("arm", "department"):
        here = [row for row in made if row.level == level]
        gone = parts([r.n for r in here], [r.n_clusters_begun for r in here], study)
        shown += [row for row, is_gone in zip(here, gone, strict=True) if not is_gone]
    return tuple(shown)
