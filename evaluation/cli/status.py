"""Command ``status``: what of a study is built, and from which plan and data."""

import argparse
import sys

from evaluation import io
from evaluation.cli.stage import Paths
from evaluation.spec.status import open_in, to_settle

SHOWN_DIGITS = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Print one line for each kind of result."""
    paths = Paths.of(options)
    book = paths.language(options.language)
    results = paths.build / "results.json"
    sys.stdout.write(f"study {options.study}\n")
    if results.is_file():
        made_from = io.read_json(results)
        for name in ("plan_hash", "data_hash"):
            digest = str(made_from[name])[:SHOWN_DIGITS]
            sys.stdout.write(f"  results of {name.replace('_', ' ')} {digest}\n")
    counts = {
        "clean files": len(list(paths.clean.glob("*"))),
        "result tables": len(list(paths.build.glob("*.csv"))),
        "exhibits": len(list((book / "exhibits").glob("*.json"))),
        "executed notebooks": len(list((book / "notebooks").glob("*.ipynb"))),
        "pages": len(list((book / "site").glob("**/*.html"))),
    }
    for name, count in counts.items():
        sys.stdout.write(f"  {name}: {count or 'none'}\n")
    _left(paths)


def _left(paths: Paths) -> None:
    """Decisions that are open and comments of a draft that are not settled."""
    found, comments = open_in(paths.config), to_settle(paths.config)
    for where, decision in found:
        sys.stdout.write(f"  to decide: {where} `{decision.key}`: {decision.question}\n")
    if comments:
        listed = ", ".join(f"{file} {count}" for file, count in comments.items())
        sys.stdout.write(f"  to confirm: {sum(comments.values())} comments ({listed})\n")
