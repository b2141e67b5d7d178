"""Whether an estimate's rows can be compared: both rounds, both groups, a varying outcome."""

from collections.abc import Iterable, Sequence

import numpy as np

from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Floats
from evaluation.estimation.regression.rows import sample_error

# With a single cluster in a group its effect cannot be told from that cluster's own shock.
MINIMUM_CLUSTERS = 2


def infinite(number: int, name: str, where: str) -> EstimationError:
    """Error of rows whose outcome is infinite, as a logarithm of zero is."""
    return sample_error("rows-infinite", "check-how-made", where, number=number, name=name)


def in_two_arms(cluster: str, number: int, where: str) -> EstimationError:
    """Error of clusters of more than one arm, the first of them named."""
    return sample_error("cluster-more", "give-each-cluster", where, clusters=cluster, n=number)


def check_rounds(observed: Iterable[object], rounds: tuple[str, ...], where: str) -> None:
    """Refuse an outcome that nobody has in one of the rounds."""
    for seen, round_id in zip(observed, rounds, strict=True):
        if not seen:
            raise sample_error("outcome-missing", "drop-outcome", where, round_id=round_id)


def check_groups(treated: int, comparison: int, where: str, *, untreated: object) -> None:
    """Refuse groups that cannot be compared.

    Parameters
    ----------
    treated, comparison : int
        Clusters with the treatment, and without it.
    where : str
    untreated : truth value
        Whether some of the latter are of an arm without any treatment.
    """
    if not untreated:
        raise sample_error("no-rows-arm", "keep-comparison", where)
    for name, number in (("treated", treated), ("comparison", comparison)):
        if number < MINIMUM_CLUSTERS:
            least = MINIMUM_CLUSTERS
            raise sample_error(f"too-few-{name}", "no-cluster-robust", where, n=number, least=least)


def check_linked(both: object, first: Sequence[object], last: Sequence[object], where: str) -> None:
    """Refuse rounds that have no cluster in common: its id is written otherwise in each.

    Parameters
    ----------
    both : truth value
        Whether some cluster has the outcome in both rounds.
    first, last : sequence
        Clusters that have it in the one and in the other.
    where : str
    """
    if not both and len(first) and len(last):
        raise sample_error(
            "clusters-not-linked", "clusters-not-linked", where, one=str(first[0]), two=str(last[0])
        )


def check_varies(varies: object, where: str) -> None:
    """Refuse an outcome that is the same in every row."""
    if not varies:
        raise sample_error("outcome-same", "check-coding", where)


def not_positive(number: int, name: str, where: str) -> EstimationError:
    """Error of rows whose weight is of no use."""
    return weights_error("rows-missing", "correct-weights", where, number=number, name=name)


def check_people(people: Floats, name: str, where: str) -> None:
    """Refuse populations that are missing or not positive."""
    if not (np.isfinite(people) & (people > 0)).all():
        raise weights_error("missing-not-positive", "complete-the-frame-of", where, name=name)


def differing(name: str, where: str) -> EstimationError:
    """Error of a population that is not one number per cluster."""
    return weights_error("differs-within-cluster", "take-one-population", where, name=name)


def weights_error(problem: str, fix: str, where: str, **holes: object) -> EstimationError:
    """Error of weights that are of no use; see `EvaluationError.of`."""
    return EstimationError.of(problem, fix, where, rule="weights", **holes)
