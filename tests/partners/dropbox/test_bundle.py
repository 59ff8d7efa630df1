import json
from base64 import b64decode
from zoneinfo import ZoneInfo

from router.partners.dropbox.bundle import Heading, bundle, entity
from router.world.police_unit import read_bundle
from schemas.reply_code import referral_of
from tests.partners.dropbox.unit_stage import SIGNERS, START

ID = "0190f7a1-0000-7000-8000-000000000001"
URL = "https://host.test/p%20q?x=1#é"
ITEM = {"referral_id": ID, "location": URL, "assessment": {"value": "baseline"}}
HEADING = Heading("be", "unit", START, "AA", "BB", "fr", ZoneInfo("UTC"), ("openssl",), "art. 1")


def test_it_holds_the_location_to_the_byte_and_readable() -> None:
    said = bundle(ID, HEADING, [ITEM])
    (item,) = said["items"]
    assert item["location"] == URL
    assert item["location_shown"] == "hxxps://host[.]test/p%20q?x=1#é"
    assert referral_of(item["reply_code"]) == ID
    assert (said["asked"], said["provider_contacted"], said["law"]) == ("take_over", False, "art. 1")


def test_a_copy_is_for_information_and_what_was_told_says_so() -> None:
    assert bundle(ID, HEADING, [{**ITEM, "copy": True}])["asked"] == "for_information"
    assert "copy" not in bundle(ID, HEADING, [{**ITEM, "copy": True}])["items"][0]
    assert bundle(ID, HEADING, [ITEM], {"at": "now"})["told"] == {"at": "now"}
    assert "told" not in bundle(ID, HEADING, [ITEM])


def test_three_views_of_one_truth_and_a_signature_on_their_digests() -> None:
    said = bundle(ID, HEADING, [ITEM])
    whole = read_bundle("x", entity(said, HEADING, SIGNERS[0]))  # which checks every digest
    assert whole.said == said
    assert set(whole.files) == {"bundle.json", "bundle.txt", "manifest.json", "manifest.sig"}
    assert whole.page.startswith("TRANSMISSION À LA POLICE")
    key_id, signature = whole.files["manifest.sig"].decode().split()
    assert key_id == SIGNERS[0].key_id
    SIGNERS[0].private.public_key().verify(b64decode(signature), whole.files["manifest.json"])
    assert {one["name"] for one in json.loads(whole.files["manifest.json"])["files"]} == {"bundle.json", "bundle.txt"}
