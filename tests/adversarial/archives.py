"""Cases 51, 52, 53 and 56 as data: what a student can put into the archive that a platform hands out.

Each builds a zip file that also holds the honest submission of `next`, and says what must come of it. The harness needs
no more than `autograder collect`: nothing in here is ever executed.
"""

from __future__ import annotations

import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

from tests.collect.archives import Member, link, renamed, special, tarred, zipped, zipped_members

STUDENT, NEXT = "mallory", "next"
MEBIBYTE = 2**20
Build = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Package:
    """One archive that means harm, or looks as if it did.

    Attributes:
        number: Its number in the list of cases.
        sentence: What is in it, unique.
        build: Makes the zip file, given an honest notebook called `sums.ipynb`.
        refused: For each refusal, in any order: words of its line.
        kept: What must lie in the student's submission; None when nothing of the student may be in place.
        whole: Words of the error when nothing of the archive is taken, `next` included; "" when `next` is.
        noted: Words of the student's notes.
    """

    number: int
    sentence: str
    build: Build
    refused: tuple[str, ...] = ()
    kept: frozenset[str] | None = frozenset({"sums.ipynb"})
    whole: str = ""
    noted: str = ""


def _beside(*members: Member) -> Build:
    """The honest submission of `next`, one of the student's, and these members."""

    def build(notebook: bytes) -> bytes:
        own = (f"{STUDENT}/sums.ipynb", notebook)
        return zipped_members([own, *members, (f"{NEXT}/sums.ipynb", notebook)])

    return build


def _instead(make: Callable[[bytes], list[Member]]) -> Build:
    """The honest submission of `next`, and what the student hands in instead of a notebook."""

    def build(notebook: bytes) -> bytes:
        return zipped_members([*make(notebook), (f"{NEXT}/sums.ipynb", notebook)])

    return build


def _packed(make: Callable[[bytes], bytes], name: str = "work.zip") -> Build:
    """The student hands in an archive."""
    return _instead(lambda notebook: [(f"{STUDENT}/{name}", make(notebook))])


def _name(name: str, *words: str, number: int = 51) -> Package:
    shown = name.encode("unicode_escape").decode() if len(name) < 80 else f"{name[:20].strip('/')} and so on"
    return Package(number, f"a member is called {shown}", _beside((name, b"x")), words)


def _latin_name(notebook: bytes) -> bytes:
    return renamed(_beside((f"{STUDENT}/XXXX.csv", b"x"))(notebook), b"XXXX.csv", b"d\xf6\xe9\xff.csv")


def _nul(notebook: bytes) -> bytes:
    return renamed(_beside((f"{STUDENT}/sums.ipynbX.txt", b"x"))(notebook), b"ipynbX.txt", b"ipynb\x00.txt")


def _encrypted(notebook: bytes) -> bytes:
    archive = bytearray(_beside((f"{STUDENT}/secret.csv", b"x"))(notebook))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = archive.index(signature, archive.index(signature) + 1)  # the second member's
        archive[at + offset] |= 1
    return bytes(archive)


def _lying_size(claimed: int) -> Build:
    """A member of 4,000,000 bytes that says it is of another size."""

    def build(notebook: bytes) -> bytes:
        content = b"0123456789" * 400_000
        archive = _beside((f"{STUDENT}/lies.csv", content))(notebook)
        return archive.replace(struct.pack("<L", len(content)), struct.pack("<L", claimed))

    return build


def _damaged(notebook: bytes) -> bytes:
    archive = bytearray(_beside((zipfile.ZipInfo(f"{STUDENT}/torn.csv"), b"abcdefgh" * 40))(notebook))
    at = archive.index(b"torn.csv") + len(b"torn.csv") + 4
    archive[at] ^= 0xFF
    return bytes(archive)


def _overlapping(notebook: bytes) -> bytes:
    archive = bytearray(zipped_members([(f"{STUDENT}/sums.ipynb", notebook), (f"{STUDENT}/sums2.ipynb", notebook)]))
    second = archive.index(b"PK\x01\x02", archive.index(b"PK\x01\x02") + 1)
    archive[second + 42 : second + 46] = struct.pack("<L", 10)
    return bytes(archive)


def _members(number: int) -> bytes:
    """Return a list of so many members, which nobody writes out one by one."""
    member = b"PK\x01\x02" + b"\x14\x00" * 2 + b"\x00" * 20 + struct.pack("<HHH", 1, 0, 0) + b"\x00" * 12 + b"a"
    directory = member * number
    end = struct.pack("<4sHHHHLLH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(directory), 0, 0)
    return directory + end


def _bomb(*, files: int = 1, mebibytes: int = 64) -> list[Member]:
    return [(f"{number}.bin", bytes(mebibytes * MEBIBYTE)) for number in range(files)]


def _tar_with(info: tarfile.TarInfo, kind: bytes, target: str = "") -> Callable[[bytes], bytes]:
    info.type, info.linkname = kind, target
    return lambda notebook: tarred([("sums.ipynb", notebook), (info, b"")])


def _endless_header(_: bytes) -> bytes:
    """Return a tar file of kilobytes with a header of 64 MiB, which tarfile reads whole."""
    info = tarfile.TarInfo("x")
    info.pax_headers = {"comment": "0" * 64 * MEBIBYTE}
    return tarred([(info, b"")])


PACKAGES: tuple[Package, ...] = (
    # 51: names
    _name("../../../canary.txt", "leads out of its folder"),
    _name(f"{STUDENT}/../{NEXT}/sums.ipynb", "leads out of its folder"),
    _name("/etc/cron.d/canary", "an absolute path"),
    _name("C:/Windows/canary.txt", "a drive's letter"),
    _name(f"{STUDENT}\\..\\..\\canary.txt", "the character \\"),
    _name(f"{STUDENT}/{'a' * 300}.csv", "longer than"),
    _name(f"{STUDENT}/{'d/' * 30}x.csv", "folders deep"),
    _name(f"{STUDENT}/line\nbreak.csv", "line\\nbreak.csv: a character that is not seen (U+000A)"),
    _name(f"{STUDENT}/\x1b[2Jcleared.csv", "\\x1b[2Jcleared.csv: a character that is not seen (U+001B)"),
    _name(f"{STUDENT}/gpj.\u202ebypi.csv", "(U+202E)"),
    _name(f"{STUDENT}/data\u200b.csv", "(U+200B)"),
    _name(f"{STUDENT}/; rm -rf ~.csv", "the character ;"),
    _name(f"{STUDENT}/$(reboot).csv", "the character $"),
    _name(f"{STUDENT}/`reboot`.csv", "the character `"),
    _name(f"{STUDENT}/SUMS.ipynb", "differs only in case"),
    Package(51, "a NUL hides a name's real ending", _nul, ("ipynb\\x00.txt: a character that is not seen (U+0000)",)),
    Package(
        51,
        "two names differ only in how an accent is composed",
        _beside((f"{STUDENT}/e\u0301.csv", b"1"), (f"{STUDENT}/\u00e9.csv", b"2")),  # taken composed
        ("differs only in case",),
        frozenset({"sums.ipynb", "\u00e9.csv"}),
    ),
    Package(
        51,
        "a file has the name of another one's folder",
        _beside((f"{STUDENT}/data", b"1"), (f"{STUDENT}/data/x.csv", b"2")),
        ("data/x.csv",),
        frozenset({"sums.ipynb", "data"}),
    ),
    Package(
        51,
        "an emoji is an ordinary letter",
        _beside((f"{STUDENT}/\N{ROCKET}.csv", b"1")),
        (),
        frozenset({"sums.ipynb", "\N{ROCKET}.csv"}),
    ),
    Package(
        51,
        "a name in no known encoding is a name all the same",
        _latin_name,
        (),
        frozenset({"sums.ipynb", b"d\xf6\xe9\xff.csv".decode("cp437")}),
    ),
    Package(51, "the folder of the student leads out", _beside(("../mallory2/sums.ipynb", b"x")), ("leads out",)),
    Package(
        51,
        "the student's own zip leads out",
        _packed(lambda notebook: zipped({"sums.ipynb": notebook, "../../../canary.txt": "x"})),
        ("work.zip: ../../../canary.txt: a path that leads out",),
    ),
    Package(
        51,
        "the student's own time",
        _beside((f"{STUDENT}/timestamp.txt", b"2001-01-01 00:00:00 UTC")),
        noted="timestamp.txt",
    ),
    # 52: archives
    Package(52, "a million members", lambda _: _members(1_000_000), whole="a list of members of", kept=None),
    Package(
        52,
        "200,000 members in the student's own zip",
        _packed(lambda _: _members(200_000)),
        ("work.zip: a list of members of",),
        None,
    ),
    Package(52, "members that overlap", _overlapping, whole="overlap", kept=None),
    Package(
        52,
        "64 MiB of nothing",
        _beside((f"{STUDENT}/zeros.bin", bytes(64 * MEBIBYTE))),
        ("zeros.bin: 67,108,864 bytes packed into",),
    ),
    Package(
        52,
        "a bomb in the student's own zip",
        _packed(lambda notebook: zipped_members([("sums.ipynb", notebook), *_bomb()])),
        ("work.zip: 0.bin: 67,108,864 bytes packed into",),
    ),
    Package(
        52,
        "many files in the student's own zip, each of them allowed",
        _packed(lambda notebook: zipped_members([("sums.ipynb", notebook), *_bomb(files=8, mebibytes=16)])),
        ("work.zip: it unpacks to",),
        None,
    ),
    Package(
        52,
        "a zip in a zip in a zip",
        _packed(lambda notebook: zipped({"sums.ipynb": notebook, "deeper.zip": zipped({"x": "1"})})),
        ("work.zip: deeper.zip: an archive within an archive",),
    ),
    Package(52, "a size that is more than said", _lying_size(100), ("lies.csv: damaged",)),
    Package(52, "a size that is less than said", _lying_size(4_000_007), ("lies.csv: damaged: 7 of its",)),
    Package(52, "a byte that was flipped", _damaged, ("torn.csv: damaged",)),
    Package(52, "a member with a password", _encrypted, ("secret.csv: encrypted",)),
    Package(
        52,
        "more files than anybody writes",
        _beside(*((f"{STUDENT}/{number}.txt", b"") for number in range(2001))),
        ("more than the 2,000 files",) * 2,
        frozenset({"sums.ipynb", *(f"{number}.txt" for number in range(1999))}),
    ),
    Package(
        52, "a .rar", _packed(lambda _: b"Rar!\x1a\x07", "work.rar"), ("work.rar: a .rar archive is not read",), None
    ),
    Package(52, "a .7z", _packed(lambda _: b"7z\xbc\xaf", "work.7z"), ("work.7z: a .7z archive is not read",), None),
    Package(52, "a zip of 0 bytes", _packed(lambda _: b""), ("work.zip: an empty file",), None),
    Package(
        52,
        "a zip that was cut off",
        _packed(lambda notebook: zipped({"sums.ipynb": notebook})[:-40]),
        ("work.zip: a zip file that is damaged or was cut off",),
        None,
    ),
    Package(52, "a zip that is none", _packed(lambda _: b"hello"), ("work.zip: something else than a zip",), None),
    Package(52, "an archive of 0 bytes", lambda _: b"", whole="an empty file", kept=None),
    Package(
        52,
        "an archive that was cut off",
        lambda notebook: zipped({f"{NEXT}/sums.ipynb": notebook})[:-30],
        whole="cut off",
        kept=None,
    ),
    Package(52, "an archive that is none", lambda _: b"<html>", whole="something else than a zip file", kept=None),
    Package(
        52,
        "a notebook of 0 bytes",
        _instead(lambda _: [(f"{STUDENT}/sums.ipynb", b"")]),
        ("mallory/sums.ipynb: an empty file",),
        None,
    ),
    Package(
        52,
        "a tar with a device",
        _packed(_tar_with(tarfile.TarInfo("zero"), tarfile.CHRTYPE), "work.tar.gz"),
        ("zero: neither an ordinary file",),
    ),
    Package(
        52,
        "a tar with a hard link",
        _packed(_tar_with(tarfile.TarInfo("hard"), tarfile.LNKTYPE, "/etc/passwd"), "work.tgz"),
        ("hard: a link",),
    ),
    Package(
        52,
        "a tar with a symbolic link",
        _packed(_tar_with(tarfile.TarInfo("soft"), tarfile.SYMTYPE, "/etc/passwd"), "work.tar.gz"),
        ("soft: a link",),
    ),
    Package(
        52,
        "a tar that leads out",
        _packed(lambda notebook: tarred([("sums.ipynb", notebook), ("../../x", b"x")]), "work.tar.gz"),
        ("../../x: a path that leads out",),
    ),
    Package(
        52,
        "a tar with a header without end",
        _packed(_endless_header, "work.tar.gz"),
        ("work.tar.gz: a list of members of",),
        None,
    ),
    Package(
        52,
        "a gzip bomb",
        _packed(lambda _: tarred([("zeros", bytes(128 * MEBIBYTE))]), "work.tar.gz"),
        ("work.tar.gz: it unpacks to more than",),
        None,
    ),
    # 53: links
    Package(53, "a link to the source", _beside((link(f"{STUDENT}/source"), b"../../source")), ("source: a link",)),
    Package(
        53,
        "a link in the student's own zip",
        _packed(lambda notebook: zipped_members([("sums.ipynb", notebook), (link("answers"), b"/etc/passwd")])),
        ("work.zip: answers: a link",),
    ),
    Package(
        53,
        "a file behind a link",
        _beside((link(f"{STUDENT}/out"), b"/tmp"), (f"{STUDENT}/out/x.txt", b"x")),
        ("mallory/out: a link",),
        frozenset({"sums.ipynb", "out/x.txt"}),
    ),
    Package(
        53, "the notebook is a link", _instead(lambda _: [(link(f"{STUDENT}/sums.ipynb"), b"/x")]), ("a link",), None
    ),
    Package(
        53,
        "a pipe and a device",
        _beside((special(f"{STUDENT}/pipe", stat.S_IFIFO), b""), (special(f"{STUDENT}/disk", stat.S_IFBLK), b"")),
        ("pipe: neither a file", "disk: neither a file"),
    ),
    # 56: notebooks
    Package(
        56,
        "the notebook renamed",
        _instead(lambda notebook: [(f"{STUDENT}/sums (1) final.ipynb", notebook)]),
        noted="is sums.ipynb by its cells; renamed",
    ),
    Package(
        56,
        "the notebook in a folder, beside another folder",
        _instead(lambda notebook: [(f"{STUDENT}/a/sums.ipynb", notebook), (f"{STUDENT}/b/x.csv", b"1")]),
        kept=frozenset({"sums.ipynb", "b/x.csv"}),
        noted="a/sums.ipynb is sums.ipynb by its cells",
    ),
    Package(
        56,
        "two versions of the notebook",
        _instead(lambda notebook: [(f"{STUDENT}/a.ipynb", notebook), (f"{STUDENT}/b.ipynb", notebook + b" ")]),
        kept=None,
        noted="found a.ipynb and b.ipynb with its cells",
    ),
    Package(
        56,
        "another version beside the notebook",
        lambda notebook: _beside((f"{STUDENT}/new.ipynb", notebook + b" "))(notebook),
        kept=None,
        noted="found sums.ipynb and new.ipynb with its cells",
    ),
    Package(
        56,
        "the same notebook twice",
        lambda notebook: _beside((f"{STUDENT}/copy.ipynb", notebook))(notebook),
        noted="copy.ipynb is the same file as sums.ipynb",
    ),
    Package(
        56,
        "another notebook, of another assignment",
        _instead(lambda _: [(f"{STUDENT}/other.ipynb", b'{"cells": [], "metadata": {}, "nbformat": 4}')]),
        kept=None,
        noted="expected sums.ipynb, found other.ipynb",
    ),
)
