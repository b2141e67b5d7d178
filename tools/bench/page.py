"""The table of the bench and book/software/performance.md, made from the stored results alone."""

from collections.abc import Mapping, Sequence

INTRODUCTION = """# Performance

*For those who rerun: how long the estimates take here and in other packages.*

Every measurement is a process of its own on the same invented survey: two rounds,
`{clusters}` municipalities of unequal size, rows shuffled, names as text; effects by cohort and
period, ATT(g,t), on an invented panel of ten periods without covariates. The first call, in which
packages compile or load, is reported separately; the others are summarised by their median. Numbers
were compared before anything was printed: estimates, standard errors without their small-sample
factor and degrees of freedom to `{digits}` digits (`{iterated}` where effects are taken out by
iteration), p-values within `{errors}` errors of the simulation. The largest difference was
`{worst}` of what is allowed.

This package is measured from a pandas DataFrame to finished records; where it says "after the fit",
from the fit, in every package. Hand-written code is the same arithmetic in numpy or numba,
without formulas, checks or result objects: what is possible, not a package. This package and the
hand-written code compute with one thread of linear algebra, as every run here does, and may read
rows with two; other packages take the threads that they choose. Read ratios rather than times: they
move by a third from run to run, and more where a task takes less than a millisecond.

The last tasks begin with files as offices deliver them: two rounds in CSV with `200` variables and
a configuration. This package runs its stages `read` and `clean`, each in a process of its own as
`make` does, with every check, and writes Parquet, CSV, Stata files in two languages and their
descriptions. It is compared with the work that a script does with pandas and a contract of the
dictionary's patterns, codes and ranges, which writes Parquet alone and checks nothing about ids,
clusters, interviewers or rounds. Memory is that of the largest process.

Measured on {date}: {machine}.{busy}

"""
HEAD = (
    "| Task | Rows | Draws | Ours | Fastest peer | Peer takes | Target | Hand-written |"
    " We take | Target | Met |\n"
    "| --- | ---: | ---: | ---: | --- | ---: | ---: | --- | ---: | ---: | --- |\n"
)
BUSY = (
    " Other programs were running (load `{load:.1f}` at the start), so times are longer and ratios"
    " less certain than on a quiet machine."
)
# Load at the start from which the page says so.
QUIET = 0.5


def page(results: Mapping) -> str:
    """Text of the page."""
    machine, rows = results["machine"], results["rows"]
    told = INTRODUCTION.format(
        clusters=results["clusters"],
        digits=results["digits"][0],
        iterated=results["digits"][1],
        errors=f"{results['errors']:g}",
        worst=f"{results['largest_difference']:.2g}",
        date=f"`{results['date']}`",
        busy=BUSY.format(load=results["load"]) if results["load"] > QUIET else "",
        machine=(
            f"`{machine['processor']}`, `{machine['cores']}` cores, `{machine['memory_gb']}` GB,"
            f" `{machine['system']}`"
        ),
    )
    return "".join(
        [
            told,
            "## Against others\n\n",
            HEAD,
            *(_line(row) for row in rows),
            "\n",
            _later(rows),
            _missed(rows),
            _absent(results),
            "## Every measurement\n\n",
            "| Engine | Measurement | First call | Median | Calls |\n",
            "| --- | --- | ---: | ---: | ---: |\n",
            *(_measured(entry) for entry in results["measurements"]),
            "\n## Versions\n\n",
            *(f"- `{name} {version}`\n" for name, version in sorted(results["versions"].items())),
        ]
    )


def table(results: Mapping) -> str:
    """The main table as plain text, for the terminal."""
    lines = [
        f"{_named(row)}: {_plain(row['ours'], row['unit'])}; "
        + "; ".join([*_peer_words(row), *_yardstick_words(row)])
        + f"; {_verdict(row)}\n"
        for row in results["rows"]
    ]
    return "".join(lines).replace("`", "")


def met(row: Mapping) -> bool | None:
    """Whether a row reaches each of its targets; None where it has none that was measured."""
    told = [
        value >= target if direction == "at least" else value <= target
        for value, target, direction in (
            (row["peer_ratio"], row["faster"], "at least"),
            (row["yardstick_ratio"], row["slower"], "at most"),
            (row["ours"], row["most"], "at most"),
        )
        if value is not None and target is not None
    ]
    return all(told) if told else None


def _line(row: Mapping) -> str:
    return (
        f"| {row['task']} | {_count(row['rows'])} | {_count(row['draws'])}"
        f" | `{_plain(row['ours'], row['unit'])}`"
        f" | {row['peer'] or 'none'} | {_times(row['peer_ratio'])}"
        f" | {_target(row['faster'], 'at least')}"
        f" | {_by_hand(row['yardstick'] or 'none')} | {_times(row['yardstick_ratio'])}"
        f" | {_own_target(row)} | {_verdict(row)} |\n"
    )


def _named(row: Mapping) -> str:
    size = [f"`{row['rows']:,}` rows"] if row["rows"] else []
    return ", ".join([row["task"], *size, *([f"`{row['draws']:,}` draws"] if row["draws"] else [])])


def _peer_words(row: Mapping) -> list[str]:
    if row["peer_ratio"] is None:
        return ["no peer"]
    words = f"{row['peer']} {_times(row['peer_ratio'])}"
    return [words + (f" (at least {row['faster']:g})" if row["faster"] else "")]


def _yardstick_words(row: Mapping) -> list[str]:
    if row["yardstick_ratio"] is None:
        return [f"at most {_plain(row['most'], row['unit'])}"] if row["most"] else []
    words = f"{_times(row['yardstick_ratio'])} of {_by_hand(row['yardstick'])}"
    return [words + (f" (at most {row['slower']:g})" if row["slower"] else "")]


def _own_target(row: Mapping) -> str:
    parts = [_target(row["slower"], "at most")] if row["slower"] else []
    if row["most"]:
        parts.append(f"at most `{_plain(row['most'], row['unit'])}`")
    return ", ".join(parts)


def _later(rows: Sequence[Mapping]) -> str:
    """Rows that were measured on another day than the rest."""
    lines = [
        f"- {_named(row)}: on `{row['date']}`, load `{row['load']:.1f}` at the start.\n"
        for row in rows
        if "date" in row
    ]
    return f"Measured on another day:\n\n{''.join(lines)}\n" if lines else ""


def _missed(rows: Sequence[Mapping]) -> str:
    missed = [row for row in rows if met(row) is False]
    if not missed:
        return "Every target that was measured is met.\n\n"
    lines = "".join(f"- {_named(row)}: {'; '.join(_reasons(row))}.\n" for row in missed)
    return f"Targets that are missed:\n\n{lines}\n"


def _reasons(row: Mapping) -> list[str]:
    said = []
    if row["peer_ratio"] is not None and row["faster"] and row["peer_ratio"] < row["faster"]:
        said.append(
            f"{row['peer']} takes {_times(row['peer_ratio'])} our time,"
            f" {_target(row['faster'], 'at least')} was promised"
        )
    if (
        row["yardstick_ratio"] is not None
        and row["slower"]
        and row["yardstick_ratio"] > row["slower"]
    ):
        said.append(
            f"we take {_times(row['yardstick_ratio'])} the time of {_by_hand(row['yardstick'])},"
            f" {_target(row['slower'], 'at most')} was promised"
        )
    if row["most"] and row["ours"] > row["most"]:
        said.append(
            f"`{_plain(row['ours'], row['unit'])}`, at most `{_plain(row['most'], row['unit'])}`"
            " was promised"
        )
    return said


def _absent(results: Mapping) -> str:
    told = [f"{name}: not on this machine.\n\n" for name in results["absent"]]
    if results["size"] != "large":
        told.append(
            "Tasks with `10,000,000` rows, and other packages that take many seconds at `1,000,000`"
            " rows, were left out of this run; `python -m tools.bench --large` has them.\n\n"
        )
    return "".join(told)


def _measured(entry: Mapping) -> str:
    rest = f"`{_plain(entry['median'], 'ms')}`" if entry["calls"] else "not repeated"
    first = _plain(entry["first"], "ms")
    return (
        f"| {_by_hand(entry['engine'])} | `{entry['id']}` | `{first}` | {rest}"
        f" | `{entry['calls']}` |\n"
    )


def _by_hand(engine: str) -> str:
    """Name of an engine as pages print it."""
    return engine.replace("yardstick", "hand-written code")


def _count(number: int) -> str:
    return f"`{number:,}`" if number else ""


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"`{_digits(ratio)}x`"


def _target(ratio: float | None, word: str) -> str:
    return "" if ratio is None else f"{word} `{ratio:g}x`"


def _plain(value: float, unit: str) -> str:
    return f"{_digits(value)} {unit}"


def _digits(value: float) -> str:
    """Three digits that count, or whole thousands."""
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}"


def _verdict(row: Mapping) -> str:
    return {True: "met", False: "missed", None: "no target"}[met(row)]
