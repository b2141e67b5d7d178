"""Command ``demo-data``: make the demonstration's raw files again, byte for byte.

It writes the raw files and nothing else. The ledger, the frame and the manifest are committed
configuration: the command says where they do not belong to what it made.
"""

import argparse
import hashlib

from evaluation.demo import export, survey
from evaluation.demo.truth import PUBLISHED, read_truth
from evaluation.errors import DataError
from evaluation.report.terminal import counted, spoken
from evaluation.storage import disk, folders
from evaluation.study.configuration import read_files
from evaluation.study.plan import seed
from evaluation.study.study import LEDGER
from evaluation.study.toml_reader import named

FRAME_FILE = "municipalities.csv"


def run(options: argparse.Namespace) -> str:
    """Write the demonstration's raw files.

    Raises
    ------
    EvaluationError
        The study is not synthetic; or its manifest, frame or ledger is not the one that belongs
        to the files.
    """
    paths = folders.Paths.of(options)
    study, manifest, dictionary = read_files(paths.config)
    if not study.synthetic:
        raise DataError.of("study-not-synthetic", "name-study-synthetic", f"{study.id}/study.toml")
    frame = disk.read_bytes(paths.config / FRAME_FILE)
    truth = read_truth(paths.config, PUBLISHED)
    data = survey.draw(
        dictionary,
        study,
        survey.read_frame(frame),
        truth,
        seed=seed(truth.seed_entry),
        flaws="planted",
        attrition="planned",
        silence="planned",
    )
    versions = {f.round: f.form_version or "" for f in manifest.file if f.round}
    files = export.export(data, versions=versions)
    ledger = files.pop(LEDGER)
    disk.write_all({paths.raw / name: files[name] for name in sorted(files)})
    made = files | {FRAME_FILE: frame}
    for file in manifest.file:
        digest = hashlib.sha256(made.get(file.path, b"")).hexdigest()
        if digest != file.sha256:
            raise DataError.of(
                "checksum",
                "checksum",
                f"{study.id}/manifest.toml",
                rule="checksum",
                path=file.path,
                digest=digest,
                id=file.id,
            )
    if disk.read_bytes(paths.config / LEDGER) != ledger:
        where = named(paths.config, LEDGER)
        raise DataError.of("committed-file", "restore-if-demonstration", where, rule="checksum")
    return counted(len(files), "file", spoken(options.language))
