"""The delivered files against the manifest."""

import os
import shutil

import pytest

from evaluation.config.manifest import read_manifest
from evaluation.config.study import read_study
from evaluation.data.readers.delivered_files import verify
from tests.data import in_spanish
from tests.fixtures.tiny import Tiny


def rules(tiny: Tiny) -> list[tuple[str, str]]:
    manifest = read_manifest(tiny.config, read_study(tiny.config))
    digests, findings = verify(manifest, tiny.raw, tiny.config)
    assert all(len(d) == 64 for d in digests.values())
    assert all(f.severity == "error" and f.fix for f in findings)
    assert in_spanish.unknown_findings(findings) == []
    return [(f.rule, f.file) for f in findings]


def test_the_declared_files_are_no_finding(tiny):
    tiny.write()
    (tiny.raw / "README.md").write_text("ignored by pattern", encoding="utf-8")
    (tiny.raw / ".DS_Store").write_text("desktop litter", encoding="utf-8")
    assert rules(tiny) == []


def test_a_changed_byte_is_named_with_both_hashes(tiny):
    tiny.write()
    manifest = read_manifest(tiny.config, read_study(tiny.config))
    path = tiny.raw / "baseline.csv"
    path.write_bytes(path.read_bytes().replace(b",4,", b",3,", 1))
    digests, findings = verify(manifest, tiny.raw, tiny.config)
    (finding,) = findings
    assert finding.rule == "checksum"
    assert manifest.file[0].sha256[:12] in str(finding.problem)
    received = digests["data_raw/baseline.csv"]
    assert received[:12] in str(finding.problem)
    assert received in str(finding.fix)
    assert "`baseline`" in str(finding.fix)


def test_missing_and_unlisted_files(tiny):
    tiny.write()
    (tiny.raw / "endline.dta").rename(tiny.raw / "endline_v2.dta")
    assert rules(tiny) == [("missing-file", "endline.dta"), ("unlisted-file", "endline_v2.dta")]


def test_one_delivery_under_two_names(tiny):
    tiny.write()
    shutil.copy(tiny.raw / "baseline.csv", tiny.raw / "endline.dta")
    tiny.write_manifest()
    assert rules(tiny) == [("same-file", "endline.dta")]


def test_rounds_that_share_one_file_are_one_delivery(tiny):
    tiny.write()
    for row in tiny.baseline:
        row["ronda"] = "1"
    tiny.write()
    path = tiny.config / "manifest.toml"
    head, first, _, frame = path.read_text(encoding="utf-8").split("[[file]]")
    second = first.replace('"baseline"', '"endline"').replace('"v1"', '"v2"')
    both = [
        part + f'only = {{ column = "ronda", values = ["{value}"] }}\n'
        for part, value in ((first, 1), (second, 2))
    ]
    path.write_text("[[file]]".join((head, *both, frame)), encoding="utf-8")
    (tiny.raw / "endline.dta").unlink()
    assert rules(tiny) == []
    # the same bytes under a second name are two deliveries, shared or not
    shutil.copy(tiny.raw / "baseline.csv", tiny.raw / "copy.csv")
    both[1] = both[1].replace('"baseline.csv"', '"copy.csv"')
    path.write_text("[[file]]".join((head, *both, frame)), encoding="utf-8")
    assert rules(tiny) == [("same-file", "copy.csv")]


@pytest.mark.skipif(os.name == "nt", reason="making a link needs a right on Windows")
def test_a_link_out_of_the_folder(tiny):
    tiny.write()
    outside = tiny.root / "elsewhere.csv"
    (tiny.raw / "baseline.csv").rename(outside)
    (tiny.raw / "baseline.csv").symlink_to(outside)
    assert rules(tiny) == [("outside-folder", "baseline.csv")]
