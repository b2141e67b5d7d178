"""Attempts to find what a release withholds, from what it shows.

Written apart from the rules of the package: it reads published files only, as a reader with time
and a spreadsheet would. Run it on a release, or on a folder with the files of one:

    python -m tests.report.recovery FOLDER [LEAST]

LEAST is the study's least number of interviews that may be published (10). What was tried is
listed, with how often and what was found.
"""

import csv
import io
import json
import math
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from scipy import stats

from tests.report import recovery_clusters

WITHHELD = re.compile(r"nan|suppressed|suprimido|fewer than \d+|menos de \d+")
CLUSTERS = re.compile(r"n_clusters.*|clusters_.*|df")
# counts of people; those of the sample flow and its kin are exact and protect themselves
PEOPLE = re.compile(r"(n|n_(?!clusters).*|people|(fewer_)?interviews.*|rows_without_.*)\Z")
EXACT = re.compile(r"(tbl|fig)-(flow|corrections|findings|response|attrition-map|backcheck)")
# words of people and places beside a small number, and at the head of a finding a single one
SMALL = re.compile(
    r"(?<![\d.,–-])\b([1-9])\s(?:interviews?|entrevistas?|submissions?|env[ií]os?|respondent ids?"
    r"|people|personas|numbers|n[uú]meros)\b|\A(?:in\s)?(an?|una?|one)\s(?:interview|entrevista"
    r"|submission|env[ií]o|cluster|conglomerado|municipality|municipio)\b",
    re.IGNORECASE,
)
LONGEST_ENUMERATION = 16
LEVELS = (0.90, 0.95)


@dataclass(frozen=True, slots=True)
class Found:
    """Something withheld, or a count of few, that what is shown gives away."""

    attempt: str
    where: str
    value: float


@dataclass(slots=True)
class Tried:
    """What was found, and how often each attempt was made."""

    found: list[Found] = field(default_factory=list)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, attempt: str, where: str, value: float | None) -> None:
        """One try, successful where there is a value."""
        self.times[attempt] += 1
        if value is not None:
            self.found.append(Found(attempt, where, value))

    def listed(self) -> str:
        """One line for each attempt."""
        counts = {a: len({(f.where, f.value) for f in self.found if f.attempt == a})
                  for a in self.times}  # fmt: skip
        return "\n".join(f"{a}: tried {n} times, found {counts[a]}" for a, n in self.times.items())


@dataclass(frozen=True, slots=True)
class Release:
    """Published files: tables as rows of texts, and every sentence."""

    tables: Mapping[str, list[dict[str, str]]]
    texts: Mapping[str, list[str]]
    numbers: Mapping[str, Mapping[str, object]]


def read(files: Mapping[str, bytes]) -> Release:
    """The tables and texts of published files, by name."""
    tables, texts, numbers = {}, {}, {}
    for name, data in files.items():
        if name.endswith(".csv"):
            text = data.decode("utf-8-sig")
            spanish = ";" in text.partition("\n")[0]
            rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";" if spanish else ",")
            tables[name] = [
                {k: _point(v) if spanish else v for k, v in row.items() if v is not None}
                for row in rows
            ]
        elif name.endswith("numbers.json"):
            numbers[name] = json.loads(data)["numbers"]
        elif name.endswith(".json"):
            texts[name] = list(_strings(json.loads(data)))
        elif name.endswith((".md", ".html", ".svg")):
            texts[name] = data.decode("utf-8").splitlines()
    return Release(tables=tables, texts=texts, numbers=numbers)


def read_folder(folder: Path) -> Release:
    """The files of a release; pictures, notebooks and the site hold the same again."""
    wanted = (".csv", ".json", ".md", ".svg")
    return read(
        {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in wanted and not {"site", "notebooks", "private"} & set(path.parts)
        }
    )


def _point(cell: str) -> str:
    return re.sub(r"\A(-?\d+),(\d+(?:e[+-]\d+)?)\Z", r"\1.\2", cell)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def number(row: Mapping[str, str], name: str) -> float | None:
    """A cell as a number, where it is one."""
    try:
        value = float(row.get(name) or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def is_withheld(cell: str) -> bool:
    """Whether a cell stands for a number that the rule took out."""
    return WITHHELD.fullmatch(cell.strip()) is not None


# --- inversion ------------------------------------------------------------------------------


def invert_interval(half: float, std_error: float, level: float) -> float | None:
    """Degrees of freedom from half an interval over its standard error."""
    if not std_error > 0 or not half > 0:
        return None
    return _solve(lambda df: float(stats.t.ppf(0.5 + level / 2, df)) - half / std_error)


def invert_p(statistic: float, p: float) -> float | None:
    """Degrees of freedom from a statistic and its two-sided p-value."""
    if not 0 < p < 1 or statistic == 0:
        return None
    return _solve(lambda df: float(2 * stats.t.sf(abs(statistic), df)) - p)


def _solve(gap: Callable[[float], float]) -> float | None:
    """A whole number of degrees of freedom at which a falling gap is zero."""
    low, high = 0.5, 20_000.0
    if gap(low) < 0 or gap(high) > 0:
        return None
    for _ in range(80):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if gap(middle) > 0 else (low, middle)
    df = round(low)
    return float(df) if df >= 1 and abs(low - df) < 1e-5 * df else None


def enumeration(p: float) -> float | None:
    """Clusters from a p-value that counts all ways to draw signs."""
    if not 0 < p < 1:
        return None
    for power in range(1, LONGEST_ENUMERATION + 1):
        if (p * 2**power).is_integer():
            return float(power)
    return None


def degrees_of(row: Mapping[str, str]) -> Iterator[tuple[str, float | None]]:
    """Every way from what a row shows to its degrees of freedom or clusters."""
    b, se = number(row, "estimate"), number(row, "std_error")
    low, high = number(row, "ci_low"), number(row, "ci_high")
    stated = number(row, "statistic")
    mde = number(row, "mde")
    ps = [p for n in ("p_value", "own_p_value", "p_adjusted") if (p := number(row, n)) is not None]
    errors = {"std_error": se, "estimate over statistic": b / stated if b and stated else None,
              "mde over 2.8": mde / 2.8 if mde else None}  # fmt: skip
    for said, error in errors.items():
        for level in LEVELS:
            if error and low is not None and high is not None:
                yield f"interval, {said}", invert_interval((high - low) / 2, abs(error), level)
        for p in ps:
            if error and b is not None:
                yield f"p and estimate, {said}", invert_p(b / error, p)
    for p in ps:
        if stated is not None:
            yield "p and statistic", invert_p(stated, p)
        yield "p of an enumeration", enumeration(p)


def try_inversion(release: Release, tried: Tried) -> None:
    """Numbers of clusters and degrees of freedom that a row withholds, from the row or its like."""
    alike: dict[str, list[tuple[str, Mapping[str, str]]]] = defaultdict(list)
    for name, rows in release.tables.items():
        for row in rows:
            if b := number(row, "estimate"):
                alike[f"{b:.9g}"].append((name, row))
    for name, rows in release.tables.items():
        for i, row in enumerate(rows):
            hidden = [c for c, v in row.items() if CLUSTERS.fullmatch(c) and is_withheld(v)]
            b = number(row, "estimate")
            if hidden and b is not None:
                _try_like(f"{name} row {i + 1}", hidden, alike[f"{b:.9g}"], tried)


def _try_like(
    where: str, hidden: list[str], alike: list[tuple[str, Mapping[str, str]]], tried: Tried
) -> None:
    """What rows with the same estimate, the row itself among them, tell of what it withholds."""
    for other, like in alike:
        for how, df in degrees_of(like):
            tried.add(f"inversion: {how}", f"{where} by {other}", df)
        for column in hidden:
            shown = number(like, column)
            tried.add("the same row elsewhere", f"{where} by {other}", shown)


# --- subtraction ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Size:
    """A published number of people, and what it may be: exact, or one of several by rounding."""

    where: str
    outcome: str
    low: int
    high: int

    @property
    def is_exact(self) -> bool:
        """Whether a reader knows the number."""
        return self.low == self.high


def sizes(release: Release, least: int) -> list[Size]:
    """Every number of people that is shown; they are rounded where all are multiples."""
    shown: list[tuple[str, str, int, bool]] = []
    for name, rows in release.tables.items():
        exact = EXACT.search(name) is not None
        for i, row in enumerate(rows):
            outcome = row.get("outcome", "") if "row" not in row else row["row"].split("-")[0]
            for column in row:
                n = number(row, column) if PEOPLE.fullmatch(column) else None
                # a variable of the frame is compared over places: nobody is counted
                if column == "n" and n is not None and n == number(row, "n_clusters"):
                    continue
                if n is not None and n.is_integer():
                    shown.append((f"{name} row {i + 1} {column}", outcome, int(abs(n)), exact))
    told = [n for _, _, n, exact in shown if not exact]
    rounded = bool(told) and all(n % least == 0 for n in told)
    half = least // 2
    return [
        Size(where, outcome, n - half, n + least - half - 1)
        if rounded and not exact and n
        else Size(where, outcome, n, n)
        for where, outcome, n, exact in shown
    ]


def try_subtraction(release: Release, tried: Tried, least: int) -> None:
    """Differences of two numbers of people that count fewer than may be said."""
    by_outcome: dict[str, dict[tuple[int, int], str]] = defaultdict(dict)
    whole: dict[tuple[int, int], str] = {}
    for size in sizes(release, least):
        told = EXACT.search(size.where)
        if told and told[2] != "flow":
            continue
        (whole if told else by_outcome[size.outcome]).setdefault((size.low, size.high), size.where)
    for outcome, found in by_outcome.items():
        pairs = [*combinations(found.items(), 2)]
        pairs += [(a, b) for a in found.items() for b in whole.items()]
        for (one, here), (other, there) in pairs:
            few = _difference(one, other, least)
            tried.add("subtraction of two numbers of people", f"{outcome}: {here}; {there}", few)
    everybody = {key: where for found in by_outcome.values() for key, where in found.items()}
    for (one, here), (other, there) in combinations(everybody.items(), 2):
        few = _difference(one, other, least)
        tried.add("subtraction across outcomes", f"{here}; {there}", few)


def _difference(one: tuple[int, int], other: tuple[int, int], least: int) -> float | None:
    """A difference of few that is known, whatever the numbers were before they were rounded."""
    (low, high), (small, large) = max(one, other), min(one, other)
    least_gap, most_gap = max(0, low - large), high - small
    return float(least_gap) if least_gap == most_gap and 0 < least_gap < least else None


def try_sums(release: Release, tried: Tried, least: int) -> None:
    """Numbers of parts narrowed down by their sum, and the people without an answer that follow.

    Each outcome's interviews by group and round sum to the primary estimate's, and are at most the
    valid ones of the sample flow.
    """
    for name, rows in release.tables.items():
        folder, _, file = name.rpartition("/")
        valid = _valid(release.tables.get(f"{folder}/tbl-flow.csv", []))
        if not file.startswith("tbl-did-") or not valid:
            continue
        for row in rows:
            shown = {c: number(row, f"n_{c}") for c in valid}
            parts = {c: n for c, n in shown.items() if n is not None}
            total = number(row, "n")
            if total is not None and len(parts) == len(valid):
                for cell, value in narrowed(parts, total, valid, least):
                    where = f"{name} {row['row']} {cell}"
                    tried.add("sums of parts against the sample flow", where, value)


def narrowed(
    parts: Mapping[str, float], total: float, valid: Mapping[str, int], least: int
) -> Iterator[tuple[str, float | None]]:
    """People without an answer, by part, where they are some and known to less than half of least.

    Parameters
    ----------
    parts : mapping of str to float
        Published numbers.
    total : float
        Of all parts.
    valid : mapping of str to int
        Exact numbers that no part is above.
    least : int
        What numbers are rounded to, where all of them are multiples.
    """
    rounded = all(n % least == 0 for n in (*parts.values(), total))
    down, up = (least // 2, least - least // 2 - 1) if rounded else (0, 0)
    low = {c: n - down for c, n in parts.items()}
    high = {c: min(n + up, valid[c]) for c, n in parts.items()}
    for c in parts:
        others = [k for k in parts if k != c]
        least_here = max(low[c], total - down - sum(high[k] for k in others))
        most_here = min(high[c], total + up - sum(low[k] for k in others))
        fewest, most = valid[c] - most_here, valid[c] - least_here
        known = fewest > 0 and most < least and most - fewest < least // 2
        yield c, float(fewest) if known else None


def _valid(flow: list[dict[str, str]]) -> dict[str, int]:
    """Valid interviews of the sample flow, by group and round as columns call them."""
    found = {}
    for row in flow:
        round_, _, step = row["row"].partition("-")
        if step == "valid":
            for column in row:
                n = number(row, column) if column.startswith("n_") else None
                if n is not None:
                    found[f"{column[2:]}_{round_}"] = int(n)
    return found


def try_left_out(release: Release, tried: Tried, least: int) -> None:
    """An estimate without few people or places beside the one with all of them."""
    for name, rows in release.tables.items():
        whole: dict[str, Mapping[str, str]] = {}
        for main in release.tables.get("estimates.csv", []):
            if main.get("specification") == "did_main":
                whole.setdefault(main["outcome"], main)
        if name != "robustness_estimates.csv":
            continue
        for row in rows:
            top = whole.get(row["outcome"])
            part = re.match(r"without|before|ring|effect", row["sample"])
            if top is None or part is None or number(row, "estimate") is None:
                continue
            for column, few in (("n_clusters_treated", 3), ("n_clusters_comparison", 3),
                                ("n", least)):  # fmt: skip
                a, b = number(top, column), number(row, column)
                gap = a - b if a is not None and b is not None else 0
                tried.add("estimates without few", f"{name} {row['outcome']} {row['sample']}",
                          gap if 0 < gap < few else None)  # fmt: skip


def try_diagnostics(release: Release, tried: Tried, least: int) -> None:
    """Counts of few people among the named quantities of a release."""
    for name in ("diagnostics.csv", "robustness_diagnostics.csv"):
        for row in release.tables.get(name, []):
            people = row["unit"] in ("interviews", "rows", "respondents") or row["name"] in (
                "rows_incomplete", "people")  # fmt: skip
            value = number(row, "value")
            if people and not row["name"].startswith("respondents_median"):
                few = value if value is not None and 0 < value < least else None
                tried.add("named counts of records", f"{name} {row['outcome']} {row['name']}", few)


def try_clusters(release: Release, tried: Tried, least: int) -> None:
    """People of one cluster without an answer, and numbers of clusters by two standard errors."""
    flows = [rows for name, rows in release.tables.items() if name.endswith("/tbl-flow.csv")]
    valid = _valid(flows[0]) if flows else {}
    quantities = release.tables.get("diagnostics.csv", [])
    for where, few in recovery_clusters.of_one_cluster(quantities, valid, number, least=least):
        tried.add("size of a cluster less the fewest", where, few)
    for name in ("estimates.csv", "robustness_estimates.csv"):
        rows = release.tables.get(name, [])
        for where, clusters in recovery_clusters.by_two_errors(rows, number, is_withheld):
            tried.add("two standard errors of a row", where, clusters)


def try_public_file(release: Release, tried: Tried, least: int) -> None:
    """People without an answer to a sensitive item, from both files of the public data."""
    for name, rows in release.tables.items():
        folder, _, file = name.rpartition("/")
        persons = release.tables.get(f"{folder}/panel.csv".removeprefix("/"), [])
        if file == "sensitive.csv" and persons:
            for where, few in recovery_clusters.of_public_file(persons, rows, least=least):
                tried.add("arm's size less a sensitive item's respondents", where, few)


# --- rounding -------------------------------------------------------------------------------


def try_fractions(release: Release, tried: Tried, least: int) -> None:
    """A mean of whole numbers is a fraction: what was printed of it leaves few denominators."""
    for name, rows in release.tables.items():
        for i, row in enumerate(rows):
            for column in row:
                pair = re.fullmatch(r"(?:mean|share|baseline_comparison_mean)(_\w+)?", column)
                shown = number(row, column)
                if pair is None or shown is None:
                    continue
                n = number(row, f"n{pair[1] or ''}") or number(row, "n")
                whole = 100 if row.get("unit") in ("pp", "percentage points") else 1
                if row.get("unit") in ("SD", "DE"):
                    continue
                value = denominator(row[column], n, least, whole)
                tried.add("fractions", f"{name} row {i + 1} {column}", value)


def denominator(text: str, n: float | None, least: int, whole: int) -> float | None:
    """The only number of people near a rounded one that a printed mean can be a fraction of.

    Parameters
    ----------
    text : str
        The mean as it is printed: it is known to half its last digit.
    n : float or None
        Published number of people.
    least : int
        What it was rounded to.
    whole : int
        100 for percentages.
    """
    if n is None or n % least or n == 0:
        return None
    share = abs(float(text)) / whole
    digits = len(text.partition(".")[2]) if "e" not in text else 17
    # as many digits as a double has, at most
    half = max(0.5 * 10.0**-digits / whole, 4e-16 * max(share, 1e-3))
    near = range(int(n) - least // 2, int(n) + least - least // 2)
    fits = [m for m in near if m > 0 and abs(share * m - round(share * m)) <= half * m]
    return float(fits[0]) if len(fits) == 1 and round(share * fits[0]) else None


def try_planned(release: Release, tried: Tried, least: int) -> None:
    """Interviews to a cluster times clusters: the number of interviews again."""
    for name, rows in release.tables.items():
        for i, row in enumerate(rows):
            mean = number(row, "respondents")
            if mean is not None and not mean.is_integer() and mean < 1000:
                places = [number(row, c) for c in row if c.startswith("clusters_")]
                total = mean * 2 * sum(p for p in places if p is not None)
                # the whole number behind a mean to the last bit
                whole = abs(total - round(total)) < 1e-6 and total % least
                own = row.get("effect_from", "own design") == "own design"
                value = float(round(total)) if whole and own else None
                tried.add("interviews to a cluster", f"{name} row {i + 1}", value)


# --- sentences and other forms --------------------------------------------------------------


def try_sentences(release: Release, tried: Tried, least: int) -> None:
    """Small numbers beside words of people, in findings, notes, alternative texts and pictures."""
    sources = {
        name: [v for row in rows for v in row.values()] for name, rows in release.tables.items()
    }
    for name, texts in (*sources.items(), *release.texts.items()):
        for text in texts:
            tried.times["small numbers in sentences"] += 1
            for match in SMALL.finditer(text):
                if match[1] or "findings" in name:
                    value = float(match[1] or 1)
                    tried.add("small numbers in sentences", f"{name}: {text[:80]}", value)


def try_forms(release: Release, tried: Tried) -> None:
    """A cell that one form or language withholds and another shows."""
    for name, rows in release.tables.items():
        language, _, file = name.partition("/")
        exhibit = file.rpartition("/")[2].removesuffix(".csv")
        other = {"en": "es", "es": "en"}.get(language, "")
        twin = release.tables.get(f"{other}/{file}", [])
        registry = release.numbers.get(f"{language}/numbers.json", {})
        for i, row in enumerate(rows):
            for column, cell in row.items():
                if not is_withheld(cell):
                    continue
                shown = number(twin[i], column) if i < len(twin) else None
                tried.add("the other language", f"{name} {column} row {i + 1}", shown)
                entry = registry.get(f"{exhibit}.{row.get('row')}.{column}", {})
                value = entry.get("value")
                kept = float(value) if isinstance(value, int | float) else None
                tried.add("the registry of numbers", f"{name} {column} row {i + 1}", kept)


def attempt(release: Release, *, least: int = 10) -> Tried:
    """Try everything.

    Parameters
    ----------
    release : Release
        Published files.
    least : int
        Least number of interviews that the study publishes.
    """
    tried = Tried()
    try_inversion(release, tried)
    try_forms(release, tried)
    ways = (
        *(try_subtraction, try_sums, try_left_out, try_diagnostics, try_clusters),
        *(try_public_file, try_fractions, try_planned, try_sentences),
    )
    for way in ways:
        way(release, tried, least)
    return tried


if __name__ == "__main__":
    result = attempt(read_folder(Path(sys.argv[1])), least=int((*sys.argv, 10)[2]))
    sys.stdout.write(f"{result.listed()}\n")
    for one in dict.fromkeys(result.found):
        sys.stdout.write(f"  {one.attempt}: {one.where}: {one.value:g}\n")
