"""The list of clusters with what other files know of each of them, every cluster once."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evaluation.config.dictionary import Dictionary
from evaluation.config.panel_study import PanelSeries
from evaluation.data.cleaning.clean import MISSING, clean, plain_kinds
from evaluation.data.cleaning.parse import Parsed
from evaluation.data.rules.rule import DataRule
from evaluation.estimation.records import Finding
from evaluation.locale.messages import Plain

TWICE = DataRule("cluster-facts", "error", "cluster-stands-twice", "cluster-facts")
STRANGE = DataRule("cluster-facts", "error", "cluster-of-no-list", "cluster-facts")
POPULATION_TWICE = DataRule("population", "error", "population-twice", "population-file")
POPULATION_LACKS = DataRule("population", "error", "population-lacks", "population-file")
POPULATION_STRANGE = DataRule(
    "population", "error", "population-unknown-cluster", "population-file"
)


def fact_findings(
    parsed: Parsed, cluster: str, clusters: frozenset[str] | None = None
) -> Iterator[Finding]:
    """A cluster that stands twice in a file of clusters, or that the list does not have.

    Parameters
    ----------
    parsed : Parsed
        The list of clusters, or a file of facts.
    cluster : str
        Variable of the code.
    clusters : frozenset of str, optional
        Codes there are; None for the list itself.
    """
    codes = pd.Series(parsed.columns[cluster].values)
    for row in np.flatnonzero(codes.duplicated().to_numpy()):
        first = int(np.flatnonzero((codes == codes[row]).to_numpy())[0])
        yield TWICE.at(parsed, cluster, row, row=Plain(int(parsed.lines[first])))
    if clusters is not None:
        for row in np.flatnonzero(~codes.isin(clusters).to_numpy()):
            yield STRANGE.at(parsed, cluster, row)


def with_facts(
    frame: Parsed, facts: Sequence[Parsed], dictionary: Dictionary, cluster: str
) -> pd.DataFrame:
    """Clusters in the order of their codes, with their facts; what no file tells is missing.

    Parameters
    ----------
    frame : Parsed
        The list of clusters, every one once.
    facts : sequence of Parsed
        Files with some of these clusters, each at most once.
    dictionary : Dictionary
    cluster : str
        Variable of the code.
    """
    table = _values(frame, dictionary)
    for parsed in facts:
        table = table.merge(_values(parsed, dictionary), on=cluster, how="left", validate="1:1")
    return table.sort_values(cluster, kind="stable", ignore_index=True)


def _values(parsed: Parsed, dictionary: Dictionary) -> pd.DataFrame:
    table = plain_kinds(clean(parsed, dictionary))
    return table[[name for name in parsed.columns if not name.endswith(MISSING)]]


def population_findings(
    parsed: Parsed, panel: PanelSeries, clusters: frozenset[str], cluster: str
) -> Iterator[Finding]:
    """A cluster and year that stand twice, are lacking, or that nobody knows.

    Parameters
    ----------
    parsed : Parsed
        One series.
    panel : PanelSeries
    clusters : frozenset of str
        Codes there are.
    cluster : str
        Variable of the code.
    """
    codes = parsed.columns[cluster].values
    years = parsed.columns[panel.year].values.astype("int64")
    unknown = ~np.isin(codes.astype(str), sorted(clusters))
    if unknown.any():
        n = Plain(len(set(codes[unknown])))
        yield POPULATION_STRANGE.at(parsed, cluster, int(unknown.argmax()), n=n)
        return
    index = pd.MultiIndex.from_arrays([codes, years])
    twice = index.duplicated()
    if twice.any():
        yield POPULATION_TWICE.at(parsed, cluster, int(twice.argmax()), n=Plain(twice.sum()))
        return
    lacking = len(clusters) * len(set(years)) - len(index)
    gaps = sorted(set(range(years.min(), years.max() + 1)) - set(years.tolist()))
    if lacking or gaps:
        yield POPULATION_LACKS.at(parsed, cluster, n=Plain(lacking + len(gaps) * len(clusters)))
