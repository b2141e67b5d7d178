"""Command ``public-data``: the de-identified release of the respondents' file."""

import argparse
import os
import sys
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from evaluation.cli.publish import tell_list
from evaluation.cli.stages.clean_frames import read_frames
from evaluation.config.declared import read_declared
from evaluation.config.release_rules import RiskRow
from evaluation.config.study import Study, read_study
from evaluation.errors import StorageError
from evaluation.estimation.records import CodebookRow
from evaluation.file_content import written
from evaluation.locale.messages import wording
from evaluation.release import contents, earlier_releases, release_pages
from evaluation.release.columns_kept import rules_of
from evaluation.release.kept_inputs import keep, list_of_sums
from evaluation.release.public_file import MAIN, SENSITIVE, release
from evaluation.release.risk_report import estimate_rows, risk_rows
from evaluation.release.search import check_folder
from evaluation.report.disclosure import has_persons
from evaluation.report.terminal import grouped
from evaluation.storage import disk, folders
from evaluation.storage.disk_trouble import reason

KEY_FILE = "EVAL_KEY_FILE"
TEST_KEY = "test.key"
# how a key that everybody may read begins: it must not protect anybody's answers
PUBLISHED = b"PUBLISHED TEST KEY"
CODEBOOK, RISK = "codebook.csv", "risk_report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder of the release."""
    parser.add_argument(
        "--out", default="", metavar="FOLDER", help="folder to write (default: public/<study>)"
    )


def run(options: argparse.Namespace) -> None:
    """Make the release of a study, whole or not at all.

    Raises
    ------
    EvaluationError
        The study declares no rules, the key is missing, the panel is not clean yet, or fewer than
        k persons would share a combination. Nothing is written then.
    """
    paths = folders.Paths.of(options)
    # before all else is read: which study's rules they are is said at once
    study = read_study(paths.config, purpose="release")
    rules = rules_of(study)
    _, dictionary, preregistration = read_declared(paths.config)
    plan, key = preregistration.plan, _key(paths, study)
    earlier_releases.check_earlier(paths, study)
    frames = read_frames(paths.clean)
    found = release(frames.panel, dictionary, plan, study, key=key)
    measured = (*risk_rows(found, frames.frame, study), *estimate_rows(found, plan, study))
    tables = {f"{MAIN}.csv": found.panel, f"{SENSITIVE}.csv": found.sensitive}
    counts = {name: len(table) for name, table in tables.items()}
    areas = sorted(set(found.areas.values()))
    codebook = release_pages.codebook(
        disk.read_records(paths.clean / CODEBOOK, CodebookRow), found, study
    )
    files = {name: _csv(table) for name, table in tables.items()}
    files["README.md"] = release_pages.readme(study, rules, files=counts, areas=areas).encode()
    files[f"{RISK}.md"] = release_pages.risk_page(measured, study).encode()
    files[f"{RISK}.csv"] = written(measured, RiskRow, mark=study.mark).encode()
    files[CODEBOOK] = written(codebook, CodebookRow, mark=study.mark).encode()
    target = _target(options.out, study)
    is_usual = target == contents.public_folder(study)
    with disk.scratch(target.parent, target.name) as temporary:
        disk.write_all({temporary / name: data for name, data in files.items()})
        check_folder(temporary, paths, study)
        if is_usual:
            contents.forget_public(paths)
        sums = list_of_sums(files)
        if has_persons(study):
            keep(paths, sums, rows=earlier_releases.analysed(paths, study))
        disk.replace_folder(temporary, target)
    is_new = earlier_releases.note(paths, study, sums, kind="public-data")
    tell_list(paths, options.language, is_new=is_new)
    if is_usual:
        contents.keep_public(paths, study)
    interviews = grouped(counts[f"{MAIN}.csv"], options.language)
    facts = {"folder": target.as_posix(), "k": rules.k, "keys": len(rules.keys)}
    done = wording("public-data.written", options.language, interviews=interviews, **facts)
    sys.stdout.write(done)


def _key(paths: folders.Paths, study: Study) -> bytes:
    """The secret of the ids: a file outside the repository, or the test key of invented data."""
    named = os.environ.get(KEY_FILE, "")
    path = Path(named) if named else paths.config / TEST_KEY
    if not named and not study.synthetic:
        raise StorageError.of(
            "no-key-not", "set-file-random-bytes-kept", "public-data", key_file=KEY_FILE
        )
    try:
        key = path.read_bytes()
    except OSError as error:
        raise StorageError.of(
            "key-file-cannot",
            "set-file-random-bytes",
            KEY_FILE if named else path.as_posix(),
            strerror=reason(error),
            key_file=KEY_FILE,
        ) from None
    if key.startswith(PUBLISHED) and not study.synthetic:
        raise StorageError.of("key-published", "set-file-random", KEY_FILE, key_file=KEY_FILE)
    return key


def _target(named: str, study: Study) -> Path:
    target = Path(named) if named else contents.public_folder(study)
    if target.exists() and not (target / f"{RISK}.csv").is_file():
        raise StorageError.of("folder-exists", "name-new-folder", target.as_posix())
    return target


def _csv(table: pd.DataFrame) -> bytes:
    """UTF-8 with LF line ends; whole numbers without a point, missing cells empty."""
    arrow = pa.Table.from_pandas(table, preserve_index=False, nthreads=1)
    sink = pa.BufferOutputStream()
    csv.write_csv(arrow, sink, csv.WriteOptions(quoting_style="needed"))
    return bytes(sink.getvalue().to_pybytes())
