"""Command ``docs``: the generated blocks of the README, written or checked.

Blocks stand between ``<!-- generated: name -->`` and ``<!-- end: name -->``. The list of exhibits
needs only the configuration and is always checked. The primary estimates need a build: they are
checked against the numbers on this machine where there are some, made from the plan that stands in
the configuration; a fresh clone has none, so ``.ci/run`` checks once more after its build.
"""

import argparse
import sys
from pathlib import Path

from evaluation.errors import ReportError
from evaluation.locale.messages import wording
from evaluation.report.terminal import spoken
from evaluation.site.readme_blocks import README, exhibits, replace, result
from evaluation.storage import disk
from evaluation.storage.folders import DEFAULT_STUDY
from evaluation.study.configuration import Configuration, read_configuration


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the mode."""
    parser.add_argument(
        "--mode", choices=("write", "check"), default="check", help="default: %(default)s"
    )


def run(options: argparse.Namespace) -> None:
    """Write the blocks, or refuse a README whose blocks are not current.

    Raises
    ------
    ReportError
        A block is stale, or its marks are missing.
    """
    configuration = read_configuration(Path("config") / DEFAULT_STUDY)
    blocks = {"exhibits": exhibits(configuration)}
    build = Path("build") / DEFAULT_STUDY
    if _is_current(build / "results.json", configuration):
        blocks["result"] = result(
            configuration, disk.read_json(build / "en" / "numbers.json")["numbers"]
        )
    else:
        sys.stderr.write(wording("docs.no-results", spoken(options.language)))
    text = disk.read_text(README)
    current = text
    for name, content in blocks.items():
        current = replace(current, name, content)
    if options.mode == "write":
        disk.write_text(README, current)
    elif current != text:
        raise ReportError.of("generated-block", "run-make-docs", README.name)


def _is_current(results: Path, configuration: Configuration) -> bool:
    if not (results.is_file() and (results.parent / "en" / "numbers.json").is_file()):
        return False
    return bool(disk.read_json(results)["plan_hash"] == configuration.preregistration.plan.hash)
