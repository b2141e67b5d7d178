"""Stage ``exhibits``: tables, figures and the number registry from the saved records."""

import argparse

from evaluation.config.configuration import Configuration, read_configuration
from evaluation.report import truth
from evaluation.report.formats import replication_scripts, words
from evaluation.report.record_set import Records
from evaluation.report.sources import Source
from evaluation.report.terminal import all_counted, spoken
from evaluation.site import exhibit_files, saved_records
from evaluation.site.exhibit_files import build
from evaluation.storage import disk
from evaluation.storage.folders import ORDER, Paths


def run(options: argparse.Namespace) -> str:
    """Build every exhibit of the registry; write nothing until all are built.

    Raises
    ------
    EvaluationError
        A record that an exhibit asks for is missing, or a file cannot be read or written.
    """
    paths, language = Paths.of(options), options.language
    configuration = read_configuration(paths.config)
    records = load_records(paths, configuration)
    files, registry = build(Source(records=records, configuration=configuration, language=language))
    if configuration.study.panel is None and replication_scripts.is_written(configuration):
        # the primary estimates as an R and a Stata script that read the clean panel
        panel = (paths.clean / "panel.dta").as_posix()
        files["primary.R"] = replication_scripts.r_script(configuration, panel=panel).encode()
        files["primary.do"] = replication_scripts.stata_do(configuration, panel=panel).encode()
    exhibits = configuration.registry.exhibit
    files[ORDER] = "".join(f"{exhibit.id}\n" for exhibit in exhibits).encode()
    folder = paths.language(language) / "exhibits"
    for name, data in sorted(files.items()):
        disk.write_bytes(folder / name, data)
    mark = words.mark(configuration.study.mark, language)
    numbered = paths.language(language) / "numbers.json"
    disk.write_json(numbered, exhibit_files.marked(registry, mark=mark))
    # exhibits that the registry no longer has do not stay behind
    for path in sorted(folder.glob("*")):
        if path.is_file() and path.name not in files:
            path.unlink()
    return all_counted(spoken("en"), (len(exhibits), "exhibit"), (len(registry), "number"))


def load_records(paths: Paths, configuration: Configuration) -> Records:
    """What the stages saved, and what an invented study was drawn with where an exhibit shows it.

    Parameters
    ----------
    paths : Paths
    configuration : Configuration

    Raises
    ------
    StorageError
        A file is missing or from another version.
    """
    shown = any(exhibit.builder == "recovery" for exhibit in configuration.registry.exhibit)
    drawn = configuration.study.synthetic and shown
    effects = truth.read_truth(paths.config, truth.PUBLISHED).scenario.expected if drawn else ()
    return saved_records.load_records(paths, configuration, effects)
