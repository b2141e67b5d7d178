"""The list of external numbers, our values beside them, and the page that shows both.

``python -m tests.truth.validation --write`` writes book/software/validation.md; without ``--write``
it says whether the page is current.
"""

import argparse
import csv
import json
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import shared_data
from tests.tables import text
from tests.truth.calculations import (
    anticipation,
    castle,
    doubly,
    exact,
    factor,
    fixtures,
    many,
    medellin,
    panels,
    periods,
    survey,
)

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "book" / "software" / "validation.md"
LIST = HERE / "validation.toml"
TEST = "tests/truth/test_published.py"

HALF_DIGIT, BESIDE = "half-digit", "beside"
# Differences below this share are rounding, whose digits change from machine to machine.
ROUNDING = 1e-10
DIGITS = 8
# longer tables are said in a sentence: nobody reads a hundred rows that agree
LONGEST_TABLE = 60

CALCULATIONS: Mapping[str, Callable[[], Mapping[str, float]]] = {
    "kielmc": panels.kielmc,
    "injury": panels.injury,
    "organ_donations": panels.organ_donations,
    "castle_textbook": castle.textbook,
    "castle": castle.clubsandwich,
    "castle_estimatr": castle.estimatr,
    "medellin_rounds": medellin.rounds,
    "medellin_site": medellin.site_in_r,
    "medellin_factor": factor.in_r,
    "petersen_r": panels.petersen,
    "petersen": panels.petersen_errors,
    "apiclus1": survey.apiclus1,
    "apiclus1_raked": survey.apiclus1_raked,
    "nhanes": survey.nhanes,
    "doubly_robust": doubly.doubly_robust,
    "csdid_anticipation": anticipation.cells,
    "tellez_python": panels.tellez_estimates,
    "tellez": panels.tellez,
    "metaketa": medellin.published,
    "metaketa_pool": medellin.pools,
    "boottest": exact.boottest,
    "boottest_set": exact.boottest_other_rule,
    "boottest_webb": exact.webb,
    "tea": exact.tea,
    "sharpened_q": many.sharpened,
    "myocardial": many.myocardial,
    "bounded_bias": many.bounded_bias,
    "counties_linear": periods.counties_linear,
    "counties_covariate": periods.counties_covariate,
    "counties_poisson": periods.counties_poisson,
    "medicaid_effects": periods.medicaid_effects,
    "medicaid_magnitudes": periods.medicaid_magnitudes,
    "medicaid_smoothness": periods.medicaid_smoothness,
    "counties_adjusted": periods.counties_adjusted,
    "tobacco": periods.tobacco,
    "castle_decomposition": periods.castle_decomposition,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One number of somebody else: as printed, or at full precision from a file.

    ``tolerance`` is absolute; None where the number stands beside ours and is not hit.
    """

    example: str
    key: str
    label: str
    value: float
    printed: str
    tolerance: float | None
    why: str

    @property
    def id(self) -> str:
        return f"{self.example}-{self.key}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Numbers of one source."""

    id: str
    part: str
    title: str
    source: str
    checks: str
    rule: str | float
    why: str
    values: tuple[Published, ...]

    @property
    def ours(self) -> Mapping[str, float]:
        """Our values by key."""
        return CALCULATIONS[self.id]()


@cache
def parts() -> Mapping[str, str]:
    """Titles of the page's parts by id, in order."""
    return {part["id"]: part["title"] for part in _list()["part"]}


@cache
def examples() -> tuple[Example, ...]:
    """The whole list; reads delivered files where their numbers stand there."""
    return tuple(
        Example(
            id=entry["id"],
            part=entry["part"],
            title=entry["title"],
            source=entry["source"] + _versions(entry),
            checks=entry["checks"],
            rule=entry["tolerance"],
            why=entry["why"],
            values=tuple(_values(entry)),
        )
        for entry in _list()["example"]
    )


def published(example: str) -> dict[str, float]:
    """Numbers of one example by key."""
    return {v.key: v.value for e in examples() if e.id == example for v in e.values}


@cache
def _list():
    return tomllib.loads(LIST.read_text(encoding="utf-8"))


def frozen(name: str):
    """A file of tests/fixtures/r: versions, sums of the inputs, values."""
    return json.loads((fixtures.FOLDER / name).read_text(encoding="utf-8"))


def _versions(entry) -> str:
    if "file" not in entry:
        return ""
    versions = frozen(entry["file"])["versions"].items()
    return f" ({', '.join(f'{name} `{version}`' for name, version in versions)})"


def _values(entry):
    for row in _rows(entry):
        rule = row.get("tolerance", entry["tolerance"])
        value = float(row["printed"].replace(",", ""))
        tolerance = rule
        if rule == HALF_DIGIT:
            # a count is exact; rounding of the half is not held against a value that ends in five
            tolerance = 0.5 * unit(row["printed"]) * (1 + 1e-9) if decimals(row["printed"]) else 0.0
        yield Published(
            example=entry["id"],
            key=row["key"],
            label=row.get("label", f"`{row['key']}`"),
            value=value,
            printed=row["printed"],
            tolerance=None if rule == BESIDE else tolerance,
            why=row.get("why", entry["why"]),
        )


def _rows(entry):
    if "file" in entry:
        values = frozen(entry["file"])["values"]
        return [{"key": key, "printed": repr(value)} for key, value in values.items()]
    if "csv" not in entry:
        return entry["values"]
    with shared_data(entry["csv"]).open(encoding="utf-8", newline="") as lines:
        return [
            {"key": f"{line[entry['row']]}.{column}", "printed": line[column]}
            for line in csv.DictReader(lines)
            if line[entry["row"]] not in entry.get("without", [])
            for column in entry["columns"]
        ]


def decimals(printed: str) -> int:
    """Digits behind the point."""
    return len(printed.partition(".")[2])


def unit(printed: str) -> float:
    """One unit of the last printed digit."""
    return float(10.0 ** -decimals(printed))


# ---- The page ------------------------------------------------------------------------------------

INTRODUCTION = text(__file__, "validation_introduction.md")


def page() -> str:
    """Text of the page."""
    pieces = [INTRODUCTION]
    for part, title in parts().items():
        pieces.append(f"## {title}\n")
        pieces += [_section(example) for example in examples() if example.part == part]
    return "\n".join(pieces)


def _section(example: Example) -> str:
    ours = example.ours
    own = "".join(
        f"- {v.label} in the row of `{v.key}`: within {_number(v.tolerance, 1)}, because {v.why}.\n"
        for v in example.values
        if v.why != example.why and v.tolerance is not None
    )
    return (
        f"### {example.title}\n\n"
        f"Source: {example.source}.\n\n"
        f"Checks: {example.checks}.\n\n"
        f"Tolerance: {_rule(example)}, because {example.why}. Test: `{TEST}`, `{example.id}`.\n\n"
        f"{_compared(example, ours)}{chr(10) + own if own else ''}"
    )


def _compared(example: Example, ours: Mapping[str, float]) -> str:
    pairs = [(value, float(ours[value.key])) for value in example.values]
    if len(pairs) > LONGEST_TABLE:
        furthest, own = max(pairs, key=lambda pair: abs(pair[1] - pair[0].value))
        return (
            f"All `{len(pairs)}` numbers, which are in the file of the test, were compared."
            f" The largest difference: {_difference(furthest.value, own)}.\n"
        )
    rows = "".join(_line(value, own) for value, own in pairs)
    return f"| Quantity | Theirs | Ours | Difference |\n| --- | ---: | ---: | ---: |\n{rows}"


def _rule(example: Example) -> str:
    if example.rule == HALF_DIGIT:
        return "half a unit of the last printed digit, nothing for a count"
    if example.rule == BESIDE:
        return "none"
    return _number(float(example.rule), 3)


def _line(value: Published, ours: float) -> str:
    full = len(value.printed.lstrip("-0.").replace(".", "")) > DIGITS + 2
    theirs = _number(value.value, DIGITS) if full else f"`{value.printed}`"
    shown = _number(ours, DIGITS) if full else f"`{ours:,.{_places(value, ours)}f}`"
    return f"| {value.label} | {theirs} | {shown} | {_difference(value.value, ours)} |\n"


def _places(value: Published, ours: float) -> int:
    """Two digits more than printed; whole numbers stay whole."""
    places = decimals(value.printed)
    return places + 2 if places or ours != round(ours) else 0


def _number(value: float, digits: int) -> str:
    return f"`{value:.{digits}g}`"


def _difference(theirs: float, ours: float) -> str:
    gap = ours - theirs
    if gap == 0.0 or abs(gap) <= ROUNDING * max(1.0, abs(theirs)):
        return "`0`" if float(theirs).is_integer() else "rounding"
    return f"`{gap:.1g}`"


def main() -> int:
    """Write the page, or say whether it is current."""
    parser = argparse.ArgumentParser(description="page book/software/validation.md")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = page()
    if options.write:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
        return 0
    current = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
    sys.stdout.write("current\n" if current else f"not current: {PAGE.name}\n")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
