"""Delivered tables as a release kept them privately; see ``kept_inputs.py``."""

import tomllib

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
    delivery = delivery.lower()
    for manifest in sorted((paths.private / "releases").glob("*/manifest.toml")):
        table = manifest.with_name(f"{name}.parquet")
        files = tomllib.loads(disk.read_text(manifest)).get("file", [])
        digests = [str(file["sha256"]).lower() for file in files if file["id"] == name]
        if delivery and table.is_file() and any(d.startswith(delivery) for d in digests):
            return disk.read_frame(table)
    return None
