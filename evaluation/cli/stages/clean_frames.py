"""What the clean stage left for the stages that estimate, and how these save what they make."""

import typing
from pathlib import Path
from typing import Any

import pandas as pd

import evaluation
from evaluation.analysis.study_clusters import Frames
from evaluation.config.preregistration import Promise
from evaluation.config.study import Study
from evaluation.errors import DataError
from evaluation.estimation.records import Provenance
from evaluation.storage import disk


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

    Parameters
    ----------
    path : Path
        ``provenance.json`` of the build.
    study : Study
    preregistration : Promise

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


def write_results(
    folder: Path, results: Any, *, mark: str, prefix: str = "", without: str = ""
) -> None:
    """Write every kind of record of a run as the table of its name.

    Parameters
    ----------
    folder : Path
    results : Results
        A dataclass whose fields are tuples of records.
    mark : str
        The study's mark; empty for none.
    prefix : str
        Before the names of the files.
    without : str
        A field that is not written.
    """
    for name, hint in typing.get_type_hints(type(results)).items():
        if name != without:
            path, (kind, _) = folder / f"{prefix}{name}.csv", typing.get_args(hint)
            disk.write_records(path, getattr(results, name), kind, mark=mark)
