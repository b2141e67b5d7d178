"""Damages whose first message led a person astray, and what that message must say instead.

Other kinds ask whether a damage is found; these ask whether the first error names the cause. Each
was written before the reader knew it.
"""

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

from evaluation.cli.stages.stage_files import ERRORS_FILE
from evaluation.config.manifest import Manifest
from evaluation.data.cleaning.delivery_checks import read_all
from evaluation.data.findings import causes_first
from evaluation.data.readers.delivered_files import verify
from evaluation.data.readers.read import all_of_file
from evaluation.estimation.records import Finding
from evaluation.report.terminal import FoundErrors
from evaluation.storage.folders import Paths
from tests.faults import harness
from tests.faults.damage import BASELINE, ENDLINE, FRAME, Delivery
from tests.faults.edit import ENCODINGS, put, put_sheet, sheet, text
from tests.faults.study import delivery
from tests.tables import cases

SIGNED = "utf-8-sig"
# the first part of what "is this another file?" used to be answered with
BYTE_ORDER = "byte-order mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Leading:
    """One damage and its message.

    Attributes
    ----------
    says : tuple of str
        Patterns, each found in the first error.
    never : tuple of str
        Patterns that no error may match: the fixes that lead astray.
    most : int
        Errors at most: one cause is one error.
    settings : mapping of file to what its manifest entry says otherwise
    """

    id: str
    words: str
    apply: Callable[[Delivery], Delivery]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    most: int = 1
    accepted: bool = True
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def errors_of(kind: Leading, folder: Path) -> tuple[Finding, ...]:
    """Errors as the stages list them, the first one first."""
    damaged = kind.apply(delivery())
    for name, data in damaged.files.items():
        target = folder / name
        target.mkdir() if data == b"<folder>" else target.write_bytes(data)
    manifest = _manifest(kind, damaged)
    return tuple(f for f in causes_first(_findings(manifest, folder)) if f.severity == "error")


def _manifest(kind: Leading, damaged: Delivery) -> Manifest:
    manifest = harness.declared().manifest
    files = []
    for file in manifest.file:
        data = damaged.files.get(file.path)
        settings = dict(kind.settings.get(file.path, {}))
        dialect = settings.pop("dialect", {})
        if dialect is None:
            settings["dialect"] = None
        elif dialect and file.dialect is not None:
            settings["dialect"] = replace(file.dialect, **dialect)
        if data is not None and kind.accepted:
            settings["sha256"] = harness._sha256(data)
        files.append(replace(file, **settings))
    return replace(manifest, file=tuple(files))


def _findings(manifest: Manifest, folder: Path) -> list[Finding]:
    study = harness.declared()
    _, found = verify(manifest, folder, folder)
    if found:
        return list(found)
    paths = Paths(config=folder, raw=folder, clean=folder, build=folder)
    tables, found = read_all(manifest.file, paths.raw, paths.config)
    findings = [*found, *(f for t in tables for f in all_of_file(t, study.dictionary))]
    findings = [f for f in findings if f.rule != "row-count"]
    if any(f.severity == "error" for f in findings):
        return findings
    try:
        harness._stage_clean(tables)
    except harness.StopError as stop:
        return list(stop.findings)
    return findings


def told(errors: tuple[Finding, ...]) -> FoundErrors:
    """The errors as a stage raises them."""
    return FoundErrors(errors, where="faults", path=f"private/{ERRORS_FILE}")


def said(errors: tuple[Finding, ...]) -> str:
    """The list as a terminal shows it."""
    return str(told(errors)) if errors else ""


def _put(name: str, data: bytes | Callable[[bytes], bytes]) -> Callable[[Delivery], Delivery]:
    def apply(before: Delivery) -> Delivery:
        return put(before, name, data(before.files[name]) if callable(data) else data)

    return apply


def _book(name: str) -> bytes:
    book = openpyxl.Workbook()
    before = sheet(delivery(), name)
    for row in (before.header, *before.rows[:20]):
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _zip(members: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target.getvalue()


def _written(write: Callable[..., Any], suffix: str) -> Callable[[bytes], bytes]:
    def data(_: bytes) -> bytes:
        before = sheet(delivery(), BASELINE)
        frame = pd.DataFrame(before.rows[:20], columns=before.header)
        path = Path(f"written.{suffix}").resolve()
        try:
            write(frame, path)
            return path.read_bytes()
        finally:
            path.unlink(missing_ok=True)

    return data


def _other_file(
    name: str, says: str, data: bytes | Callable[[bytes], bytes], words: str
) -> Leading:
    """Another kind of file under the name of the text file that is declared with a mark."""
    return Leading(
        id=f"M-{name}",
        words=words,
        apply=_put(BASELINE, data),
        says=(says,),
        never=(BYTE_ORDER, 'declare encoding = "utf-8"', "quote"),
        settings={BASELINE: {"dialect": {"encoding": SIGNED}}},
    )


OLD_BOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PHOTO = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(99)
PICKLED = b"\x80\x05\x95\x10\x00\x00\x00\x00\x00\x00\x00}\x94."
PAGE = """<!DOCTYPE html>\n<html lang="es"><head><title>Iniciar sesión</title></head>
<body><form action="/login" method="post">Usuario</form></body></html>\n"""
POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
OTHER_FILES = (
    _other_file("xlsx", "Excel workbook", lambda _: _book(BASELINE), "a renamed workbook"),
    _other_file("xls", r"\.xls|Office 97", OLD_BOOK, "an old workbook"),
    _other_file("gzip", "gzip", lambda d: gzip.compress(d, mtime=0), "packed by gzip"),
    _other_file("bzip2", "bzip2", bz2.compress, "packed by bzip2"),
    _other_file("xz", r"\bxz\b", lzma.compress, "packed by xz"),
    _other_file(
        "zip", r"zip archive.*baseline\.csv", lambda d: _zip({"baseline.csv": d}), "packed by zip"
    ),
    _other_file("7z", "7-Zip", b"7z\xbc\xaf\x27\x1c" + bytes(64), "packed by 7-Zip"),
    _other_file("rar", "RAR", b"Rar!\x1a\x07\x01\x00" + bytes(64), "packed by RAR"),
    _other_file("login-page", "web page", PAGE.encode(), "the server's login page was saved"),
    _other_file(
        "error-page",
        "web page",
        b"\n\n  <html><body>502 Bad Gateway</body></html>",
        "a page of a gateway, blank lines first",
    ),
    _other_file(
        "json-refusal",
        "JSON",
        b'{"detail":"Authentication credentials were not provided."}\n',
        "the server's refusal was saved",
    ),
    _other_file(
        "xml",
        "XML",
        b'<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>\n',
        "a store's XML refusal was saved",
    ),
    _other_file("lfs-pointer", "Git LFS", POINTER, "Git LFS left its pointer"),
    _other_file(
        "annex-pointer",
        "git-annex",
        b"/annex/objects/MD5E-s1273170--0a1b2c3d4e5f60718293a4b5c6d7e8f9.csv\n",
        "git-annex left its pointer",
    ),
    _other_file(
        "tar",
        "tar archive",
        b"baseline.csv" + bytes(245) + b"ustar\x0000" + bytes(500),
        "packed by tar",
    ),
    _other_file("binary", "no text", b"bplist00\xd4\x01\x02" + bytes(90), "a program's own file"),
    _other_file("pdf", "PDF", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "a printed form"),
    _other_file("photo", "picture", PHOTO, "a photograph"),
    _other_file("screenshot", "picture", b"\x89PNG\r\n\x1a\n" + bytes(99), "a screenshot"),
    _other_file("sqlite", "SQLite", b"SQLite format 3\x00" + bytes(99), "a tablet's database"),
    _other_file(
        "parquet", "Parquet", _written(lambda f, p: f.to_parquet(p), "parquet"), "a Parquet file"
    ),
    _other_file("stata", "Stata", _written(pyreadstat.write_dta, "dta"), "a Stata file"),
    _other_file(
        "stata-old",
        "Stata",
        _written(lambda f, p: pyreadstat.write_dta(f, p, version=10), "dta"),
        "a Stata file of format 114",
    ),
    _other_file("spss", "SPSS", _written(pyreadstat.write_sav, "sav"), "an SPSS file"),
    _other_file(
        "word",
        "Word document",
        _zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
        "a Word document",
    ),
    _other_file(
        "ods",
        "OpenDocument",
        _zip({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}),
        "a LibreOffice sheet",
    ),
    _other_file("rtf", "rich text", b"{\\rtf1\\ansi\\deff0 id_persona}", "a rich text document"),
    _other_file("r-data", r"\bR\b", b"RDX3\nX\n\x00\x00\x00\x03", "an R workspace"),
    _other_file("pickle", "pickle", PICKLED, "a pickle"),
    _other_file("zeros", r"zero bytes|only zeros", bytes(4096), "all zeros: a cut download"),
)


def _saved(encoding: str, name: str = BASELINE) -> Callable[[Delivery], Delivery]:
    return _put(name, lambda data: data.decode(ENCODINGS[name]).encode(encoding))


def _sep(mark: str, name: str) -> Callable[[Delivery], Delivery]:
    return _put(name, lambda data: f"sep={mark}\r\n".encode() + data)


def _header(change: Callable[[list[str]], list[str]], name: str = BASELINE):
    def apply(before: Delivery) -> Delivery:
        cells = sheet(before, name)
        return put_sheet(before, replace(cells, header=change(list(cells.header))))

    return apply


def _renamed(**names: str) -> Callable[[Delivery], Delivery]:
    return _header(lambda header: [names.get(name, name) for name in header])


def _resaved(before: Delivery) -> Delivery:
    """A spreadsheet saved the comma file with semicolons; free text keeps its quotes."""
    return put(before, BASELINE, text(sheet(before, BASELINE), delimiter=";").encode())


def _resaved_comma(before: Delivery) -> Delivery:
    return put(before, ENDLINE, text(sheet(before, ENDLINE), delimiter=",").encode("cp1252"))


def _resaved_quoted(before: Delivery) -> Delivery:
    """The same, where a remark holds a comma before a quote."""
    cells = sheet(before, BASELINE).set({4: 'Casa 5,"La Loma"'}, "observaciones")
    return put(before, BASELINE, text(cells, delimiter=";").encode())


def _resaved_tabs(before: Delivery) -> Delivery:
    cells = sheet(before, ENDLINE).set({4: 'Casa 5;"La Loma"'}, "observaciones")
    return put(before, ENDLINE, text(cells, delimiter="\t").encode("cp1252"))


def _swallowed_two(before: Delivery) -> Delivery:
    """One stray quote in each of two rows below each other."""
    cells = sheet(before, ENDLINE)
    at = cells.at("etnia")
    one, two = cells.rows[7:9]
    row = [*one[:at], "\n".join([";".join(one[at:]), ";".join(two[: at + 1])]), *two[at + 1 :]]
    return put_sheet(before, replace(cells, rows=[*cells.rows[:7], row, *cells.rows[9:]]))


def _swallowed(before: Delivery) -> Delivery:
    """Two stray quotes: what stands between them becomes one cell, and the width still fits."""
    cells = sheet(before, BASELINE)
    at = cells.at("sexo")
    lines = cells.rows[3:40]
    swallowed = "\n".join(
        [
            ",".join(lines[0][at:]),
            *(",".join(r) for r in lines[1:-1]),
            ",".join(lines[-1][: at + 1]),
        ]
    )
    row = [*lines[0][:at], swallowed, *lines[-1][at + 1 :]]
    return put_sheet(before, replace(cells, rows=[*cells.rows[:3], row, *cells.rows[40:]]))


def _totals(before: Delivery) -> Delivery:
    cells = sheet(before, BASELINE)
    row = [""] * len(cells.header)
    row[0], row[cells.at("peso")] = "TOTAL", "400"
    return put_sheet(before, replace(cells, rows=[*cells.rows, row]))


def _totals_unnamed(before: Delivery) -> Delivery:
    cells = sheet(before, ENDLINE)
    row = [""] * len(cells.header)
    row[cells.at("edad")], row[cells.at("ingreso")] = "16.240", "391.022,5"
    return put_sheet(before, replace(cells, rows=[*cells.rows, row]))


def _frame_code(new: str) -> Callable[[Delivery], Delivery]:
    def apply(before: Delivery) -> Delivery:
        return put_sheet(before, sheet(before, FRAME).set({2: new}, "municipality"))

    return apply


def _frame_all(before: Delivery) -> Delivery:
    cells = sheet(before, FRAME)
    changed = {i: f"N{code[1:]}" for i, code in enumerate(cells.column("municipality"))}
    return put_sheet(before, cells.set(changed, "municipality"))


def _unknown_in_round(before: Delivery) -> Delivery:
    cells = sheet(before, ENDLINE)
    rows = {i: "M77" for i, c in enumerate(cells.column("municipio")) if c == "M05"}
    return put_sheet(before, cells.set(rows, "municipio"))


def _folder(before: Delivery) -> Delivery:
    return put(before, ENDLINE, b"<folder>")


def _exchanged(before: Delivery) -> Delivery:
    """The two rounds' files were saved under each other's names."""
    files = before.files
    return Delivery(files={**files, BASELINE: files[ENDLINE], ENDLINE: files[BASELINE]})


def _another_study(_: bytes) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(["hhid", "village", "q1", "q2", "q3", "start"])
    writer.writerows([[str(i), "V01", "1", "2", "3", "2024-02-01"] for i in range(50)])
    return target.getvalue().encode()


GROUPED = ("group_demo/{}", "group_demo-{}", "grp.{}", "data:{}")
APPLIED = {
    "M-cp1252-for-utf-8-sig": _saved("cp1252"),
    "M-plain-utf-8-for-utf-8-sig": lambda before: before,
    "M-utf-8-sig-for-utf-16": _saved("utf-8-sig"),
    "M-utf-16-without-mark": _saved("utf-16-le"),
    "M-some-group-prefixes": _renamed(edad="demo/edad", sexo="demo/sexo"),
    "M-upper-case": _header(lambda header: [name.upper() for name in header]),
    "M-no-break-space": _renamed(confia_policia="confia_policia\u00a0"),
    "M-space-before": _renamed(edad=" edad"),
    "M-zero-width": _renamed(victima="vic\u200btima"),
    "M-mark-in-name": _renamed(sexo="\ufeffsexo"),
    "M-one-name-in-capitals": _renamed(edad="Edad"),
    "M-decomposed-letter": _renamed(edad="edad\u0301"),
    "M-resaved-semicolons": _resaved,
    "M-resaved-commas": _resaved_comma,
    "M-resaved-semicolons-quoted": _resaved_quoted,
    "M-resaved-tabs-quoted": _resaved_tabs,
    "M-swallowed-row": _swallowed_two,
    "M-swallowed-rows": _swallowed,
    "M-totals-row": _totals,
    "M-totals-row-without-word": _totals_unnamed,
    "M-frame-one-code": _frame_code("M33"),
    "M-frame-all-codes": _frame_all,
    "M-round-one-code": _unknown_in_round,
    "M-folder": _folder,
    "M-exchanged": _exchanged,
    "M-another-study": _put(BASELINE, _another_study),
    "M-another-study-signed": _put(BASELINE, _another_study),
}
MESSAGES = (
    *(Leading(id=kind, apply=APPLIED[kind], **case) for kind, case in cases(__file__).items()),
    *(
        Leading(
            id=f"M-sep-line-{i}",
            words="a spreadsheet's line `sep=` stands before the header",
            apply=_sep(mark, name),
            says=("sep=",),
            never=("is empty", "no name in the header", BYTE_ORDER),
            settings={BASELINE: {"dialect": {"encoding": encoding}}},
        )
        for i, (mark, name, encoding) in enumerate(
            ((";", ENDLINE, "utf-8"), (",", BASELINE, "utf-8"), (";", BASELINE, SIGNED))
        )
    ),
    *(
        Leading(
            id=f"M-group-prefix-{i}",
            words="the export names its groups in front of every column",
            apply=_header(lambda header, form=form: [form.format(name) for name in header]),
            says=(re.escape(form.format("id_persona")), "id_persona`"),
            never=("the delimiter is declared", "check that this is the right file"),
        )
        for i, form in enumerate(GROUPED)
    ),
)


def _in_place(name: str, format_: str, data: bytes, says: str, words: str) -> Leading:
    """Another file in the place of one that no dialect describes."""
    return Leading(
        id=f"M-{name}-for-{format_}",
        words=words,
        apply=_put(BASELINE, data),
        says=(says,),
        never=("ReadstatError", "BadZipFile"),
        settings={BASELINE: {"format": format_, "dialect": None, "sheet": "interviews"}},
    )


FORMATS = (
    _in_place("text", "dta", delivery().files[BASELINE], "text file", "text under a Stata name"),
    _in_place("page", "dta", PAGE.encode(), "web page", "a login page under a Stata name"),
    _in_place("pointer", "dta", POINTER, "Git LFS", "a pointer under a Stata name"),
    _in_place("text", "sav", delivery().files[BASELINE], "text file", "text under an SPSS name"),
    _in_place("gzip", "sav", gzip.compress(b"$FL2", mtime=0), "gzip", "a packed SPSS file"),
    _in_place("pointer", "xlsx", POINTER, "Git LFS", "a pointer under a workbook's name"),
    _in_place("xls", "xlsx", OLD_BOOK, "97|.xls", "an old or encrypted workbook"),
    _in_place("page", "xlsx", PAGE.encode(), "web page", "a page under a workbook's name"),
    _in_place("page", "zip", PAGE.encode(), "web page", "a page under an archive's name"),
)
KINDS: tuple[Leading, ...] = (*OTHER_FILES, *MESSAGES, *FORMATS)
