"""What the clean stage left for the stages that estimate."""

from pathlib import Path

import pandas as pd

import evaluation
from evaluation.errors import DataError
from evaluation.estimation.study_clusters import Frames
from evaluation.storage import disk
from evaluation.study.preregistration import Promise
from evaluation.study.records import Provenance
from evaluation.study.study import Study


def read_frames(folder: Path) -> Frames:
    """Clean data of a study.

    Raises
    ------
    StorageError
        The panel or the frame of clusters is missing.
    """

    def optional(name: str) -> pd.DataFrame | None:
        path = folder / f"{name}.parquet"
        return disk.read_frame(path) if path.exists() else None

    return Frames(
        panel=disk.read_frame(folder / "panel.parquet"),
        frame=disk.read_frame(folder / "frame.parquet"),
        analysis=optional("analysis"),
        series=optional("series"),
    )


def read_provenance(path: Path, study: Study, preregistration: Promise) -> Provenance:
    """Hashes that the records will carry.

    Raises
    ------
    DataError
        The file belongs to another study.
    """
    read = disk.read_json(path)
    if read.get("study") != study.id:
        raise DataError.of(
            "file-belongs", "run-stages-read", path.name, get=repr(read.get("study"))
        )
    return Provenance(
        study=study.id,
        plan_hash=preregistration.plan.hash,
        data_hash=read["data_hash"],
        version=evaluation.__version__,
    )
