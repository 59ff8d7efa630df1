import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from router.data.digest import digest
from router.data.gather import gather
from router.errors import CannotStart


def npm_package(file: Path, content: bytes) -> None:
    with tarfile.open(file, "w:gz") as archive:
        entry = tarfile.TarInfo("package/data.csv")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))


def test_a_kept_package_is_checked_and_unpacked(tmp_path: Path) -> None:
    npm_package(tmp_path / "numbers-1.0.tgz", b"1,2,NL\n")
    pinned = {"name": "numbers", "get": "npm", "package": "numbers", "version": "1.0", "sha256": ""}
    pinned["sha256"] = digest(tmp_path / "numbers-1.0.tgz")
    assert (gather([pinned], tmp_path)["numbers"] / "data.csv").read_bytes() == b"1,2,NL\n"


def test_a_wheel_is_unpacked_as_it_lies(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "words-2.whl", "w") as archive:
        archive.writestr("words/data/words.txt", "hello")
    pinned = {
        "name": "words",
        "get": "pypi",
        "package": "words",
        "version": "2",
        "sha256": digest(tmp_path / "words-2.whl"),
    }
    assert (gather([pinned], tmp_path)["words"] / "words/data/words.txt").read_text() == "hello"


def test_a_package_that_is_not_the_pinned_one_is_refused(tmp_path: Path) -> None:
    npm_package(tmp_path / "numbers-1.0.tgz", b"1,2,XX\n")
    pinned = {"name": "numbers", "get": "npm", "package": "numbers", "version": "1.0", "sha256": "0" * 64}
    with pytest.raises(CannotStart, match="numbers is not the pinned one"):
        gather([pinned], tmp_path)
    assert not (tmp_path / "unpacked").exists()


def test_an_archive_may_not_leave_its_folder(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "evil-1.tgz", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("../outside"), io.BytesIO(b""))
    pinned = {
        "name": "evil",
        "get": "npm",
        "package": "evil",
        "version": "1",
        "sha256": digest(tmp_path / "evil-1.tgz"),
    }
    with pytest.raises(tarfile.OutsideDestinationError):
        gather([pinned], tmp_path)
