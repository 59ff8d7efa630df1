import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.guard.mask import defang, mask, mask_account, mask_host, mask_name, scrub


@pytest.mark.parametrize(
    ("canonical", "masked"),
    [
        ("https://example.com/gallery/17?k=v#f", "hxxps://ex•••le[.]com/…"),
        ("https://example.com/", "hxxps://ex•••le[.]com/"),
        ("http://img.example.com/a", "hxxp://•••[.]ex•••le[.]com/…"),
        ("http://a.b.c.example.co.uk/a", "hxxp://•••[.]ex•••le[.]co[.]uk/…"),
        ("https://tiny.to/x", "hxxps://t•••[.]to/…"),
        ("https://anna:secret@example.com:8443/x", "hxxps://ex•••le[.]com:8443/…"),
        ("http://3.120.0.1/x", "hxxp://3[.]120[.]•••/…"),
        ("http://[2001:db8::1]/x", "hxxp://[2001[:]•••]/…"),
        ("ftp://files.example.org/x", "fxp://•••[.]ex•••le[.]org/…"),
        ("http://localhost/", "hxxp://lo•••st/"),
        ("magnet:?xt=urn:btih:c12fe1c06bba254a9dc9f519b335aa7c1367a88a", "magnet:•••"),
        ("mailto:anna@example.com", "mailto:•••"),
        ("some_user_77", "so•••77"),
        ("anna", "a•••"),
        ("ipfs://bafybeigdyrzt/x", "ipfs://ba•••zt/…"),
        ("file:///etc/x", "file://•••"),
    ],
)
def test_mask(canonical: str, masked: str) -> None:
    assert mask(canonical) == masked


@given(
    name=st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=6, max_size=40),
    tail=st.text("abcdefghijklmnopqrstuvwxyz/?&=#%", min_size=4, max_size=60),
)
def test_neither_the_name_nor_the_path_survives_masking(name: str, tail: str) -> None:
    masked = mask(f"https://{name}.example/{tail}")
    assert name not in masked
    assert f"/{tail}" not in masked
    assert "http" not in masked


def test_masked_names_of_one_length_class_look_alike() -> None:
    assert mask_host("abcdefgh.com") == mask_host("abXXXXXXXXXXXgh.com")


@pytest.mark.parametrize(
    ("host", "masked"),
    [("example.com.", "ex•••le[.]com"), ("[::1]", "[[:]•••]"), ("127.0.0.1", "127[.]0[.]•••"), ("com.br", "c•••[.]br")],
)
def test_mask_host(host: str, masked: str) -> None:
    assert mask_host(host) == masked


def test_mask_account_keeps_the_platform() -> None:
    assert mask_account("Roundabout", "anna_peeters") == "an•••rs (Roundabout)"


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://img.example.com/a.jpg?x=1", "hxxps://img[.]example[.]com/a.jpg?x=1"),
        ("http://anna@3.120.0.1:80/", "hxxp://anna[@]3[.]120[.]0[.]1:80/"),
        ("https://example.com", "hxxps://example[.]com"),
        ("magnet:?xt=urn:btih:c12f", "magnet:?xt=urn:btih:c12f"),
        ("example.com/x", "example[.]com/x"),
    ],
)
def test_defang_keeps_everything_but_the_link(location: str, shown: str) -> None:
    assert defang(location) == shown


@pytest.mark.parametrize(
    "secret",
    [
        "https://example.com/gallery/17?k=v#frag",
        "hxxps://example[.]com/gallery",
        "example.com",
        "img.example.co.uk/path",
        "example.com:8443",
        "xn--bcher-kva.example",
        "bücher.example",
        "anna@example.com",
        "3.120.0.1",
        "3.120.0.1:443",
        "3[.]120[.]0[.]1",
        "2001:db8::dead:beef",
        "[2001:db8::1]",
        "magnet:?xt=urn:btih:c12fe1c06bba254a",
        "ftp://anna:pw@files.example.org/x",
        "tg://resolve?domain=abc",
        "something.onion/abc",
    ],
)
@pytest.mark.parametrize("sentence", ["{}", "could not connect to {} now", "error: '{}'", "<{}>", "host={},"])
def test_scrub_removes(secret: str, sentence: str) -> None:
    scrubbed = scrub(sentence.format(secret))
    assert "[removed]" in scrubbed
    for part in ("example", "3.120", "gallery", "c12fe1", "dead", "domain", "onion", "anna"):
        assert part not in scrubbed


@pytest.mark.parametrize(
    "words", ["took 3 referrals in 0.25 s", "offlimits-nl refused: not_assessed", "policy 12, 3/4 done"]
)
def test_scrub_leaves_our_own_words(words: str) -> None:
    assert scrub(words) == words


@given(st.text())
def test_scrub_takes_any_text_and_settles(text: str) -> None:
    once = scrub(text)
    assert scrub(once) == once


@pytest.mark.parametrize("made", ["a", "a.", "1.", "a:", ":", "@", "[.]", "a-", "a" * 63 + ".", "a b "])
def test_a_text_made_to_be_slow_is_not(made: str, slowness: float) -> None:
    text = (made * 65_536)[:65_535] + "!"
    begun = time.process_time()
    scrub(text)
    mask(f"http://{text}")
    defang(f"http://{text}")
    assert time.process_time() - begun < slowness


def test_a_text_longer_than_any_sentence_is_cut_between_two_words() -> None:
    words = "word " * 399 + "first.example.com and more"
    scrubbed = scrub(words)
    assert scrubbed == "word " * 398 + "word [removed]"


def test_names_are_taken_out_wherever_they_stand() -> None:
    assert scrub("He is Kid99, and kid99.", {"kid99"}) == "He is [removed], and [removed]."
    assert scrub("a.b and a", {"a.b", "a"}) == "[removed] [removed]nd [removed]"
    assert scrub("nothing", ()) == "nothing"


def test_a_person_s_name_keeps_its_ends() -> None:
    assert (mask_name("anna@hotline.example"), mask_name("ann")) == ("an•••le", "a•••")
