"""Command ``demo-data``: make the demonstration's raw files again, byte for byte.

It writes the raw files and nothing else. The ledger, the frame and the manifest are committed
configuration: the command compares them with what it made and says what does not agree.
"""

import argparse
import hashlib
import time

from evaluation.demo import export, municipalities, survey
from evaluation.demo.truth import PUBLISHED, read_truth
from evaluation.errors import DataError
from evaluation.report.terminal import counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import FILE_SOURCES
from evaluation.study.dictionary_rules import read_dictionary
from evaluation.study.manifest import Manifest, read_manifest
from evaluation.study.plan import seed
from evaluation.study.study import LEDGER, read_study

FRAME_FILE = "municipalities.csv"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments beyond the common ones."""


def run(options: argparse.Namespace) -> None:
    """Write the demonstration's raw files.

    Raises
    ------
    EvaluationError
        The study is not synthetic; or its manifest, frame or ledger is not the one that belongs
        to the files.
    """
    start = time.monotonic()
    paths = folders.Paths.of(options)
    study = read_study(paths.config)
    if not study.synthetic:
        raise DataError.of("study-not-synthetic", "name-study-synthetic", f"{study.id}/study.toml")
    manifest = read_manifest(paths.config, study)
    dictionary = read_dictionary(paths.config, (*study.rounds, *FILE_SOURCES))
    frame = municipalities.draw_frame(seed=municipalities.FRAME_SEED)
    truth = read_truth(paths.config, PUBLISHED)
    data = survey.draw(
        dictionary,
        study,
        frame,
        truth,
        seed=seed(truth.seed_entry),
        flaws="planted",
        attrition="planned",
        silence="planned",
    )
    versions = {f.round: f.form_version or "" for f in manifest.file if f.round}
    files = export.export(data, dictionary, versions=versions)
    ledger = files.pop(LEDGER)
    for name, content in sorted(files.items()):
        disk.write_bytes(paths.raw / name, content)
    committed = {FRAME_FILE: municipalities.to_csv(frame), LEDGER: ledger}
    _compare(files | {FRAME_FILE: committed[FRAME_FILE]}, manifest, study.id)
    _compare_configuration(committed, paths)
    language = spoken(options.language)
    done = counted(len(files), "file", language)
    folders.announce("demo-data", done, time.monotonic() - start, language)


def _compare(made: dict[str, bytes], manifest: Manifest, study: str) -> None:
    for file in manifest.file:
        digest = hashlib.sha256(made.get(file.path, b"")).hexdigest()
        if digest != file.sha256:
            raise DataError.of(
                "checksum",
                "checksum",
                f"{study}/manifest.toml",
                rule="checksum",
                path=file.path,
                digest=digest,
                id=file.id,
            )


def _compare_configuration(made: dict[str, bytes], paths: folders.Paths) -> None:
    for name, content in sorted(made.items()):
        if disk.read_bytes(paths.config / name) != content:
            raise DataError.of(
                "committed-file",
                "restore-if-demonstration",
                f"{paths.config.name}/{name}",
                rule="checksum",
            )
