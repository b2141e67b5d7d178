"""Command ``compare``: which numbers moved since a release, and which change can have moved each.

Inputs are compared entry by entry: the plan, the ledger of corrections, the delivered files.
What a changed input reaches follows from the plan (`spec.reach`). A number that moved beyond every
changed input's reach was moved by the code: it is listed as such.
"""

import argparse
import csv
import io as memory
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evaluation import io
from evaluation.cli.findings import LEDGER
from evaluation.cli.publish import SUMS
from evaluation.cli.release_inputs import (
    FileChange,
    LedgerChange,
    file_changes,
    ledger_changes,
    private_copy,
)
from evaluation.cli.stage import Paths
from evaluation.errors import StorageError
from evaluation.spec.configuration import Configuration, read_configuration
from evaluation.spec.reach import ALL, Reach, of_column, of_entry
from evaluation.spec.records import Estimate

RESULTS = ("estimates.csv", "robustness_estimates.csv")
SHOWN_FIELDS = ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "n")
RELATIVE = 1e-9
NAMED = 5
HEAD = ("outcome", "specification", "sample", "step", "field", "before", "now", "causes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A changed input in words, and what it can move."""

    text: str
    reach: Reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One field of one estimate that differs; an estimate that only one has is field ``row``."""

    outcome: str
    specification: str
    sample: str
    step: str
    field: str
    before: str
    now: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the release to compare with."""
    parser.add_argument("--base", required=True, metavar="FOLDER", help="folder of a release")


def run(options: argparse.Namespace) -> None:
    """Print what changed and what moved, and write ``comparison.csv`` with every moved field.

    Raises
    ------
    StorageError
        The folder is no release of this study, or nothing is built.
    """
    paths, base = Paths.of(options), Path(options.base)
    if not options.base or not (base / SUMS).is_file():
        raise StorageError(
            f"no {SUMS} there",
            where=base.as_posix(),
            mend="write make compare BASE=folder, a folder that make publish wrote",
        )
    before, now = (io.read_json(folder / "results.json") for folder in (base, paths.build))
    if before["study"] != now["study"]:
        raise StorageError(
            f"the release is of study {before['study']!r}",
            where=base.as_posix(),
            mend=f"name a release of {now['study']!r}",
        )
    configuration = read_configuration(paths.config)
    causes = (
        *plan_causes(before["entries"], now["entries"], configuration),
        *_private_causes(paths, base, before, now, configuration),
    )
    moves = tuple(moved(_estimates(base), _estimates(paths.build)))
    _tell(causes, moves, before, now)
    io.write_bytes(paths.build / "comparison.csv", _table(causes, moves))


def plan_causes(
    before: dict[str, str], now: dict[str, str], configuration: Configuration
) -> tuple[Cause, ...]:
    """Plan entries whose fingerprints differ."""
    changed = sorted(e for e in {*before, *now} if before.get(e) != now.get(e))
    plan = configuration.promise.plan
    return tuple(
        Cause(
            text=f"plan entry {entry} {_how(entry, before, now)}",
            reach=of_entry(entry, plan) if entry in now else ALL,
        )
        for entry in changed
    )


def _how(entry: str, before: dict[str, str], now: dict[str, str]) -> str:
    if entry not in before:
        return "is new"
    return "changed" if entry in now else "is gone"


def _private_causes(
    paths: Paths,
    base: Path,
    before: dict[str, Any],
    now: dict[str, Any],
    configuration: Configuration,
) -> tuple[Cause, ...]:
    """Changed corrections and rows, from the release's private copy where it is still there."""
    folder = private_copy(paths, io.read_bytes(base / SUMS))
    if not folder.is_dir():
        then = {f["id"]: f["sha256"] for f in before["files"]}
        here = {f["id"]: f["sha256"] for f in now["files"]}
        names = sorted(n for n in {*then, *here} if then.get(n) != here.get(n))
        causes = [Cause(text=f"delivered file {n} is another", reach=ALL) for n in names]
        if before["corrections"] != now["corrections"]:
            causes.append(Cause(text="the ledger of corrections is another", reach=ALL))
        return tuple(causes)
    dictionary, study = configuration.dictionary, configuration.study
    sources = {f["id"]: f["round"] or f["role"] for f in now["files"]}
    changes = file_changes(
        folder,
        paths.private / "raw",
        sources,
        respondents=dict(dictionary.variables[study.columns.respondent].raw),
    )
    lines = ledger_changes(folder / LEDGER, paths.config / LEDGER)
    return (
        *(cause for change in changes for cause in _of_file(change, configuration)),
        *(_of_line(line, configuration) for line in lines),
    )


def _of_file(change: FileChange, configuration: Configuration) -> Iterable[Cause]:
    for what, keys in (("new", change.added), ("gone", change.removed)):
        if keys:
            more = f" and {len(keys) - NAMED} more" if len(keys) > NAMED else ""
            text = f"{len(keys)} rows {what} in {change.id}: {', '.join(keys[:NAMED])}{more}"
            yield Cause(text=text, reach=ALL)
    for column, count in sorted(change.cells.items()):
        text = f"{count} cells changed in {change.id}, column {column}"
        yield Cause(text=text, reach=_column(column, change.source, configuration))


def _of_line(line: LedgerChange, configuration: Configuration) -> Cause:
    reach = _column(line.column, line.source, configuration) if line.action == "set" else ALL
    return Cause(text=f"correction {line.text}", reach=reach)


def _column(column: str, source: str, configuration: Configuration) -> Reach:
    return of_column(
        column,
        source,
        plan=configuration.promise.plan,
        study=configuration.study,
        dictionary=configuration.dictionary,
    )


def _estimates(folder: Path) -> dict[tuple[str, ...], Estimate]:
    return {
        (e.outcome, e.specification, e.estimand, e.sample, e.step): e
        for name in RESULTS
        for e in io.read_records(folder / name, Estimate)
    }


def moved(
    before: dict[tuple[str, ...], Estimate], now: dict[tuple[str, ...], Estimate]
) -> Iterable[Move]:
    """Fields that differ by more than a billionth, and estimates that only one side has."""
    for key in dict.fromkeys((*before, *now)):
        old, new = before.get(key), now.get(key)
        place = {"outcome": key[0], "specification": key[1], "sample": key[3], "step": key[4]}
        if old is None or new is None:
            said = ("absent", "there") if old is None else ("there", "absent")
            yield Move(**place, field="row", before=said[0], now=said[1])
            continue
        for field in SHOWN_FIELDS:
            left, right = getattr(old, field), getattr(new, field)
            if left != right and not abs(left - right) <= RELATIVE * max(abs(left), abs(right)):
                yield Move(**place, field=field, before=repr(left), now=repr(right))


def _causes_of(move: Move, causes: tuple[Cause, ...]) -> list[str]:
    return [c.text for c in causes if c.reach.holds(move.outcome, move.specification)]


def _tell(
    causes: tuple[Cause, ...],
    moves: tuple[Move, ...],
    before: dict[str, Any],
    now: dict[str, Any],
) -> None:
    write = sys.stdout.write
    write(f"release: version {before['version']}; here: version {now['version']}\n")
    write(f"{len(causes)} changed inputs, {len(moves)} moved fields\n")
    for cause in causes:
        reached = [m for m in moves if cause.reach.holds(m.outcome, m.specification)]
        outcomes = sorted({m.outcome for m in reached})
        more = f" and {len(outcomes) - NAMED} more" if len(outcomes) > NAMED else ""
        where = f" of {', '.join(outcomes[:NAMED])}{more}" if outcomes else ""
        write(f"- {cause.text}: can have moved {len(reached)} fields{where}\n")
    alone = [m for m in moves if not _causes_of(m, causes)]
    if alone:
        names = sorted({f"{m.outcome} ({m.specification})" for m in alone})
        write(
            f"- no changed input reaches {len(alone)} moved fields: the code moved them, of"
            f" {', '.join(names[:NAMED])}{' ...' if len(names) > NAMED else ''}\n"
        )
    for m in [m for m in moves if m.field in ("estimate", "row")][:20]:
        write(f"  {m.outcome}, {m.specification}, {m.sample}, {m.step}: {m.before} -> {m.now}\n")


def _table(causes: tuple[Cause, ...], moves: tuple[Move, ...]) -> bytes:
    text = memory.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    for m in moves:
        said = "; ".join(_causes_of(m, causes)) or "none: the code"
        place = (m.outcome, m.specification, m.sample, m.step, m.field, m.before, m.now)
        writer.writerow([*place, said])
    return text.getvalue().encode()
