"""Makes the demonstration's raw files again, byte for byte: ``python -m tools.demo``.

It writes the raw files and nothing else. The ledger, the frame and the manifest are committed
configuration: it stops where they do not belong to what it made.
"""

import hashlib
from pathlib import Path

from evaluation.config.declared import read_files
from evaluation.config.plan import seed
from evaluation.config.study import LEDGER
from evaluation.report.truth import PUBLISHED, read_truth
from evaluation.storage import disk
from tools.demo import export, survey

STUDY = "somos_comunidad"
FRAME_FILE = "municipalities.csv"


def main() -> None:
    """Write the demonstration's raw files.

    Raises
    ------
    SystemExit
        The study is not synthetic; or its manifest, frame or ledger is not the one that belongs
        to the files.
    """
    config = Path("config") / STUDY
    study, manifest, dictionary = read_files(config)
    if not study.synthetic:
        raise SystemExit(f"{config}/study.toml: the study is not synthetic")
    frame = disk.read_bytes(config / FRAME_FILE)
    truth = read_truth(config, PUBLISHED)
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
    disk.write_all({Path("data_raw") / STUDY / name: files[name] for name in sorted(files)})
    made = files | {FRAME_FILE: frame}
    for file in manifest.file:
        digest = hashlib.sha256(made.get(file.path, b"")).hexdigest()
        if digest != file.sha256:
            raise SystemExit(f"{config}/manifest.toml: {file.id} has another checksum: {digest}")
    if disk.read_bytes(config / LEDGER) != ledger:
        raise SystemExit(f"{config}/{LEDGER}: not the ledger that belongs to the demonstration")


if __name__ == "__main__":
    main()
