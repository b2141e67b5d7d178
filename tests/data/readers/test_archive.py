"""Zip archives: declared members or one clear refusal; nothing written, nothing cut in silence."""

import dataclasses
import io
import random
import stat
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.config.file_layout import Dialect, Export, Repeat
from evaluation.config.manifest import RawFile
from evaluation.data.readers import archive
from evaluation.data.readers import archive as archive_directory
from evaluation.errors import DataError
from tests.data import in_spanish
from tests.tables import cases

CASES = cases(__file__)

INTERVIEWS = b"KEY,x\nuuid:1,2\n"
PEOPLE = b"PARENT_KEY,age\nuuid:1,30\n"
EXPORT = Export(
    member="form.csv",
    repeat=(Repeat(member="form-people.csv", parent="PARENT_KEY", key="KEY", most=2),),
    ignore_members=("media/*",),
    largest_mb=1,
)
WHOLE = {"form.csv": INTERVIEWS, "form-people.csv": PEOPLE}


def file(export: Export = EXPORT) -> RawFile:
    return RawFile(
        id="b", path="baseline.zip", role="baseline", round="baseline", format="zip", sha256="",
        rows=1, origin="test", export=export,
        dialect=Dialect(encoding="utf-8", delimiter=",", decimal="."),
    )  # fmt: skip


def zipped(content: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, data in content.items():
            target.writestr(zipfile.ZipInfo(name, (2021, 1, 1, 0, 0, 0)), data, method)
    return buffer.getvalue()


def with_entry(entry: zipfile.ZipInfo, data: bytes = b"x") -> bytes:
    """The whole export and one further member, which may have any name."""
    buffer = io.BytesIO(zipped(WHOLE))
    with zipfile.ZipFile(buffer, "a") as target:
        target.writestr(entry, data)
    return buffer.getvalue()


def raw_entry(name: bytes, packed: bytes, **said: int) -> tuple[bytes, bytes]:
    """Local header with content, and directory entry, saying what they are told to say."""
    fields = {"flags": 0, "method": 8, "crc": 0, "size": 0, "attributes": 0, "offset": 0} | said
    sizes = struct.pack("<3I", fields["crc"], fields.get("stated", len(packed)), fields["size"])
    head = struct.pack("<5H", 20, fields["flags"], fields["method"], 0, 0x2821) + sizes
    local = b"PK\x03\x04" + head + struct.pack("<2H", len(name), 0) + name + packed
    central = b"PK\x01\x02\x14\x03" + head
    central += struct.pack("<5H2I", len(name), 0, 0, 0, 0, fields["attributes"], fields["offset"])
    return local, central + name


def by_hand(*entries: tuple[bytes, bytes]) -> bytes:
    """An archive of such entries; offsets are theirs to get right."""
    locals_ = b"".join(local for local, _ in entries)
    directory = b"".join(central for _, central in entries)
    end = struct.pack("<4H2IH", 0, 0, len(entries), len(entries), len(directory), len(locals_), 0)
    return locals_ + directory + b"PK\x05\x06" + end


def one_member(data: bytes, *, pad: bytes = b"", **said: int) -> bytes:
    """An archive of form.csv only, whose headers say what they are told to say."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(data) + packer.flush() + pad
    truth = {"size": len(data), "crc": zlib.crc32(data)}
    return by_hand(raw_entry(b"form.csv", packed, **(truth | said)))


def noise(count: int) -> bytes:
    return random.Random(1).randbytes(count)  # noqa: S311 - bytes that do not pack


ALONE = dataclasses.replace(EXPORT, repeat=())


def refusal(data: bytes, export: Export = EXPORT) -> DataError:
    with in_spanish.refusal() as raised:
        archive.members(data, file(export))
    assert raised.value.where == "baseline.zip"
    return raised.value


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_declared_members_come_as_they_were_packed(method):
    data = zipped(WHOLE | {"media/": b"", "media/a.jpg": b"\xff\xd8"}, method)
    assert archive.members(data, file()) == WHOLE
    assert list(archive.members(data, file())) == ["form.csv", "form-people.csv"]


def test_the_builder_by_hand_builds_a_sound_archive():
    # the attacks below differ from this one in what they say they differ in
    assert archive.members(one_member(INTERVIEWS), file(ALONE)) == {"form.csv": INTERVIEWS}


def test_a_streamed_archive_is_read():
    # ODK Central streams: sizes stand behind the content, and only the directory repeats them
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_):
            raise OSError

        def tell(self):
            raise OSError

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in WHOLE.items():
            target.writestr(name, data)
    assert pipe.getvalue()[6] & 0x08
    assert archive.members(pipe.getvalue(), file()) == WHOLE


@pytest.mark.parametrize(("name", "said"), CASES["leading_elsewhere"])
def test_names_that_lead_elsewhere_are_refused(name, said):
    error = refusal(with_entry(zipfile.ZipInfo(name)))
    assert error.rule == "archive-path"
    assert said in str(error.problem)
    assert "\x1b" not in str(error)


def test_a_name_with_a_nul_is_refused_though_the_library_cuts_it():
    first = raw_entry(b"form.csv\x00.exe", b"x", method=0, size=1, crc=zlib.crc32(b"x"))
    assert refusal(by_hand(first), ALONE).rule == "archive-path"


def linked(kind: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("media/link")
    entry.create_system = 3
    entry.external_attr = (kind | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("kind", "said"), [(stat.S_IFLNK, "symbolic link"), (stat.S_IFIFO, "special file")]
)
def test_links_and_special_files_are_refused_even_where_ignored(kind, said):
    error = refusal(with_entry(linked(kind), b"/etc/passwd"))
    assert error.rule == "archive-link"
    assert said in str(error.problem)
    assert "'media/link'" in str(error.problem)


@pytest.mark.parametrize("again", ["form.csv", "FORM.csv", "Form.CSV", "form.csv/"])
def test_two_members_of_one_name_are_refused(again):
    data = zipped(WHOLE)
    with pytest.warns(UserWarning, match="Duplicate") if again == "form.csv" else no_warning():
        data = with_entry(zipfile.ZipInfo(again), b"")
    error = refusal(data)
    assert error.rule == "archive-duplicate"
    assert "'form.csv'" in str(error.problem)


class no_warning:  # noqa: N801 - reads as a context
    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...


def test_two_spellings_of_an_accent_are_one_name():
    data = zipped({"form.csv": b"", "media/á": b"", "media/a\u0301": b""})
    assert refusal(data, ALONE).rule == "archive-duplicate"


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar.gz", "INNER.XLSX", "a/b.7z"])
def test_archives_inside_are_refused_by_their_names(name):
    error = refusal(with_entry(zipfile.ZipInfo(name)))
    assert error.rule == "archive-nested"
    assert repr(name) in str(error.problem)


def test_an_archive_inside_under_another_name_is_refused_by_its_content():
    assert refusal(zipped(WHOLE | {"form.csv": zipped(WHOLE)})).rule == "archive-nested"


def test_an_archive_that_nobody_opens_may_be_ignored():
    assert archive.members(with_entry(zipfile.ZipInfo("media/photos.zip")), file()) == WHOLE


def test_members_that_nobody_declared_are_refused():
    error = refusal(with_entry(zipfile.ZipInfo("notes.txt")))
    assert (error.rule, "'notes.txt'" in str(error.problem)) == ("archive-undeclared", True)
    assert "ignore_members" in str(error.fix)


@pytest.mark.parametrize("gone", ["form.csv", "form-people.csv"])
def test_a_missing_member_is_named(gone):
    error = refusal(zipped({name: data for name, data in WHOLE.items() if name != gone}))
    assert (error.rule, repr(gone) in str(error.problem)) == ("archive-missing", True)


def test_a_folder_is_no_member():
    assert refusal(zipped({"form.csv/": b""}), ALONE).rule == "archive-missing"


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_encrypted_members_are_refused(flag):
    error = refusal(one_member(INTERVIEWS, flags=flag), ALONE)
    assert (error.rule, "'form.csv'" in str(error.problem)) == ("archive-encrypted", True)


def test_the_sum_of_sizes_in_the_directory_has_a_limit():
    # 1 MB are 1,000,000 bytes: that many pass, one more does not; ignored members count too
    data = {"form.csv": noise(600_000), "media/a": noise(400_000)}
    assert len(archive.members(zipped(data), file(ALONE))["form.csv"]) == 600_000
    error = refusal(zipped(data | {"media/b": b"x"}), ALONE)
    assert error.rule == "archive-size"
    assert "1,000,001 bytes" in str(error.problem)


def test_a_directory_that_lies_about_sizes_does_not_get_further():
    # 3 MB that both headers call 10 bytes: the library alone would hand over the first 10
    content = b"a,b\n" * 750_000
    lying = one_member(content, size=10, crc=zlib.crc32(content[:10]))
    with zipfile.ZipFile(io.BytesIO(lying)) as source:
        assert source.read("form.csv") == content[:10]
    error = refusal(lying, ALONE)
    assert error.rule == "archive-damaged"
    assert "the 10 bytes that are stated" in str(error.problem)


def test_no_more_than_the_stated_size_is_ever_unpacked(monkeypatch):
    asked: list[int] = []
    real = zlib.decompressobj

    class Watched:
        def __init__(self, wbits: int) -> None:
            self.stream = real(wbits)

        def decompress(self, data: bytes, most: int) -> bytes:
            asked.append(most)
            return self.stream.decompress(data, most)

        def __getattr__(self, name: str):
            return getattr(self.stream, name)

    monkeypatch.setattr(archive.zlib, "decompressobj", Watched)
    refusal(one_member(b"0" * 50_000_000, size=10), ALONE)
    assert asked == [11]


def test_what_is_left_of_the_limit_holds_for_the_next_member():
    # the directory's sum is judged before; this is the second line, reached by a lying directory
    content = noise(1_500)
    stored = {"method": 0, "size": 1_500, "crc": zlib.crc32(content)}
    entry = zipfile.ZipFile(io.BytesIO(by_hand(raw_entry(b"form.csv", content, **stored))))
    data = by_hand(raw_entry(b"form.csv", content, **stored))
    with pytest.raises(DataError) as raised:
        archive._unpacked(data, entry.infolist()[0], file(ALONE), most=1_499)
    assert raised.value.rule == "archive-size"


def test_a_bomb_of_a_thousand_to_one_is_refused_before_it_is_unpacked():
    # 200 MB of one letter packed to about 200 kB
    packer = zlib.compressobj(9, wbits=-15)
    block = b"0" * 1_000_000
    packed = b"".join(packer.compress(block) for _ in range(200)) + packer.flush()
    assert len(packed) < 200_000
    data = by_hand(raw_entry(b"form.csv", packed, size=200_000_000))
    error = refusal(data, dataclasses.replace(ALONE, largest_mb=200))
    assert (error.rule, "'form.csv'" in str(error.problem)) == ("archive-ratio", True)
    assert f" {archive.MOST_RATIO} " in str(error.problem)
    assert refusal(data, ALONE).rule == "archive-size"


def test_a_small_member_may_be_packed_tightly():
    content = b"," * 1_000_000
    assert archive.members(zipped({"form.csv": content}), file(ALONE)) == {"form.csv": content}
    larger = dataclasses.replace(ALONE, largest_mb=2)
    assert refusal(zipped({"form.csv": content + b","}), larger).rule == "archive-ratio"


def test_a_wide_survey_of_blank_cells_is_no_bomb():
    # 5,000 interviews, 590 columns of which 20 are answered
    row = ",".join([*"12345678901234567890", *[""] * 570])
    content = ("\n".join(f"uuid:{i * 7919 % 99991:032x},{row}" for i in range(5_000))).encode()
    assert len(content) > archive_directory.RATIO_FROM
    larger = dataclasses.replace(ALONE, largest_mb=10)
    assert archive.members(zipped({"form.csv": content}), file(larger)) == {"form.csv": content}


def test_too_many_members_are_refused(monkeypatch):
    data = zipped(WHOLE | {f"media/{i}": b"" for i in range(8)})
    monkeypatch.setattr(archive_directory, "MOST_ENTRIES", 10)
    assert archive.members(data, file()) == WHOLE
    monkeypatch.setattr(archive_directory, "MOST_ENTRIES", 9)
    assert refusal(data).rule == "archive-entries"
    monkeypatch.setattr(archive_directory, "MOST_ENTRIES", 10)
    size = data.rfind(b"PK\x05\x06") - data.index(b"PK\x01\x02")
    monkeypatch.setattr(archive_directory, "MOST_DIRECTORY", size)
    assert archive.members(data, file()) == WHOLE
    monkeypatch.setattr(archive_directory, "MOST_DIRECTORY", size - 1)
    assert "directory of" in str(refusal(data).problem)


def test_members_that_share_bytes_are_refused():
    # two directory entries over one content
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(INTERVIEWS) + packer.flush()
    said = {"size": len(INTERVIEWS), "crc": zlib.crc32(INTERVIEWS)}
    first = raw_entry(b"form.csv", packed, **said)
    second = raw_entry(b"media/a", packed, **said)
    assert refusal(by_hand(first, (b"", second[1])), ALONE).rule == "archive-damaged"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (one_member(INTERVIEWS, crc=1), "CRC-32"),
        (one_member(INTERVIEWS, size=len(INTERVIEWS) + 1), "bytes that are stated"),
        (one_member(INTERVIEWS, pad=b"more"), "bytes that are stated"),
        (one_member(INTERVIEWS, stated=5), "bytes that are stated"),
        (one_member(INTERVIEWS, stated=5_000), "reaches into"),
        (one_member(INTERVIEWS, method=12), "another method"),
        (one_member(INTERVIEWS, method=0), "bytes that are stated"),
        (one_member(INTERVIEWS, offset=1), "reaches into|described in another way"),
    ],
)
def test_damaged_members_are_refused(data, said):
    error = refusal(data, ALONE)
    assert error.rule == "archive-damaged"
    assert any(part in str(error.problem) for part in said.split("|"))
    assert "'form.csv'" in str(error.problem)


@pytest.mark.parametrize("other", [{"method": 0}, {"flags": 1}])
def test_a_member_that_its_own_header_describes_otherwise_is_refused(other):
    packed = b"\x4b\x04\x00"  # the letter a, deflated
    said = {"size": 1, "crc": zlib.crc32(b"a")}
    local, central = raw_entry(b"form.csv", packed, **said)
    assert archive.members(by_hand((local, central)), file(ALONE)) == {"form.csv": b"a"}
    local, _ = raw_entry(b"form.csv", packed, **said | other)
    assert "described in another way" in str(refusal(by_hand((local, central)), ALONE).problem)


def test_a_name_that_differs_behind_the_directory_is_refused():
    local, _ = raw_entry(b"FORM.CSV", b"x", method=0, size=1, crc=zlib.crc32(b"x"))
    _, central = raw_entry(b"form.csv", b"x", method=0, size=1, crc=zlib.crc32(b"x"))
    assert "another name" in str(refusal(by_hand((local, central)), ALONE).problem)


def test_directories_that_cannot_be_read_are_refused():
    whole = one_member(INTERVIEWS)
    at = whole.index(b"PK\x01\x02")
    changed = whole[:at] + b"PK\x01\x03" + whole[at + 4 :]
    assert "directory cannot be read (BadZipFile)" in str(refusal(changed, ALONE).problem)
    assert "its directory is gone" in str(refusal(whole[:at], ALONE).problem)


def test_a_member_before_the_beginning_is_refused():
    # the end says that the directory lies 5 bytes further on: every member moves 5 bytes back
    whole = one_member(INTERVIEWS)
    at = len(whole) - 6
    (offset,) = struct.unpack_from("<I", whole, at)
    moved = whole[:at] + struct.pack("<I", offset + 5) + whole[at + 4 :]
    assert refusal(moved, ALONE).rule == "archive-damaged"


def test_content_that_begins_behind_the_end_is_refused():
    whole = bytearray(one_member(INTERVIEWS))
    whole[28:30] = b"\xff\xff"
    assert "is cut" in str(refusal(bytes(whole), ALONE).problem)


def test_content_that_is_no_deflate_is_refused():
    data = by_hand(raw_entry(b"form.csv", b"\xff" * 9, size=9))
    assert "cannot be unpacked" in str(refusal(data, ALONE).problem)


@pytest.mark.parametrize("flags", [0, 0x800])
def test_names_with_accents_and_blanks_are_names(flags):
    # without the mark for UTF-8 a name is in the code page of the first PCs
    name = "año 2021 línea.csv"
    raw = name.encode("utf-8" if flags else "cp437")
    data = by_hand(raw_entry(raw, b"x", method=0, size=1, crc=zlib.crc32(b"x"), flags=flags))
    export = dataclasses.replace(ALONE, member=name)
    assert archive.members(data, file(export)) == {name: b"x"}


def test_an_endless_name_does_not_fill_the_screen():
    error = refusal(with_entry(zipfile.ZipInfo("n" * 60_000)))
    assert len(str(error)) < 300
    assert "n" * archive_directory.SHOWN + "..." in str(error.problem)


def test_what_is_no_archive_is_said_to_be_none():
    for data in (b"", b"KEY,x\n1,2\n", b"\xd0\xcf\x11\xe0" + bytes(600)):
        assert refusal(data).rule == "archive"


def test_an_archive_cut_anywhere_is_refused():
    data = zipped(WHOLE)
    for end in range(4, len(data)):
        assert refusal(data[:end]).rule in ("archive-damaged", "archive-missing"), end


def test_nothing_is_written(tmp_path, monkeypatch):
    folder = tmp_path / "deep" / "here"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    attacks = [
        with_entry(zipfile.ZipInfo("../marker")),
        with_entry(zipfile.ZipInfo(f"{tmp_path}/marker")),
        with_entry(linked(stat.S_IFLNK), b"../.."),
        with_entry(zipfile.ZipInfo("notes.txt")),
    ]
    # the marker works: joined to a folder as it stands, the name leaves that folder
    (folder / "../marker").write_bytes(b"")
    assert (tmp_path / "deep" / "marker").exists()
    (tmp_path / "deep" / "marker").unlink()
    for data in attacks:
        refusal(data)
    assert archive.members(zipped(WHOLE), file()) == WHOLE
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == [
        "deep",
        "deep/here",
    ]


@pytest.mark.property
@given(data=st.data())
def test_any_damage_is_refused_or_harmless(data):
    """Changed bytes give the declared content or a refusal, and never another exception."""
    whole = bytearray(zipped(WHOLE))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    try:
        got = archive.members(bytes(whole), file())
    except DataError as error:
        got = {error.rule.split("-")[0]: b""}
    assert got in (WHOLE, {"archive": b""})


def test_a_file_without_an_export_is_a_mistake_of_the_manifest():
    described = dataclasses.replace(file(), export=None)
    with pytest.raises(DataError, match="no export"):
        archive.members(zipped(WHOLE), described)
