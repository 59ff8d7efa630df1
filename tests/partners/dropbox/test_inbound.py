"""An image in every place where a reply may carry one: nothing of it is kept but its size and digest."""

from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.partners.dropbox import inbound
from router.partners.dropbox.inbound import LONGEST, LONGEST_TEXT, Reply, read
from router.world.police_unit import PoliceUnit
from schemas.reply_code import code_of
from tests.partners.dropbox.unit_stage import START, a_unit

IMAGE = b"\xff\xd8\xff\xe0canary-image" + bytes(range(256)) * 8
ID = "0190f7a1-0000-7000-8000-000000000001"


def letter(text: str = "received\r\n") -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    made["From"], made["Subject"] = "unit@police.test", "canary-subject"
    made.set_content(text)
    return made


def attached() -> bytes:
    made = letter()
    made.add_attachment(IMAGE, "image", "jpeg", filename="canary.jpg")
    return made.as_bytes()


def disguised() -> bytes:
    made = letter()
    made.add_attachment(IMAGE, "text", "plain", filename="canary.txt")
    return made.as_bytes()


def inline() -> bytes:
    made = letter()
    made.add_alternative('<img src="cid:canary">', subtype="html")
    page = made.get_payload(1)
    assert isinstance(page, EmailMessage)
    page.add_related(IMAGE, "image", "png", cid="<canary>")
    return made.as_bytes()


def nested() -> bytes:
    inner, made = letter("inner canary"), letter()
    inner.add_attachment(IMAGE, "image", "jpeg", filename="canary.jpg")
    made.add_attachment(inner)
    return made.as_bytes()


def as_signature() -> bytes:
    made = letter()
    made.add_attachment(IMAGE * 8, "application", "pkcs7-signature", filename="smime.p7s")
    return made.as_bytes()


@pytest.mark.parametrize("message", [attached(), disguised(), inline(), nested(), as_signature()])
def test_nothing_but_text_is_kept(message: bytes) -> None:
    reply = read(message)
    assert reply.text.strip() == "received"
    assert not reply.is_signed
    assert "canary" not in repr(reply).replace("canary-subject", "")
    assert any(one.size >= len(IMAGE) for one in reply.dropped)


def test_what_is_dropped_leaves_its_size_and_digest() -> None:
    (dropped,) = read(attached()).dropped
    assert (dropped.kind, dropped.size, dropped.sha256) == ("image/jpeg", len(IMAGE), sha256(IMAGE).hexdigest())


@pytest.mark.parametrize("file", [IMAGE, b"\x00text", b"x" * (LONGEST_TEXT + 1)])
def test_a_file_that_is_no_text_is_not_kept(file: bytes) -> None:
    assert read(file).text == ""
    assert read(file).dropped


def test_a_text_that_is_longer_than_any_answer_is_not_kept() -> None:
    assert read(letter("x" * 70 + "\r\n" * 1).as_bytes()).text
    assert read(letter(("x" * 70 + "\r\n") * 1000).as_bytes()).text == ""


def test_what_is_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "LONGEST", 10)
    assert read(attached()).text == ""
    assert LONGEST >= 10**7


@given(st.binary(max_size=4000))
def test_any_bytes_are_read(message: bytes) -> None:
    reply = read(message)
    assert len(reply.text) <= LONGEST_TEXT
    assert all(ord(one) >= 32 or one in "\t\r\n" for one in reply.text)


def test_numbers_stand_beside_codes_or_once_for_all() -> None:
    code = code_of(ID)
    assert Reply(f"{code} FP.12/2026").numbers() == {ID: "FP.12/2026"}
    assert Reply(f"{code}: 77").numbers() == {ID: "77"}
    assert Reply(f"PV-nummer: 88\nvoor\n{code}\n").numbers() == {ID: "88"}
    assert Reply(f"{code} <script>").numbers() == {ID: ""}
    assert Reply("no code: 5").numbers() == {}
    assert Reply(f"{code[:-1]}X 12").numbers() in ({}, {ID: "12"})


def signed_by(police: PoliceUnit, text: str) -> bytes:
    return police.answer({code_of(ID): text}).read_bytes()


def test_a_signature_counts_for_the_text_that_it_covers(tmp_path_factory: pytest.TempPathFactory) -> None:
    police = a_unit(tmp_path_factory.mktemp("unit"))
    message = signed_by(police, "42")
    reply = read(message, police.identity.pem)
    assert reply.is_signed
    assert reply.numbers() == {ID: "42"}
    assert not read(message.replace(b" 42", b" 43"), police.identity.pem).is_signed
    assert not read(message).is_signed
    other = PoliceUnit(tmp_path_factory.mktemp("other"), START)
    assert not read(message, other.identity.pem).is_signed


def test_a_text_beside_the_signed_one_is_not_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whoever wraps a genuine answer into another letter cannot have other words taken for signed."""
    police = a_unit(tmp_path_factory.mktemp("unit"))
    genuine = signed_by(police, "42")
    head, _, body = genuine.partition(b"\n\n")
    boundary = head.partition(b'boundary="')[2].partition(b'"')[0]
    forged = b"--" + boundary + b"\nContent-Type: text/plain\n\n" + code_of(ID).encode() + b" 66\n\n"
    end = b"--" + boundary + b"--"
    for message in (head + b"\n\n" + forged + body, genuine.replace(end, forged + end)):
        reply = read(message, police.identity.pem)
        assert not (reply.is_signed and "66" in reply.text)
    shadow = forged.replace(boundary, boundary[:-1])
    reply = read(head.replace(boundary, boundary[:-1]) + b"\n\n" + shadow + body, police.identity.pem)
    assert not (reply.is_signed and "66" in reply.text)
