"""A study of type panel: counts of events by cluster and period, and who was treated from when.

Its rows are events, not interviews: what is counted, which clusters there are, how many people
live in them and which were treated is declared here. Clusters, arms, cohorts, treatments and events
of the calendar are declared as in a survey study.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from evaluation.config.toml_reader import Text, TomlFile

# a year of the first and of the last period, both counted
Years = tuple[int, ...]
PANEL_ROLES = ("events", "population", "facts", "names", "treated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Rows or clusters of which a variable has one of some values; without any, has a value."""

    variable: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRows:
    """Which variables say where and when something happened, and to how many.

    Attributes
    ----------
    code : str
        Code of the place; a file without it has names.
    digits : int
        So many first digits of the code are the cluster's.
    department, name : str
        Names of the place.
    date, amount : str
        Day, and how many events the row stands for.
    year, weekday : str, optional
        Variables that tell the year, or the day of the week (1 is Monday), once more.
    most_unplaced : float
        Share of a file's events that may lie in no known cluster; above it the build stops.
    """

    code: str
    digits: int
    department: str
    name: str
    date: str
    amount: str
    year: str | None = None
    weekday: str | None = None
    most_unplaced: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesCount:
    """One count: all events, or those of ``where``; comparable from the year ``first`` on."""

    id: str
    label: Text
    where: Where | None = None
    first: int | None = None
    unit: str = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Denominators:
    """Two series of the population, each a layout of the manifest, and how they are joined.

    From ``joined`` on the series ``main`` is taken. Before, it is carried back by the other's
    changes: main in that year x earlier in the year / earlier in that year.
    """

    variable: str
    main: str
    earlier: str
    joined: int
    per: float = 100_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatedList:
    """What a list of treated clusters says, and what it leaves open.

    Attributes
    ----------
    arm, others : str
        Arm of the listed clusters, and of all others.
    cohort : str
        Cohort of a cluster whose row of the list names none.
    code, department, name : str
        Variables of the list that name the cluster; joined by code and department and name, or by
        department and name where the code is blank, never by name alone.
    entered : str
        Column of a private list that names each cluster's cohort.
    unnamed : int
        Treated clusters that the public list leaves out. Who they are is unknown, and nothing
        guesses it.
    unnamed_cohort : str, optional
        When these entered.
    among : tuple of Where
        Of which clusters they are some: all of these must hold.
    """

    arm: str
    others: str
    cohort: str
    code: str
    department: str
    name: str
    entered: str
    unnamed: int = 0
    unnamed_cohort: str | None = None
    among: tuple[Where, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """Clusters that were one before some of them were created, to be looked at as one."""

    id: str
    label: Text
    clusters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change in how the rows were made, which may have moved the counts of these years."""

    id: str
    label: Text
    years: Years


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSeries:
    """Counts by cluster and year (months stand beside) from ``first`` to ``last``.

    Attributes
    ----------
    year : str
        Variable of the year, in the files of the population and in the clean panel.
    second_look : int
        How many of the largest changes, and of the largest single events, are shown for a second
        look.
    """

    year: str
    first: int
    last: int
    rows: EventRows
    population: Denominators
    treated: TreatedList
    count: tuple[SeriesCount, ...]
    merge: tuple[Merge, ...] = ()
    change: tuple[Change, ...] = ()
    second_look: int = 10

    @property
    def years(self) -> range:
        """All years of the panel."""
        return range(self.first, self.last + 1)

    def variables(self) -> Iterator[tuple[str, str]]:
        """Each variable that is named, with the key that names it."""
        rows, treated = self.rows, self.treated
        yield self.year, "panel.year"
        for key in ("code", "department", "name", "date", "amount", "year", "weekday"):
            if (name := getattr(rows, key)) is not None:
                yield name, f"panel.rows.{key}"
        yield self.population.variable, "panel.population.variable"
        for key in ("code", "department", "name"):
            yield getattr(treated, key), f"panel.treated.{key}"
        yield from ((where.variable, "panel.treated.among") for where in treated.among)
        for count in self.count:
            if count.where is not None:
                yield count.where.variable, f"panel.count.{count.id}"


def check_panel(
    panel: PanelSeries, *, arms: Iterable[str], cohorts: Iterable[str], toml: TomlFile
) -> None:
    """Check what is declared of a panel against itself and the study's arms and cohorts.

    Parameters
    ----------
    panel : PanelSeries
    arms, cohorts : iterable of str
        Ids of the study.
    toml : TomlFile
        That the table stands in.

    Raises
    ------
    SpecError
        Years out of order, a share that is none, an arm or cohort that nobody declared.
    """
    treated, named = panel.treated, list(cohorts)
    years = (panel.first, panel.population.joined, panel.last)
    toml.refuse(list(years) != sorted(years), "panel-years", "panel-years")
    toml.refuse(not panel.count, "panel-counts-nothing", "panel-counts-nothing")
    for what in ("count", "merge", "change"):
        toml.unique((entry.id for entry in getattr(panel, what)), what)
    toml.known((treated.arm, treated.others), arms, "arm", "panel.treated")
    entered = [treated.cohort, *filter(None, (treated.unnamed_cohort,))]
    toml.known(entered, named, "cohort", "panel.treated")
    share = 0 <= panel.rows.most_unplaced < 1
    toml.refuse(not share, "not-a-share", "not-a-share", key="panel.rows.most_unplaced")
    for change in panel.change:
        inside = all(year in panel.years for year in change.years)
        key = f"panel.change.{change.id}"
        toml.refuse(not inside or not change.years, "year-outside", "year-outside", key=key)
    for merge in panel.merge:
        several = len(set(merge.clusters)) > 1
        toml.refuse(not several, "merge-of-one", "merge-of-one", key=f"panel.merge.{merge.id}")


def check_years(covered: Iterable[tuple[str, Years]], panel: PanelSeries, toml: TomlFile) -> None:
    """Check that each year of the panel is covered by one file of events.

    Parameters
    ----------
    covered : iterable of (str, tuple of int)
        Id of each file of events, and its first and last year.
    panel : PanelSeries
    toml : TomlFile
        The manifest.

    Raises
    ------
    SpecError
        A year that no file, or more than one, covers; a file without years.
    """
    owners: dict[int, str] = {}
    for name, years in covered:
        ordered = len(years) == 2 and years[0] <= years[1]
        toml.refuse(not ordered, "events-without-years", "events-without-years", id=name)
        for year in range(years[0], years[1] + 1):
            other = owners.setdefault(year, name)
            twice = other != name
            toml.refuse(
                twice, "year-covered-twice", "year-covered-twice", year=year, id=name, other=other
            )
    gaps = [year for year in panel.years if year not in owners]
    toml.refuse(gaps, "year-not-covered", "year-not-covered", years=", ".join(map(str, gaps)))


SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?")
Method = Literal[
    "poisson",
    "poisson_cohorts",
    "poisson_given",
    "imputation",
    "callaway_santanna",
    "callaway_santanna_never",
    "sun_abraham",
    "regression",
    "synthetic_did",
    "log_plus",
    "partly_treated",
    "relative_magnitudes",
    "event_study",
]
METHODS: tuple[Method, ...] = get_args(Method)
# ratios of counts to people; all others are of rates
COUNTED: tuple[Method, ...] = ("poisson", "poisson_cohorts", "poisson_given", "event_study")
# methods whose result is a range
RANGES: tuple[Method, ...] = ("partly_treated", "relative_magnitudes")


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelChoice:
    """What a specification of a panel chooses beside its method and its years.

    Attributes
    ----------
    group : {"answer", "estimator", "sensitivity", "warning"}
        Which table it stands in; a warning is no evidence.
    comparison : {"same strata", "listed", "outside"}
        Clusters compared with the treated ones: those among which treated ones may lie, in the
        strata that have a treated one or in all; or, of the same kind, those outside the list.
    population : {"spliced", "joined"}
        The second series of people carried back, or put before the first as it is.
    without : tuple of str
        Codes of clusters that are left out.
    without_departments : tuple of str
        Departments of which all clusters are left out.
    months : tuple of int
        First and last month whose events are counted, in every year; all where empty.
    neighbours : {"", "apart", "estimated"}
        Comparison clusters within ``within_km`` of a treated one have a ratio of their own: the
        result is that of the treated ones all the same, or theirs.
    within_km : float
    plus : float
        What ``log_plus`` adds to a count before it takes the log.
    bound : tuple of float
        Multiples of the largest change before, of ``relative_magnitudes``.
    """

    group: Literal["answer", "estimator", "sensitivity", "warning"] = "sensitivity"
    comparison: Literal["same strata", "listed", "outside"] = "same strata"
    population: Literal["spliced", "joined"] = "spliced"
    without: tuple[str, ...] = ()
    without_departments: tuple[str, ...] = ()
    months: tuple[int, ...] = ()
    neighbours: Literal["", "apart", "estimated"] = ""
    within_km: float = 0.0
    plus: float = 0.0
    bound: tuple[float, ...] = ()

    def months_in_order(self) -> bool:
        """Whether the months are none, or a first and a last one of the same year."""
        named = list(self.months)
        return not named or (len(named) == 2 and 1 <= named[0] <= named[1] <= 12)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownResult:
    """A result that was known before the plan was written, as it was known."""

    id: str
    label: Text
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelPower:
    """Falls, as shares, whose chance of detection is computed; how many clusters a whole list has.

    Attributes
    ----------
    falls : tuple of float
    listed : int
        Treated clusters if all were known: what that would buy.
    """

    falls: tuple[float, ...]
    listed: int


def span(text: str) -> range:
    """Years of a part of a contrast: one year, or the first and the last; empty if it is neither.

    Parameters
    ----------
    text : str
        Such as ``2012-2020``.
    """
    found = SPAN.fullmatch(text)
    return range(int(found[1]), int(found[2] or found[1]) + 1) if found else range(0)


def declared(panel: PanelSeries) -> Iterator[tuple[str, object]]:
    """What of a panel decides a result, by the name of its entry in ``plan.lock``; labels are free.

    Parameters
    ----------
    panel : PanelSeries
    """
    yield "panel.years", [panel.year, panel.first, panel.last]
    for name in ("rows", "population", "treated"):
        yield f"panel.{name}", dataclasses.asdict(getattr(panel, name))
    for kind in ("count", "merge"):
        for entry in getattr(panel, kind):
            values = {k: v for k, v in dataclasses.asdict(entry).items() if k != "label"}
            yield f"panel.{kind}.{entry.id}", values


@dataclass(frozen=True, slots=True, kw_only=True)
class YearTotal:
    """Rows and events of one year as delivered, and the events that lie in no known cluster."""

    study: str
    year: int
    rows: int
    events: int
    unplaced: int


StudyType = Literal["survey", "panel"]
