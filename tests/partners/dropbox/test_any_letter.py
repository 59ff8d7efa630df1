"""A letter of any build, with an image in any place of it: nothing of the image is kept but its size and digest.

Letters are built from parts within parts: what a part says it is, how it is encoded, and what it really holds are drawn
apart from one another, so that an image also comes as a text, as a signature, and as a letter of its own.
"""

from base64 import b64encode
from binascii import b2a_qp, hexlify
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.partners.dropbox.inbound import LONGEST_TEXT, read
from router.world.police_unit import PoliceUnit
from tests.partners.dropbox.key_ring import key_ring
from tests.partners.dropbox.unit_stage import START

CANARY = b"canary-image-7f3a"
IMAGES = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF" + CANARY + bytes(range(256)) * 6,
    b"\x89PNG\r\n\x1a\n\x00\x00" + CANARY * 90,
    b"GIF89a" + CANARY + b"\x00" * 1500,
)
TYPES = (
    "image/jpeg", "image/png", "text/plain", "text/plain; charset=latin-1", "text/plain; charset=iso-8859-1",
    "text/plain; charset=punycode", "text/plain; charset=utf-7", "text/plain; name=a.txt", "text/html", "text/rtf",
    "application/octet-stream", "application/pdf", "application/ms-tnef", "application/pkcs7-signature",
    "application/x-pkcs7-signature", "application/pgp-signature", "application/pgp-encrypted", "message/partial",
    "x/" + "y" * 300, "text", "", "multipart/mixed",
)  # fmt: skip
MULTIPARTS = ("mixed", "alternative", "related", "signed", "digest", "report", "parallel", "x-own")
PLACES = ("", "inline", "attachment", 'attachment; filename="canary.jpg"', "inline; filename*=utf-8''canary.jpg")
#: What of an image must be nowhere: its own bytes, and what each encoding makes of them, wherever it begins.
TRACES = (CANARY, hexlify(CANARY), b2a_qp(CANARY), *(b64encode(b"." * at + CANARY)[4:-4] for at in range(3)))


def encoded(content: bytes, how: str) -> tuple[str, bytes]:
    if how == "base64":
        text = b64encode(content)
        return how, b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))
    if how == "quoted-printable":
        return how, b2a_qp(content, istext=False)
    if how == "in its text":  # what somebody pastes: a mail program sees a plain text
        text = b64encode(content)
        return "7bit", b"look:\r\n" + b"\r\n".join(text[at : at + 64] for at in range(0, len(text), 64)) + b"\r\n"
    if how == "as a link":
        return "8bit", b"<data:image/jpeg;base64," + b64encode(content)[:200] + b">"
    return how, content


@st.composite
def leaves(draw: st.DrawFn) -> bytes:
    image = draw(st.sampled_from(IMAGES)) * draw(st.sampled_from((1, 1, 1, 40)))
    ways = ("base64", "quoted-printable", "binary", "8bit", "x-uuencode", "in its text", "as a link")
    how, body = encoded(image, draw(st.sampled_from(ways)))
    head = b"Content-Transfer-Encoding: " + how.encode()
    if type_ := draw(st.sampled_from(TYPES)):
        head += b"\r\nContent-Type: " + type_.encode()
    if place := draw(st.sampled_from(PLACES)):
        head += b"\r\nContent-Disposition: " + place.encode()
    return head + b"\r\n\r\n" + body


TEXTS = st.sampled_from((b"received", b"Content-Type: text/plain\r\n\r\nreceived", b"\r\nreceived, number 12/2026"))


def within(parts: st.SearchStrategy[bytes]) -> st.SearchStrategy[bytes]:
    @st.composite
    def built(draw: st.DrawFn) -> bytes:
        if draw(st.integers(0, 4)) == 0:
            return b"Content-Type: message/rfc822\r\n\r\nSubject: " + CANARY + b"\r\n" + draw(parts)
        boundary = draw(st.sampled_from((b"b", b"bb", b"=_1")))
        held = draw(st.lists(parts, min_size=1, max_size=4))
        kind = draw(st.sampled_from(MULTIPARTS)).encode()
        head = b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n\r\n'
        end = draw(st.sampled_from((b"\r\n--" + boundary + b"--\r\n", b"", b"\r\n--" + boundary)))
        preface = draw(st.sampled_from((b"", CANARY)))
        return head + preface + b"".join(b"\r\n--" + boundary + b"\r\n" + one for one in held) + end

    return built()


LETTERS = st.recursive(TEXTS | leaves(), within, max_leaves=8)


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str | None, ...]]:
    """Keys by which an answer may be believed: where there is one, signatures are verified."""
    base = tmp_path_factory.mktemp("pinned")
    with key_ring(base / "gpg", "unit@police.test") as ring:
        yield (None, None, None, PoliceUnit(base / "unit", START).identity.pem, ring.public)


@settings(max_examples=200, deadline=None)
@given(LETTERS, st.sampled_from((b"From: unit@police.test\r\nSubject: x\r\n", b"")), st.integers(0, 4))
def test_of_an_image_nothing_is_kept_wherever_it_is(
    pinned: tuple[str | None, ...], letter: bytes, head: bytes, key: int
) -> None:
    reply = read(head + letter, pinned[key])
    kept = repr(reply).encode()
    for trace in TRACES:
        assert trace not in kept, letter
    assert len(reply.text) <= LONGEST_TEXT
    assert not reply.is_signed, "an image signs nothing"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(IMAGES), min_size=1, max_size=5), st.sampled_from(MULTIPARTS))
def test_each_part_that_is_dropped_leaves_its_size_and_digest(images: list[bytes], kind: str) -> None:
    parts = b"".join(
        b"\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded(one, "base64")[1]
        for one in images
    )
    text = b"\r\n--b\r\nContent-Type: text/plain\r\n\r\nreceived"
    reply = read(b"Content-Type: multipart/" + kind.encode() + b'; boundary="b"\r\n' + text + parts + b"\r\n--b--\r\n")
    assert [(one.size, one.sha256) for one in reply.dropped] == [(len(one), sha256(one).hexdigest()) for one in images]


@pytest.mark.parametrize("how", ["nested", "a boundary of its own", "headers only"])
def test_a_letter_that_is_made_to_break_its_reader_costs_no_other_letter(how: str) -> None:
    letter = {
        "nested": b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (at, at) for at in range(3000)
        ),
        "a boundary of its own": b"Content-Type: multipart/signed; boundary*=unknown'x'%ff%00\r\n\r\n--x\r\n\r\nA",
        "headers only": b"Content-Type: text/plain; charset*0*=\xff''%zz\r\nContent-Disposition: \xff; filename*=%\r\n"
        * 9,
    }[how]
    assert read(letter + CANARY).text in ("", "A" + CANARY.decode())


def test_verifying_leaves_nothing_in_the_folder_of_temporary_files(
    pinned: tuple[str | None, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    with TemporaryDirectory() as folder:
        monkeypatch.setattr("tempfile.tempdir", folder)
        signed = b'Content-Type: multipart/signed; boundary="b"\r\n\r\n--b\r\n\r\nreceived\r\n--b\r\n'
        for type_, key in (("pkcs7", pinned[3]), ("pgp", pinned[4])):
            head = f"Content-Type: application/{type_}-signature\r\n\r\n".encode()
            assert not read(signed + head + IMAGES[1] + b"\r\n--b--\r\n", key).is_signed
        assert list(Path(folder).iterdir()) == []


def test_a_text_that_another_reader_sees_as_parts_is_not_kept() -> None:
    """Borders within borders of the same name: readers disagree on where a part ends, and each would be right."""
    letter = b"\r\n".join((
        b"From: unit@police.test", b'Content-Type: multipart/mixed; boundary="bb"', b"",
        b"--bb", b'Content-Type: multipart/mixed; boundary="b"', b"",
        b"--b", b'Content-Type: multipart/mixed; boundary="bb"', b"",
        b"--bb", b"", b"received",
        b"--b", b"Content-Type: message/rfc822", b"", b"Subject: " + CANARY, b"", b"seen", b"--b--", b"--bb--", b"",
    ))  # fmt: skip
    assert CANARY.decode() not in repr(read(letter))
