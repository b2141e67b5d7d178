"""Command ``keys``: print every key that a study's files may have."""

import argparse
import sys
from pathlib import Path

import evaluation
from evaluation.site.program_reference import FILES, keys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file."""
    parser.add_argument("file", nargs="?", choices=tuple(FILES), help="of one file alone")


def run(options: argparse.Namespace) -> None:
    """Print the tables of all files, or of one, as Markdown."""
    root = Path(evaluation.__file__).parents[1]
    files = [options.file] if options.file else list(FILES)
    sys.stdout.write(keys(root, files))
