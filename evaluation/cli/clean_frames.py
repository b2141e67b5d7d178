"""What the clean stage left for the stages that estimate."""

from pathlib import Path

import pandas as pd

import evaluation
from evaluation import io
from evaluation.errors import DataError
from evaluation.locale.messages import message
from evaluation.spec.promise import Promise
from evaluation.spec.records import Provenance
from evaluation.spec.study import Study
from evaluation.stats.frames import Frames


def read_frames(folder: Path) -> Frames:
    """Clean data of a study.

    Raises
    ------
    StorageError
        The panel or the frame of clusters is missing.
    """

    def optional(name: str) -> pd.DataFrame | None:
        path = folder / f"{name}.parquet"
        return io.read_frame(path) if path.exists() else None

    return Frames(
        panel=io.read_frame(folder / "panel.parquet"),
        frame=io.read_frame(folder / "frame.parquet"),
        analysis=optional("analysis"),
        series=optional("series"),
    )


def read_provenance(path: Path, study: Study, promise: Promise) -> Provenance:
    """Hashes that the records will carry.

    Raises
    ------
    DataError
        The file belongs to another study.
    """
    read = io.read_json(path)
    if read.get("study") != study.id:
        raise DataError(
            message("file-belongs.problem", get=repr(read.get("study"))),
            where=path.name,
            mend=message("run-stages-read.mend"),
        )
    return Provenance(
        study=study.id,
        plan_hash=promise.plan.hash,
        data_hash=read["data_hash"],
        version=evaluation.__version__,
    )
