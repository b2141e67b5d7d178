"""The data hash stands for the raw files and the corrections together."""

from evaluation.storage import disk
from tests.fixtures.tiny import Tiny

CORRECTION = "baseline,baseline.csv:2,duracion,30,31,set,timer restarted,desk,2021-06-01"


def data_hash(tiny: Tiny) -> str:
    tiny.run_read()
    return disk.read_json(tiny.build / "provenance.json")["data_hash"]


def test_an_edited_ledger_changes_the_data_hash_and_its_old_text_brings_it_back(tiny):
    tiny.write()
    without = data_hash(tiny)
    tiny.ledger = [CORRECTION]
    tiny.write_ledger()
    corrected = data_hash(tiny)
    tiny.ledger = [CORRECTION.replace("timer restarted", "tablet restarted")]
    tiny.write_ledger()
    assert len({without, corrected, data_hash(tiny)}) == 3
    tiny.ledger = []
    tiny.write_ledger()
    assert data_hash(tiny) == without


def test_an_edited_raw_file_changes_the_data_hash(tiny):
    tiny.write()
    before = data_hash(tiny)
    tiny.baseline[0]["duracion"] = "31"
    tiny.write()
    assert data_hash(tiny) != before
