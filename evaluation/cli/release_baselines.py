"""Result tables as they are published: without the baseline means that a table would withhold."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from evaluation import io
from evaluation.cli.release_counts import blanked, hidden_counts, hidden_sizes, place
from evaluation.cli.stage import Paths
from evaluation.report.level_rule import baseline_is_withheld
from evaluation.spec.configuration import FILE_SOURCES
from evaluation.spec.dictionary_rules import read_dictionary
from evaluation.spec.plan import Plan
from evaluation.spec.promise import read_promise
from evaluation.spec.records import Diagnostic, Estimate, Level
from evaluation.spec.study import Study, read_study

# Tables of effects, and the fields that tell the comparison group's level: the effect over the
# effect in SD is the SD, and the SD of a share is its mean.
MAIN, CHECKS, COUNTS = "estimates.csv", "robustness_estimates.csv", "robustness_diagnostics.csv"
TABLES = (MAIN, CHECKS)
FIELDS = ("baseline_comparison_mean", "baseline_comparison_sd", "estimate_sd")


def published(files: Iterable[tuple[str, Path]], paths: Paths) -> dict[str, bytes]:
    """Content of every file of a release, by its name there.

    Parameters
    ----------
    files : iterable of (str, Path)
        Name in the release and path in the build.
    paths : Paths
        Folders of the study.
    """
    found = {name: io.read_bytes(path) for name, path in files}
    with_level = [n for n in TABLES if n in found and FIELDS[0].encode() in _head(found[n])]
    if not with_level:
        return found
    study = read_study(paths.config)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    plan = read_promise(paths.config, study, dictionary).plan
    levels = io.read_records(paths.build / "levels.csv", Level)
    for name in with_level:
        records = io.read_records(paths.build / name, Estimate)
        hidden = [is_hidden(record, levels, plan, study) for record in records]
        found[name] = without(found[name], hidden)
    return found | _without_counts(found, paths, plan, study)


def _without_counts(
    found: Mapping[str, bytes], paths: Paths, plan: Plan, study: Study
) -> dict[str, bytes]:
    """The records of checks without counts of few people or clusters left out."""
    if CHECKS not in found or COUNTS not in found:
        return {}
    checks, main = (io.read_records(paths.build / name, Estimate) for name in (CHECKS, MAIN))
    made = io.read_records(paths.build / COUNTS, Diagnostic)
    sizes = hidden_sizes(checks, main, plan=plan, study=study)
    counts = hidden_counts(made, sizes, study=study)
    return {
        CHECKS: blanked(found[CHECKS], (sizes.get(place(row), ()) for row in checks)),
        COUNTS: blanked(found[COUNTS], (("value",) if gone else () for gone in counts)),
    }


def is_hidden(record: Estimate, levels: tuple[Level, ...], plan: Plan, study: Study) -> bool:
    """Whether a record's baseline fields are withheld; an outcome of no plan is judged by item."""
    outcome = next((o for o in plan.outcome if o.id == record.outcome), None)
    if outcome is None:
        return record.n < study.minimum_cell
    return baseline_is_withheld(record, outcome, levels, study)


def without(data: bytes, hidden: list[bool]) -> bytes:
    """The table with the baseline fields of the hidden rows withheld, all else to the byte.

    Parameters
    ----------
    data : bytes
        CSV with one header line.
    hidden : list of bool
        One for each row.
    """
    return blanked(data, (FIELDS if is_so else () for is_so in hidden))


def _head(data: bytes) -> bytes:
    return data.partition(b"\n")[0]
