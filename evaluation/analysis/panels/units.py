"""The rows of one specification of a panel study: which clusters, which years, which people."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from evaluation.config import panel_study
from evaluation.config.panel_study import PanelChoice, span
from evaluation.config.plan import Plan, Specification, seed
from evaluation.config.study import Study
from evaluation.errors import EstimationError
from evaluation.estimation.arrays import Flags, Floats
from evaluation.estimation.inference.permutation_draws import Permutations, permutations
from evaluation.estimation.many_periods.panel import PanelColumns, UnitPanel, panel

# columns of the assignment that the stage `clean` makes
FIRST, STATUS, AMONG = "first_treated", "status", "among"
TREATED, UNKNOWN = "treated", "unknown"
# columns of the events
CLUSTER, DATE, AMOUNT = "cluster", "date", "amount"
# columns of the rows of a specification
UNIT, YEAR, COUNT, PEOPLE, RATE, ENTRY, STRATUM, DEPARTMENT = (
    "unit", "year", "count", "people", "rate", "entry", "stratum", "department",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class PanelFrames:
    """Clean tables of a panel study.

    Attributes
    ----------
    panel, merged : DataFrame
        Counts and people by cluster and year; the same of clusters that are looked at as one.
    frame : DataFrame
        Clusters with their facts.
    assignment : DataFrame
        Who is treated from when, and among whom others may be.
    events : DataFrame
        Every event: `CLUSTER`, `DATE`, and `AMOUNT`, how many it stands for.
    """

    panel: pd.DataFrame
    merged: pd.DataFrame
    frame: pd.DataFrame
    assignment: pd.DataFrame
    events: pd.DataFrame

    @property
    def complete(self) -> bool:
        """Whether all treated clusters are known: a list was given from outside."""
        return not (self.assignment[STATUS] == UNKNOWN).any()


@dataclass(frozen=True, kw_only=True, eq=False)
class Units:
    """Clusters of a study with what is known of them, and the rows of its specifications."""

    frames: PanelFrames
    study: Study
    plan: Plan

    @property
    def declared(self) -> panel_study.PanelSeries:
        """What the study declares of its panel."""
        if self.study.panel is None:
            raise TypeError(self.study.id)
        return self.study.panel

    @cached_property
    def table(self) -> pd.DataFrame:
        """Clusters by code: stratum, status, first treated year, and whether listed ones may be."""
        columns, frames = self.study.columns, self.frames
        facts = frames.frame.set_index(columns.cluster)
        given = frames.assignment.set_index(columns.cluster)
        stratum = facts[columns.stratum] if columns.stratum else facts.index.to_series()
        department = facts[columns.department] if columns.department else ""
        kept = given[[STATUS, FIRST, AMONG]]
        return kept.assign(**{STRATUM: stratum, DEPARTMENT: department})

    def chosen(self, choice: PanelChoice) -> pd.DataFrame:
        """Clusters of a specification, the comparison by its rule.

        Parameters
        ----------
        choice : PanelChoice

        Raises
        ------
        EstimationError
            A cluster or department that is left out is none of the study's.
        """
        table = self.table
        for named, known in (
            (choice.without, table.index),
            (choice.without_departments, table[DEPARTMENT]),
        ):
            absent = sorted(set(named) - set(known))
            if absent:
                raise EstimationError.of(
                    "panel-without-unknown", "panel-without-unknown", "plan.toml", code=absent[0]
                )
        treated = table[STATUS] == TREATED
        among = table[AMONG].astype(bool)
        inside = among & table[STRATUM].isin(table.loc[treated, STRATUM].dropna())
        outside = ~among & table[STRATUM].notna()
        others = {"same strata": inside, "listed": among, "outside": outside}[choice.comparison]
        left_out = table.index.isin(choice.without)
        left_out |= table[DEPARTMENT].isin(choice.without_departments)
        return table[(treated | others) & ~left_out]

    def rows(self, specification: Specification, count: str) -> pd.DataFrame:
        """One row a unit and year of a specification.

        Parameters
        ----------
        specification : Specification
        count : str
            Which events are counted.

        Raises
        ------
        EstimationError
            None of its clusters is treated, or all are from one year on.
        """
        choice = specification.panel or PanelChoice()
        before, after = (span(text) for text in specification.contrast)
        units = self.chosen(choice)
        if len(units[FIRST].unique()) < 2:
            raise EstimationError.of(
                "panel-one-start",
                "panel-one-start",
                "plan.toml",
                name=specification.id,
                comparison=choice.comparison,
            )
        rows = self._counted(count, choice, whole=before[0] < self.declared.population.joined)
        rows = rows[rows[UNIT].isin(units.index) & rows[YEAR].isin([*before, *after])]
        entry = self._entry(units[FIRST], after)
        return rows.assign(
            **{
                ENTRY: rows[UNIT].map(entry),
                STRATUM: rows[UNIT].map(units[STRATUM]).astype(str),
                RATE: self.declared.population.per * rows[COUNT] / rows[PEOPLE],
            }
        ).dropna(subset=[PEOPLE])

    def _counted(self, count: str, choice: PanelChoice, *, whole: bool) -> pd.DataFrame:
        """Counts and people of all clusters; some are one where years before they parted enter."""
        cluster, table = self.study.columns.cluster, self.frames.panel
        if whole:
            parts = {code for merge in self.declared.merge for code in merge.clusters}
            table = pd.concat([table[~table[cluster].isin(parts)], self.frames.merged])
        people = self.declared.population
        number = table[people.variable]
        if choice.population == "joined":
            number = table[people.main].fillna(table[people.earlier])
        names = {cluster: UNIT, self.declared.year: YEAR, count: COUNT}
        found = table[list(names)].rename(columns=names).astype({UNIT: str})
        if choice.months:
            found[COUNT] = self._in_months(choice.months, found)
        return found.assign(**{PEOPLE: number.to_numpy(dtype=float)})

    def _in_months(self, months: tuple[int, ...], rows: pd.DataFrame) -> pd.Series:
        """All events of some months, for each unit and year of the rows."""
        events = self.frames.events
        dates = pd.DatetimeIndex(events[DATE])
        inside = (dates.month >= months[0]) & (dates.month <= months[1])
        keys = [events[CLUSTER].to_numpy(), dates.year.to_numpy()]
        sums = events[AMOUNT].where(inside, 0.0).groupby(keys).sum()
        at = pd.MultiIndex.from_frame(rows[[UNIT, YEAR]])
        return pd.Series(sums.reindex(at, fill_value=0.0).to_numpy(float), index=rows.index)

    def places(self, units: tuple[str, ...]) -> Floats:
        """Latitude and longitude of units, in degrees, shape (N, 2).

        Parameters
        ----------
        units : tuple of str

        Raises
        ------
        EstimationError
            The clusters have no coordinates, or one of these has none.
        """
        frame = self.frames.frame
        names = ["lat", "lon"]
        there = set(names) <= set(frame.columns)
        found = (
            frame.set_index(self.study.columns.cluster)[names].astype(float).reindex(list(units))
            if there
            else pd.DataFrame()
        )
        if not there or found.isna().to_numpy().any():
            raise EstimationError.of("panel-no-places", "panel-no-places", "plan.toml")
        return found.to_numpy()

    def _entry(self, first: pd.Series, after: range) -> Mapping[str, float]:
        """First treated year in the years of a contrast; NaN where it lies behind them.

        A contrast that begins before the first entry moves all entries with it: anticipation, or a
        date at which nothing happened. One that begins later has years of treatment left out.
        """
        earliest = first.min()
        moved = first + min(after[0] - earliest, 0)
        entry = np.maximum(moved, after[0])
        kept = entry.where(moved.notna() & (entry <= after[-1]))
        return {str(code): value for code, value in kept.items()}

    def panel(self, specification: Specification, count: str, *, rates: bool) -> UnitPanel:
        """The rows of a specification as units by periods.

        Parameters
        ----------
        specification : Specification
        count : str
        rates : bool
            Rates are the outcome; else counts, with people as their exposure.
        """
        columns = PanelColumns(
            outcome=RATE if rates else COUNT,
            unit=UNIT,
            time=YEAR,
            first_treated=ENTRY,
            exposure="" if rates else PEOPLE,
            strata=STRATUM if specification.strata_round else "",
        )
        return panel(self.rows(specification, count), columns)

    def drawn(self, made: UnitPanel) -> Permutations:
        """Permutations of entry inside the plan's strata, whatever effects the model has.

        Parameters
        ----------
        made : UnitPanel
        """
        first = dict(zip(made.units, map(str, made.first.tolist()), strict=True))
        strata = {unit: str(self.table.loc[unit, STRATUM]) for unit in made.units}
        settings = self.plan.inference
        key = seed(settings.seed_entry)
        return permutations(first, strata=strata, number=settings.permutations, seed=key)

    def treated(self, made: UnitPanel) -> Flags:
        """Units of a panel that are treated in it."""
        return made.first < made.n_periods
