"""From a posted body to what is kept."""

from itertools import count
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.world.iccam.bodies import NewReport
from router.world.iccam.records import Refusal
from router.world.iccam.reporting import check_references, crawled, new_content, new_report, normalised
from router.world.iccam.rules import Rules
from tests.world.iccam import members
from tests.world.iccam.members import NL, NOW, a_content, a_report, location


def posted(*urls: dict[str, object], **said: object) -> NewReport:
    return NewReport.model_validate(members.new_report(*urls, **said))


def test_a_report_keeps_what_was_said() -> None:
    body = posted(memo="see thread", sourceUrlReferrer="https://forum.test/", sourceUrlPaymentMethods=[1, 6])
    report = new_report(7, NL, body, NOW)
    assert (report.id, report.reporter, report.reference) == (7, NL.id, "report 1")
    assert (report.memo, report.referrer, report.payment_methods) == ("see thread", "https://forum.test/", [1, 6])


@pytest.mark.parametrize("assessed", [True, False])
def test_a_content_keeps_its_url_and_its_reporters_reference(assessed: bool) -> None:
    said = {} if assessed else {"assessment": None}
    body = posted(location(hotlineReference="mine", memo="m", **said))
    content = new_content(9, a_report(7), body.urls[0], NL, Rules())
    assert (content.url, content.references, content.report_id) == ("https://bad.example.test/p", {NL.id: "mine"}, 7)
    assert len(content.assessments) == int(assessed)
    assert content.assigned_country is None


def test_what_the_crawler_found_is_nobodys_work_yet() -> None:
    source = a_content(hosting_country="DE", references={NL.id: "mine"})
    first, second = crawled(count(1), source, ["https://bad.test/1", "https://bad.test/2"])
    assert (first.id, second.id, first.url) == (1, 2, "https://bad.test/1")
    assert (first.is_source, first.content_type, first.hosting_country) == (False, 1, "DE")
    assert (first.assessments, first.references) == ([], {})


def test_nothing_found_takes_no_id() -> None:
    ids = count(1)
    assert list(crawled(ids, a_content(), [])) == []
    assert next(ids) == 1


def test_references_are_judged_level_by_level() -> None:
    body = posted(location(hotlineReference="one"), hotlineReference="one")
    check_references(body, ["two"], ["three"], 409)
    for reports, contents in ((["one"], []), ([], ["one"])):
        with pytest.raises(Refusal):
            check_references(body, reports, contents, 409)


def test_two_contents_of_one_report_may_not_share_a_reference() -> None:
    files = (location("https://a.test/", hotlineReference="one"), location("https://b.test/", hotlineReference="one"))
    with pytest.raises(Refusal) as refused:
        check_references(posted(*files), [], [], 400)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("HTTP://BAD.Test:80", "http://bad.test/"),
        ("https://bad.test:8443/A%2fb", "https://bad.test:8443/A%2fb"),
        ("https://bad.test?q=1#key", "https://bad.test/?q=1"),
    ],
)
def test_a_url_is_written_in_the_hubs_way(url: str, written: str) -> None:
    assert normalised(url) == written


@given(st.from_regex(r"https?://[a-z]{1,8}\.test(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9%]{0,9})?", fullmatch=True))
def test_what_is_written_so_stays_so(url: str) -> None:
    once = normalised(url)
    assert normalised(once) == once
    assert urlsplit(once).hostname == urlsplit(url).hostname
