"""Where two builds differ: fields of result tables, each with its place in the plan, and print.

REQUIRES for the second the list of printed numbers and the pages of both books. A page is one of
those that changed where the numbers that a reader sees in it do, in a table, a sentence or a
picture's note.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluation import file_content
from evaluation.config.dependency_scope import BALANCE, LEVELS, Part, ResultAddress
from evaluation.config.exhibits import ExhibitRegistry
from evaluation.config.plan import Plan
from evaluation.file_content import dict_rows
from evaluation.release.digits import same_number
from evaluation.release.published_tables import NUMBERED
from evaluation.report.record_disclosure import NOT_SHOWN
from evaluation.report.row_disclosure import NUMBERS
from evaluation.storage import disk
from evaluation.storage.packaged import read_beside

Row = Mapping[str, str]
Key = tuple[str, ...]

# columns and tables, as ``result_diff.toml`` explains them
TABLES = read_beside(__file__)
KEYS, WHICH, UNCERTAINTY = TABLES["keys"], TABLES["which"], TABLES["uncertainty"]
WHOLE: Mapping[str, Part] = TABLES["whole"]
WHOLE_ROW = "row"
NOTHING: Mapping[str, bytes] = {}
# `value` of the diagnostics that count people and places
CAN_BE_WITHHELD = frozenset(["value", *(name for names in NUMBERS.values() for name in names)])
SITE, PAGE = "site", ".html"
ARTICLE = re.compile(r"(?s)<article\b.*</article>")
UNSEEN = re.compile(r"(?s)<(script|style|svg)\b.*?</\1>|<[^>]*>")
# not the digits of a checksum or of a name
NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*(?!\w)")
FIELDS = ("exhibit", "row", "field", "before", "now")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One field of one row that differs; a row that only one side has is field ``row``.

    Attributes
    ----------
    step : str
        Inference step, method, name of a diagnostic, or arm and round.
    place : ResultAddress
        Where a changed input must reach to have moved it.
    """

    table: str
    outcome: str
    specification: str
    estimand: str
    sample: str
    step: str
    field: str
    before: str
    now: str
    place: ResultAddress


def moves(
    before: Path,
    now: Path,
    tables: Iterable[str],
    *,
    plan: Plan,
    published: Mapping[str, bytes] = NOTHING,
) -> Iterator[Move]:
    """Fields that differ by more than a billionth, and rows that only one side has.

    Parameters
    ----------
    before, now : Path
        Folders of result tables.
    tables : iterable of str
        File names to compare; those that are not in both folders are passed over.
    plan : Plan
        Says whose levels and covariates a table without specification shows.
    published : mapping of str to bytes
        Tables of now as a release has them, counts rounded and withheld, where ``before`` is one.
    """
    for name in tables:
        if (before / name).is_file() and (now / name).is_file():
            new = published.get(name) or disk.read_bytes(now / name)
            old = dict_rows(disk.read_text(before / name))
            yield from moved(name, old, dict_rows(new.decode("utf-8")), plan=plan)


def moved(table: str, before: Iterable[Row], now: Iterable[Row], *, plan: Plan) -> Iterator[Move]:
    """Moves of one table; see `moves`. Columns that only one side has are passed over.

    Parameters
    ----------
    table : str
        File name.
    before : iterable of Row
        Rows of the release.
    now : iterable of Row
        Rows of the build.
    plan : Plan
    """
    old, new = _keyed(before), _keyed(now)
    for key in dict.fromkeys((*old, *new)):
        left, right = old.get(key), new.get(key)
        if left is None or right is None:
            said = ("absent", "there") if left is None else ("there", "absent")
            yield _move(table, left or right or {}, WHOLE_ROW, said, plan)
            continue
        shared = (f for f in left if f in right and f not in (*KEYS, *TABLES["left_out"]))
        for field in shared:
            withheld = field in CAN_BE_WITHHELD and NOT_SHOWN in (left[field], right[field])
            if not withheld and not same_number(left[field], right[field]):
                yield _move(table, right, field, (left[field], right[field]), plan)


def _keyed(rows: Iterable[Row]) -> dict[Key, Row]:
    """Rows by what tells them apart; where nothing does, by their order."""
    seen: Counter[Key] = Counter()
    found: dict[Key, Row] = {}
    for row in rows:
        key = tuple(row.get(name, "") for name in KEYS)
        seen[key] += 1
        found[*key, str(seen[key])] = row
    return found


def _move(table: str, row: Row, field: str, said: tuple[str, str], plan: Plan) -> Move:
    which = ", ".join(row[name] for name in WHICH if row.get(name))
    return Move(
        table=table,
        outcome=row.get("outcome") or row.get("series") or row.get("variable", ""),
        specification=row.get("specification", ""),
        estimand=row.get("estimand", ""),
        sample=row.get("sample", ""),
        step=which,
        field=field,
        before=said[0],
        now=said[1],
        place=_place(table, row, field, plan),
    )


def _place(table: str, row: Row, field: str, plan: Plan) -> ResultAddress:
    outcome, specification = row.get("outcome", ""), row.get("specification", "")
    if table in ("levels.csv", "robustness_levels.csv"):
        specification = _home(row, plan)
    elif table == "trends.csv":
        outcome = row["series"]
    elif table == "balance.csv" or specification == BALANCE:
        # a variable's values have a row each, as `variable=value`
        label = row.get("variable") or outcome
        outcome, specification = label.partition("=")[0], BALANCE
    elif table == "robustness_covariates.csv":
        outcome = _first_outcome(specification, plan)
    return ResultAddress(
        outcome=outcome,
        specification=specification,
        step=next((row[name] for name in WHICH if row.get(name)), ""),
        part=_part(table, field),
    )


def _home(row: Row, plan: Plan) -> str:
    """The specification that a level was made with: the plan's first of its estimand and sample."""
    found = (
        s.id
        for s in plan.specification
        if (s.estimand, s.sample) == (row["estimand"], row["sample"])
        and row["outcome"] in {o.id for o in plan.outcomes_of(s)}
    )
    return next(found, LEVELS)


def _first_outcome(check: str, plan: Plan) -> str:
    """Covariates are compared once a check, among the rows of its first outcome."""
    found = (plan.outcomes_of_check(c)[0].id for c in plan.check if c.id == check)
    return next(found, "")


def _part(table: str, field: str) -> Part:
    if table in WHOLE:
        return WHOLE[table]
    if field in UNCERTAINTY:
        return "inference"
    if table == "adjustments.csv" or field in ("p_adjusted", "adjustment"):
        return "adjusted"
    if field == WHOLE_ROW:
        return "row"
    return "status" if field == "status" else "effect"


@dataclass(frozen=True, slots=True)
class PrintedChange:
    """A text that a table of the book prints, before and now; empty where it is not printed.

    Attributes
    ----------
    exhibit : str
        Its code, as a reader cites it.
    """

    exhibit: str
    row: str
    field: str
    before: str
    now: str


def printed_changes(
    before: Path, now: Path, registry: ExhibitRegistry
) -> tuple[PrintedChange, ...] | None:
    """Printed texts that differ, in the order of the exhibits; None where one list is missing.

    Parameters
    ----------
    before, now : Path
        Folders of one language of a release and of the build.
    registry : ExhibitRegistry
        The exhibits, for their order and codes.
    """
    lists = [folder / NUMBERED for folder in (before, now)]
    if not all(path.is_file() for path in lists):
        return None
    old, new = (_texts(path) for path in lists)
    order = {exhibit.id: (i, exhibit.code) for i, exhibit in enumerate(registry.exhibit)}
    found = []
    for key in dict.fromkeys((*new, *old)):
        name, row, field = key.split(".")
        if old.get(key, "") != new.get(key, ""):
            place, code = order.get(name, (len(order), name))
            found.append(
                (place, PrintedChange(code, row, field, old.get(key, ""), new.get(key, "")))
            )
    return tuple(printed for _, printed in sorted(found, key=lambda pair: pair[0]))


def _texts(path: Path) -> dict[str, str]:
    numbers: Mapping[str, Mapping[str, str]] = json.loads(path.read_text("utf-8"))["numbers"]
    return {key: number["text"] for key, number in numbers.items()}


def changed_pages(before: Path, now: Path) -> tuple[str, ...]:
    """Pages, by their address without the ending, whose visible numbers differ.

    None where one of both has no pages: nothing is known of them then.

    Parameters
    ----------
    before, now : Path
        Folders of one language of a release and of the build.
    """
    sites = [folder / SITE for folder in (before, now)]
    if not all(site.is_dir() for site in sites):
        return ()
    old, new = (dict(_pages(site)) for site in sites)
    return tuple(name for name in sorted({*old, *new}) if old.get(name) != new.get(name))


def _pages(site: Path) -> Iterator[tuple[str, Counter[str]]]:
    for path in site.rglob(f"*{PAGE}"):
        article = ARTICLE.search(path.read_text("utf-8"))
        seen = html.unescape(UNSEEN.sub(" ", article[0])) if article else ""
        name = path.relative_to(site).as_posix().removesuffix(PAGE)
        yield name, Counter(NUMBER.findall(seen))


def table(printed: Sequence[PrintedChange]) -> bytes:
    """All of them as CSV."""
    cells = [tuple(file_content.guarded(getattr(p, name)) for name in FIELDS) for p in printed]
    return file_content.csv_text((FIELDS, *cells)).encode()
