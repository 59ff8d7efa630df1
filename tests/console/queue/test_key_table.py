"""Every act has a key; a key means one thing at a time, or one after the other; and each finds what the pages hold."""

import re
from collections import Counter

from router.casework.case.acts import ACTS, On, Surface
from router.console.queue.key_table import KEYS, How

ALIKE = {("origin", "target"), ("refer", "override")}  # behind a CDN or a short link; before it left, and after


def test_every_act_on_a_case_or_a_referral_has_a_key() -> None:
    """And it finds no form elsewhere that ends alike: to take a trail's papers is not to take an item."""
    where = {On.CASE: "/cases/", On.REFERRAL: "/referrals/"}
    here = {(where[act.on], act.name) for act in ACTS if act.on in where and Surface.CONSOLE not in act.absent}
    found = {one.finds for one in KEYS if "action$" in one.finds}
    assert found == {f"form[action^='{path}'][action$='/{name}']" for path, name in here}


def test_a_key_is_one_character_and_means_two_things_only_where_that_is_meant() -> None:
    twice = {key for key, n in Counter(one.key for one in KEYS).items() if n > 1}
    assert {tuple(one.label for one in KEYS if one.key == key) for key in twice} == ALIKE
    assert [one.key for one in KEYS if len(one.key) > 1] == ["Enter"]
    assert set("jkorehau/?n") <= {one.key for one in KEYS}


def test_an_act_is_found_by_its_form_and_only_what_costs_nothing_is_sent_at_once() -> None:
    for one in KEYS:
        if one.act:
            assert one.finds.endswith(f"[action$='/{one.label}']")
    assert {one.label for one in KEYS if one.act and one.how is How.PRESS} == {"take", "pass-on", "acknowledge"}
    assert all(re.fullmatch(r"[\w\[\]=$^'/., #-]*", one.finds) for one in KEYS), "no selector can leave its attribute"
