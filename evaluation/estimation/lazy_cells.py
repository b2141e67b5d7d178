"""Cross-products by cluster and round of a table that stays in its engine.

What narwhals speaks to lazily (DuckDB, Ibis, Spark, polars) is asked, in its own language, for
counts, ends and sums by cluster and round. No row comes here, and the memory that is needed does
not depend on how many rows there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from evaluation.estimation import dataframe_study
from evaluation.estimation.dataframe_study import Variables, call_error
from evaluation.estimation.parameters import Regression, StudyDesign
from evaluation.estimation.regression import panel_products
from evaluation.estimation.regression.cross_products import cancelled
from evaluation.estimation.regression.lazy_sums import ProductColumns, asked, sums_by_cell
from evaluation.estimation.regression.panel_regressions import (
    Built,
    ClusterRoundCells,
    RespondentCovariate,
)
from evaluation.estimation.regression.rows import sample_error
from evaluation.estimation.regression.sample_checks import infinite, not_positive


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LazyCells:
    """A table of two rounds in its engine, and what was asked of it by cluster and round.

    Attributes
    ----------
    table : LazyFrame
        As it was given.
    variables : Variables
    named : dict of str to str
        Its columns by what they are called in `rows`: both indicators ``p`` and ``t``; ``d0`` and
        on, of which a cluster has one value; covariates ``x0`` and on; outcomes ``y0`` and on;
        weights ``w``; ``id`` and ``cluster``.
    rows : LazyFrame
        These, and ``post``: 1 in rows of the endline, else 0.
    facts : DataFrame
        One row a ``cluster`` and ``post``: its number of ``rows`` and what `_facts` say.
    values : dict of str to dict of str to int
        In how many rows each value of a covariate is that is no number.
    """

    table: nw.LazyFrame
    variables: Variables
    named: dict[str, str]
    rows: nw.LazyFrame
    facts: pd.DataFrame
    values: dict[str, dict[str, int]]

    def of(self, kinds: str) -> list[tuple[str, str]]:
        """Columns of some kinds, each as it is called in `rows` and in the table."""
        return [(own, name) for own, name in self.named.items() if own[0] in kinds and own != "id"]

    def number(self, fact: str) -> int:
        """A count over all cells."""
        return int(self.facts[fact].sum())

    def without(self, own: str) -> int:
        """In how many rows a column is missing."""
        return self.number("rows") - self.number(f"{own} known")

    def ends(self, own: str) -> tuple[float, float]:
        """Least and greatest finite value."""
        return float(self.facts[f"{own} least"].min()), float(self.facts[f"{own} greatest"].max())

    def numbers(self) -> list[tuple[str, str]]:
        """Columns of numbers, as of `of`."""
        return [(own, name) for own, name in self.named.items() if f"{own} mean" in self.facts]

    def moments(self, own: str) -> tuple[float, float]:
        """Mean and standard deviation of the finite values."""
        known = self.facts[f"{own} known"] - self.facts[f"{own} infinite"]
        weight = known.to_numpy(dtype=np.float64)
        means, variances = (
            np.where(weight > 0.0, self.facts[f"{own} {fact}"].to_numpy(dtype=np.float64), 0.0)
            for fact in ("mean", "variance")
        )
        every = max(float(weight.sum()), 1.0)
        mean = float(weight @ means) / every
        return mean, float(np.sqrt(weight @ (variances + (means - mean) ** 2) / every))

    def collect(
        self, specification: Regression, study: StudyDesign
    ) -> tuple[pd.DataFrame, ClusterRoundCells]:
        """What `dataframe_study.panel` and `panel_products.collect` make of rows in memory.

        Parameters
        ----------
        specification : Regression
        study : StudyDesign

        Returns
        -------
        DataFrame
            Of the panel's columns those of which a cluster has one value, two rows a cell.
        Cells

        Raises
        ------
        EstimationError
            As of the two.

        Notes
        -----
        What cancels is asked for once more, of the rows with the outcome and about their means.
        """
        self._check_complete()
        bare = replace(self.variables, outcome=self.variables.cluster, covariates=())
        panel = dataframe_study.panel(self._ends(), replace(bare, weights="none", respondent=""))
        plain = replace(specification, covariates=(), weights="none")
        chosen = panel_products.rows_of(panel, plain, (), study)
        self._check_values(chosen.where)
        covariates, left = self._covariates()
        right = self.of("y")
        columns = ProductColumns(
            left=tuple(left),
            numbers=tuple(n for n, c in zip(left, covariates, strict=True) if not c.variable),
            right=tuple(own for own, _ in right),
            whole=frozenset(own for own, _ in right if not self.without(own)),
            weighted=self.variables.weights != "none",
            codes=dict(zip(self.facts["cluster"], chosen.cluster.tolist(), strict=False)),
        )
        made = left | {own: _finite(own) for own, _ in right}
        made |= {"w": _positive("w")} if columns.weighted else {}
        rows = self.rows.select("cluster", "post", *[e.alias(name) for name, e in made.items()])
        known = panel_products.by_cluster(chosen, specification, study)
        own = {name: own for own, name in right}
        return panel, _cells(rows, columns, own, known | {"covariates": covariates})

    def _ends(self) -> pd.DataFrame:
        """Least and greatest value of the clusters' columns in each cell, one below the other."""
        facts, found = self.facts, []
        for end in ("least", "greatest"):
            columns = {
                name: facts[f"{own} {end}"].where(facts[f"{own} known"] == facts["rows"])
                for own, name in self.of("d")
            }
            columns[self.variables.post] = facts["post"].astype(np.float64)
            columns[self.variables.treated] = facts[f"t {end}"].astype(np.float64)
            found.append(pd.DataFrame(columns | {self.variables.cluster: facts["cluster"]}))
        return pd.concat(found, ignore_index=True)

    def _check_complete(self) -> None:
        """What `dataframe_study.panel` refuses of rows."""
        dataframe_study.check_free([*self.variables.kept(), *(name for _, name in self.of("y"))])
        unknown = self.facts["rows"][self.facts["cluster"].isna()]
        dataframe_study.check_known(int(unknown.sum()), self.variables.cluster)
        for own, name in (*self.of("x"), *self.of("pt")):
            dataframe_study.check_known(self.without(own), name)
        for own, name in self.of("pt"):
            low, high = self.ends(own)
            if low < 0.0 or high > 1.0 or self.number(f"{own} broken"):
                raise call_error("not", "give-indicator", name=name)

    def _check_values(self, where: str) -> None:
        """What `panel_products.collect` refuses of rows."""
        twice = self._seen_twice() if "id" in self.named else 0
        if twice:
            raise sample_error("rows-repeat-respondent", "drop-duplicates", where, twice=twice)
        for own, name in self.of("xy"):
            number = 0 if own in self.values else self.number(f"{own} infinite")
            if number and own.startswith("y"):
                raise infinite(number, name, where)
            if number:
                raise sample_error("missing-infinite-values", "select-clean", where, missing=name)
        for _, name in self.of("w"):
            if self.number("w bad"):
                raise not_positive(self.number("w bad"), name, where)
        for own, name in self.of("d"):
            gone = self.without(own)
            if gone and name != self.variables.population:
                raise sample_error("rows-no", "complete-it-in-the", where, without=gone, name=name)

    def _seen_twice(self) -> int:
        seen = self.rows.filter(~nw.col("id").is_null() & (nw.col("id") != ""))
        counts = seen.group_by("post", "id").agg(nw.len().alias("rows"))
        found = asked(counts.select(nw.col("rows").sum(), nw.len().alias("ids"))).fillna(0)
        return int(found["rows"].iloc[0]) - int(found["ids"].iloc[0])

    def _covariates(self) -> tuple[tuple[RespondentCovariate, ...], dict[str, nw.Expr]]:
        """Columns of respondents as `ClusterRoundCells` orders them, and how the rows have each."""
        named: list[RespondentCovariate] = []
        columns: list[nw.Expr] = []
        for own, name in self.of("x"):
            if own not in self.values:
                named.append(RespondentCovariate(label=name))
                columns.append(nw.col(own))
            for value in sorted(self.values.get(own, ())):
                named.append(RespondentCovariate(label=f"{name}={value}", variable=name))
                columns.append((nw.col(own) == value).cast(nw.Float64))
        return tuple(named), {f"c{j}": column for j, column in enumerate(columns)}


def read(table: nw.LazyFrame, variables: Variables, outcomes: Sequence[str]) -> LazyCells:
    """Ask a table what has to be known of it before its sums.

    Parameters
    ----------
    table : LazyFrame
    variables : Variables
        Their columns are there.
    outcomes : sequence of str

    Raises
    ------
    EstimationError
        An outcome, the weights or an indicator are no numbers.
    """
    kinds, named = table.collect_schema(), _named(variables, list(dict.fromkeys(outcomes)))
    for own, name in named.items():
        if own in ("p", "t") and not is_number(kinds[name]):
            raise call_error("not", "give-indicator", name=name)
        if own[0] in "yw" and not is_number(kinds[name]):
            where = f"specification {dataframe_study.WHERE}"
            raise sample_error("not-numeric", "name-numeric", where, name=name)
    columns = [_plain(own, name, kinds[name]) for own, name in named.items()]
    rows = table.select(*columns).with_columns(_count(nw.col("p") == 1.0).alias("post"))
    values: dict[str, dict[str, int]] = {}
    for own, name in named.items():
        if own.startswith("x") and not is_number(kinds[name]):
            found = asked(rows.group_by(own).agg(nw.len().alias("rows"))).dropna()
            values[own] = dict(zip(found[own].map(str), found["rows"].map(int), strict=True))
    facts = asked(rows.group_by("cluster", "post").agg(*_facts(rows.collect_schema())))
    facts = facts.sort_values(["cluster", "post"], ignore_index=True)
    return LazyCells(
        table=table, variables=variables, named=named, rows=rows, facts=facts, values=values
    )


def is_number(kind: nw.dtypes.DType) -> bool:
    """Whether a column's values are numbers, as True and False are."""
    return kind.is_numeric() or kind == nw.Boolean


def _named(variables: Variables, outcomes: Sequence[str]) -> dict[str, str]:
    """See `LazyCells.named`."""
    design = dict.fromkeys((variables.population, variables.strata_round, variables.strata))
    weights = "" if variables.weights == "none" else variables.weights
    named = {"p": variables.post, "t": variables.treated, "w": weights}
    named |= {"cluster": variables.cluster, "id": variables.respondent}
    lists = {"d": list(design), "x": variables.covariates, "y": outcomes}
    named |= {f"{kind}{j}": name for kind, names in lists.items() for j, name in enumerate(names)}
    return {own: name for own, name in named.items() if name}


def _plain(own: str, name: str, kind: nw.dtypes.DType) -> nw.Expr:
    """A column as `rows` have it: numbers as floats, all else as text, clusters as they are."""
    column = nw.col(name)
    if own not in ("cluster", "id"):
        return column.cast(nw.Float64 if is_number(kind) else nw.String).alias(own)
    if kind.is_float():
        column = nw.when(column.is_finite()).then(column)
    if own == "id" or kind in (nw.Categorical, nw.Enum):
        column = column.cast(nw.String)
    return column.alias(own)


def _facts(kinds: Mapping[str, nw.dtypes.DType]) -> list[nw.Expr]:
    """What is asked of a cell.

    In how many rows a column is ``known``, and its ``least`` and ``greatest`` value. Of numbers:
    how many are ``infinite`` and how many no whole number (``broken``); and the ends, ``mean`` and
    ``variance`` of the finite ones, of weights of the positive ones. How many weights are ``bad``
    where some outcome is there.
    """
    found = {"rows": nw.len()}
    for own, kind in kinds.items():
        value = used = nw.col(own)
        if own in ("cluster", "post", "id"):
            continue
        found[f"{own} known"] = value.count()
        if is_number(kind):
            used = _positive(own) if own == "w" else _finite(own)
            known = _count(~value.is_null() & ~value.is_nan())
            found[f"{own} known"] = known.sum()
            found[f"{own} infinite"] = known.sum() - _finite(own).count()
            found[f"{own} broken"] = _count(used.floor() != used).sum()
            found |= {f"{own} mean": used.mean(), f"{own} variance": used.var(ddof=0)}
        found |= {f"{own} least": used.min(), f"{own} greatest": used.max()}
    if "w" in kinds:
        there = [nw.col(own).is_finite() for own in kinds if own.startswith("y")]
        seen = nw.any_horizontal(*there, ignore_nulls=True)
        found["w bad"] = _count(seen & _positive("w").is_null()).sum()
    return [fact.alias(name) for name, fact in found.items()]


def _count(flag: nw.Expr) -> nw.Expr:
    """One where something is known to be so, else zero."""
    return nw.when(flag).then(nw.lit(1)).otherwise(nw.lit(0))


def _finite(name: str) -> nw.Expr:
    return nw.when(nw.col(name).is_finite()).then(nw.col(name))


def _positive(name: str) -> nw.Expr:
    return nw.when(nw.col(name).is_finite() & (nw.col(name) > 0.0)).then(nw.col(name))


def _cells(
    rows: nw.LazyFrame, columns: ProductColumns, own: Mapping[str, str], known: dict[str, Any]
) -> ClusterRoundCells:
    """Cells of outcomes, by their names among the rows; known is what no sums are needed for."""
    sums, shift = sums_by_cell(rows, columns)

    def alone(outcome: str) -> Built:
        name = own[outcome]
        one = replace(columns, right=(name,), whole=frozenset({name}))
        cells = _cells(rows.filter(~nw.col(name).is_null()), one, {outcome: name}, known)
        return replace(cells, cancelled=frozenset()).regression(outcome)

    lost = cancelled(sums, numbers=[columns.left.index(name) for name in columns.numbers])
    return ClusterRoundCells(
        **known,
        outcomes=tuple(own),
        incomplete=[0] * len(own),
        sums=sums,
        shift=shift,
        cancelled=frozenset(name for name, flag in zip(own, lost, strict=True) if flag),
        from_rows=alone,
    )
