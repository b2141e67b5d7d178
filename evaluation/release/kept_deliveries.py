"""Delivered tables as a release kept them privately; see ``kept_inputs.py``."""

import tomllib
from pathlib import Path

import pandas as pd

from evaluation.storage import disk
from evaluation.storage.folders import Paths


def kept_table(paths: Paths, name: str, delivery: str) -> pd.DataFrame | None:
    """An earlier delivery of a file as a release kept it; None where none did.

    Parameters
    ----------
    paths : Paths
    name : str
        Id of the file in the manifest.
    delivery : str
        First digits of its sha256.
    """
    path = _path(paths, name, delivery.lower())
    return None if path is None else disk.read_frame(path)


def is_kept(paths: Paths, name: str, delivery: str) -> bool:
    """Whether a release kept a delivery of a file; see `kept_table`."""
    return _path(paths, name, delivery.lower()) is not None


def _path(paths: Paths, name: str, delivery: str) -> Path | None:
    for manifest in sorted((paths.private / "releases").glob("*/manifest.toml")):
        table = manifest.with_name(f"{name}.parquet")
        files = tomllib.loads(disk.read_text(manifest)).get("file", [])
        digests = [str(file["sha256"]).lower() for file in files if file["id"] == name]
        if delivery and table.is_file() and any(d.startswith(delivery) for d in digests):
            return table
    return None
