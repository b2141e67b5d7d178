"""Makes the files of a release: ``python -m tools.release --tag v0.1.0 --out dist``.

Wheel and source archive are built twice and must be the same to the byte. Beside them stand their
checksums and the list of everything the package needs (a software bill of materials, CycloneDX).
"""

import argparse
import contextlib
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from hatchling import build as backend

ROOT = Path(__file__).resolve().parents[1]
EPOCH = "315532800"
# What differs between two runs, and says nothing.
RANDOM = ("serialNumber",)


def build(folder: Path) -> dict[str, bytes]:
    """Wheel and source archive by name."""
    os.environ["SOURCE_DATE_EPOCH"] = EPOCH
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(ROOT):
        names = (backend.build_wheel(str(folder)), backend.build_sdist(str(folder)))
    return {name: (folder / name).read_bytes() for name in names}


def bill_of_materials() -> bytes:
    """Everything that `pip install` of the package with all its extras brings, from the lock."""
    command = [sys.executable, "-m", "uv", "--offline", "--quiet", "export", "--frozen"]
    command += ["--no-dev", "--all-extras", "--format", "cyclonedx1.5"]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    found = json.loads(made.stdout)
    for name in RANDOM:
        found.pop(name, None)
    found["metadata"].pop("timestamp", None)
    return (json.dumps(found, indent=1, sort_keys=True) + "\n").encode()


def check_tag(tag: str) -> None:
    """Refuse a tag that is not the version, or a version without its changes."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    if tag != f"v{version}":
        sys.exit(f"the tag is {tag}, the version in pyproject.toml {version}: make them agree")
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    if f"\n## {version} " not in changes or f"\n## {version} (not yet" in changes:
        sys.exit(f"CHANGELOG.md does not say when {version} was released: give its head a day")


def write(out: Path) -> None:
    """The files of a release in a folder."""
    files = build(out)
    with tempfile.TemporaryDirectory() as again:
        if build(Path(again)) != files:
            sys.exit("two builds are not the same bytes")
    files["sbom.cdx.json"] = bill_of_materials()
    (out / "sbom.cdx.json").write_bytes(files["sbom.cdx.json"])
    sums = [f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in sorted(files.items())]
    (out / "SHA256SUMS").write_text("".join(sums), encoding="utf-8", newline="\n")


def main() -> None:
    """Check the tag, where there is one, and write."""
    parser = argparse.ArgumentParser("python -m tools.release", description=__doc__)
    parser.add_argument("--tag", default="", help="such as v0.1.0; without, nothing is checked")
    parser.add_argument("--out", type=Path, default=Path("dist"))
    options = parser.parse_args()
    if options.tag:
        check_tag(options.tag)
    write(options.out)


if __name__ == "__main__":
    main()
