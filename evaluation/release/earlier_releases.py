"""The list of a study's releases, and whether one more may leave beside those that did.

Two releases that differ by few people disclose what each alone does not: the sign of each
estimate's change is an answer. So a release of real persons holds the interviews of every earlier
one, or differs in at least ``minimum_cell`` people of each arm and round in which it does. A
reason, or a withdrawal of the earlier one, does not lift this: it may have been downloaded. The
change waits until enough have come together.

``config/<study>/releases.toml`` is in Git and names every release; what each was made from stays in
``private/releases``. Invented studies and panels of counts have no persons and no list.
"""

import dataclasses
import datetime
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pandas as pd

from evaluation.config.declared import read_declared
from evaluation.config.study import Study
from evaluation.config.toml_reader import read
from evaluation.config.toml_writer import document
from evaluation.errors import StorageError
from evaluation.release.interview_changes import ReleaseInputs, people_changed
from evaluation.release.kept_inputs import DIGITS, DRAFT
from evaluation.report.disclosure import has_persons
from evaluation.storage import disk
from evaluation.storage.folders import RELEASES, Paths

HEAD = (
    "Releases of this study, each by the sum of its SHA256SUMS; publish and public-data write it,",
    "and it is kept in Git. `withdrawn = true`: offered no longer; it counts all the same.",
)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EarlierRelease:
    """One release.

    Attributes
    ----------
    sum : str
        SHA-256 of its list of checksums.
    date : date
    kind : {"release", "public-data"}
    withdrawn : bool
        Whether it is offered no longer.
    """

    sum: str
    date: datetime.date
    kind: Literal["release", "public-data"]
    withdrawn: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Releases:
    """All of a study, in the order in which they left."""

    release: tuple[EarlierRelease, ...] = ()


def read_list(config: Path) -> Releases:
    """The list of a study's folder; empty where there is none.

    Raises
    ------
    SpecError
        A key or value that does not hold.
    """
    return read(Releases, config, RELEASES) if (config / RELEASES).is_file() else Releases()


def check_earlier(paths: Paths, study: Study) -> None:
    """Refuse what differs from an earlier release by few people.

    Parameters
    ----------
    paths : Paths
    study : Study

    Raises
    ------
    StorageError
        A listed release has no private copy to compare with; or one differs from what is there now
        in one to ``minimum_cell - 1`` people of an arm and round. Before the data are clean nothing
        is compared.
    """
    now = ReleaseInputs(
        raw=paths.private / "raw", config=paths.config, analysed=analysed(paths, study)
    )
    if now.analysed is None:
        return
    _, dictionary, _ = read_declared(paths.config)
    respondents = dict(dictionary.variables[study.columns.respondent].raw)
    for name, copy in _copies(paths):
        n = people_changed(ReleaseInputs.kept(copy), now, respondents)
        if 0 < n < study.minimum_cell:
            raise StorageError.of(
                "release-of-few",
                "release-of-few",
                "publish",
                name=name,
                least=study.minimum_cell,
            )


def _copies(paths: Paths) -> Iterator[tuple[str, Path]]:
    """Names and private copies of all earlier releases; kept before there was a list, too."""
    listed = {entry.sum[:DIGITS]: entry for entry in read_list(paths.config).release}
    folder = paths.private / "releases"
    for digits, entry in listed.items():
        if not (folder / digits / "manifest.toml").is_file():
            where = f"{paths.config.as_posix()}/{RELEASES}"
            raise StorageError.of(
                "release-without-copy",
                "release-without-copy",
                where,
                date=entry.date,
                sum=digits,
                folder=(folder / digits).as_posix(),
            )
    for copy in sorted(folder.glob("*")):
        if (copy / "manifest.toml").is_file() and not (copy / DRAFT).is_file():
            yield copy.name, copy


def analysed(paths: Paths, study: Study) -> pd.DataFrame | None:
    """Round, row key and arm of the interviews of the analysis, to be kept with a release.

    Parameters
    ----------
    paths : Paths
    study : Study

    Returns
    -------
    DataFrame or None
        None of a study without persons, or before the data are clean.
    """
    clean = paths.clean / "panel.parquet"
    if not has_persons(study) or not clean.is_file():
        return None
    rows, places = disk.read_frame(clean), paths.clean / "frame.parquet"
    found = rows[["round", "row_key"]]
    if not places.is_file():
        return found
    cluster, arm = study.columns.cluster, study.columns.arm
    arms = disk.read_frame(places).set_index(cluster)[arm]
    return found.assign(arm=rows[cluster].map(arms).astype("str"))


def note(
    paths: Paths,
    study: Study,
    sums: bytes,
    *,
    kind: Literal["release", "public-data"],
) -> bool:
    """Write a release of real persons into the study's list, once.

    Parameters
    ----------
    paths : Paths
    study : Study
    sums : bytes
        Its list of checksums.
    kind : {"release", "public-data"}

    Returns
    -------
    bool
        Whether the list has a new line, which is to be committed.
    """
    digest = hashlib.sha256(sums).hexdigest()
    before = read_list(paths.config).release
    if not has_persons(study) or digest in {entry.sum for entry in before}:
        return False
    day = datetime.datetime.now(tz=datetime.UTC).date()
    entries = (*before, EarlierRelease(sum=digest, date=day, kind=kind))
    table = {"release": [dataclasses.asdict(entry) for entry in entries]}
    disk.write_text(paths.config / RELEASES, document(table, head=HEAD))
    return True
