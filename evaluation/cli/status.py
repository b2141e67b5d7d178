"""Command ``status``: what of a study is built, and from which plan and data."""

import argparse
import sys

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.cli.told import counted, spoken
from evaluation.locale.messages import wording
from evaluation.spec.status import open_in, to_settle

SHOWN_DIGITS = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Print one line for each kind of result."""
    paths = Paths.of(options)
    book = paths.language(options.language)
    results = paths.build / "results.json"
    language = spoken(options.language)
    sys.stdout.write(f"{wording('status.study', language)} {options.study}\n")
    if results.is_file():
        made_from = io.read_json(results)
        for name in ("plan_hash", "data_hash"):
            digest = str(made_from[name])[:SHOWN_DIGITS]
            sys.stdout.write(f"  {wording(f'status.hash.{name}', language)} {digest}\n")
    counts = {
        "clean-files": len(list(paths.clean.glob("*"))),
        "result-tables": len(list(paths.build.glob("*.csv"))),
        "exhibits": len(list((book / "exhibits").glob("*.json"))),
        "notebooks": len(list((book / "notebooks").glob("*.ipynb"))),
        "pages": sum(path.parent.name != "files" for path in (book / "site").glob("**/*.html")),
    }
    for what, count in counts.items():
        shown = count or wording("status.none", language)
        sys.stdout.write(f"  {wording(f'status.built.{what}', language)}: {shown}\n")
    _left(paths, language)


def _left(paths: Paths, language: str) -> None:
    """Decisions that are open and comments of a draft that are not settled."""
    found, comments = open_in(paths.config), to_settle(paths.config)
    for where, decision in found:
        sys.stdout.write(
            f"  {wording('status.to-decide', language)}: {where} `{decision.key}`:"
            f" {decision.question}\n"
        )
    if comments:
        listed = ", ".join(f"{file} {count}" for file, count in comments.items())
        number = counted(sum(comments.values()), "comment", language)
        sys.stdout.write(f"  {wording('status.to-confirm', language)}: {number} ({listed})\n")
