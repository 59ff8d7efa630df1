from email import message_from_bytes
from email.policy import SMTP

import pytest

from router.partners.dropbox.letter import SUBJECT, letter
from schemas.alarm import Relay
from tests.partners.dropbox.unit_stage import START

RELAY = Relay(host="relay.test", sender="router@hotline.test")
ID = "0190f7a1-0000-7000-8000-000000000001"


@pytest.mark.parametrize(("file", "kind"), [(f"{ID}.p7m", "pkcs7-mime"), (f"{ID}.gpg", "octet-stream")])
def test_a_letter_says_nothing_and_is_the_same_each_time(file: str, kind: str) -> None:
    one, other = (letter(RELAY, "unit@police.test", ID, file, b"\x30\x82sealed", START) for _ in range(2))
    assert one.as_bytes() == other.as_bytes()
    parsed = message_from_bytes(one.as_bytes(policy=SMTP))
    assert (parsed["Subject"], parsed["Message-ID"]) == (SUBJECT, f"<{ID}@hotline.test>")
    assert parsed.get_content_subtype() == kind
    assert parsed.get_payload(decode=True) == b"\x30\x82sealed"
    assert parsed.get_filename() == file
    assert set(parsed.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding",
        "Content-Disposition", "MIME-Version",
    }  # fmt: skip
