"""One act on several cases of a site: each is done or refused by itself, as it would be alone."""

import pytest

from router.casework.desk import case_acts
from router.casework.desk.grouped import act_on_chosen, act_on_each
from router.casework.read.group import group
from router.casework.read.sites import sites_of
from router.errors import BadInput, NotAllowed, NotFound, RouterError
from router.guard.access import ROLES
from router.store.schema.tables import audit
from schemas.actor import Actor, Role
from schemas.group import Group, GroupAct, GroupAnswers, Grouped, GroupRow
from schemas.vocabulary import Assessment, Outcome
from tests.casebook import ANNA, FORM, Casebook
from tests.office import person

BERT = person("bert", Role.ANALYST)


async def site(book: Casebook, count: int = 3) -> tuple[list[str], str]:
    """Cases of one host that nobody has assessed, and its tag; another host has one beside them."""
    ids = [await book.decided(f"https://one.test/{n}", f"a-{n}", actor=FORM) for n in range(count)]
    await book.decided("https://other.test/", "b", actor=FORM)
    row = await book.case(ids[0])
    return ids, (await sites_of(book.ctx, [row]))[ids[0]].tag


def rows(found: Group) -> tuple[GroupRow, ...]:
    return tuple(GroupRow(case=one.case.id, version=one.case.version) for one in found.items)


async def done(book: Casebook, tag: str, act: Grouped, actor: Actor = ANNA, **said: object) -> GroupAnswers:
    meant = rows(await group(book.ctx, tag, actor))
    given = {"reason": "so", "count": len(meant), "rows": meant} | said
    return await act_on_each(book.ctx, tag, actor, GroupAct.model_validate({"act": act, **given}, strict=False))


async def test_what_is_listed_is_of_one_host_and_open(book: Casebook) -> None:
    ids, tag = await site(book)
    await case_acts.close(book.ctx, ids[0], ANNA, "gone", outcome=Outcome.REMOVED)
    found = await group(book.ctx, tag, ANNA)
    assert [one.case.id for one in found.items] == ids[1:]
    assert (found.site.tag, found.site.open) == (tag, 2)
    with pytest.raises(NotFound):
        await group(book.ctx, "A" * 26, ANNA)


async def test_each_is_closed_with_its_own_entry(book: Casebook) -> None:
    ids, tag = await site(book)
    answers = await done(book, tag, Grouped.CLOSE, outcome=Outcome.REMOVED, reason="the site is gone")
    assert (answers.done, answers.refused) == (3, 0)
    assert [(await book.case(one))["outcome"] for one in ids] == ["removed"] * 3
    said = await book.rows(audit, audit.c.act == "case.closed")
    assert [row["case_id"] for row in said] == ids


async def test_nobody_calls_a_whole_site_not_illegal_unseen(book: Casebook) -> None:
    ids, tag = await site(book)
    await book.saw(ids[1], BERT)
    listed = {one.case.id: one for one in (await group(book.ctx, tag, BERT)).items}
    assert [Grouped.NOT_ILLEGAL in listed[one].acts for one in ids] == [False, True, False]
    answers = await done(book, tag, Grouped.NOT_ILLEGAL, BERT, reason=None)
    assert [(one.done, one.code) for one in answers.items] == [(False, "not_seen"), (True, None), (False, "not_seen")]
    assert [(await book.case(one))["state"] for one in ids] == ["desk", "closed", "desk"]


async def test_what_moved_on_meanwhile_is_refused_and_the_others_are_done(book: Casebook) -> None:
    ids, tag = await site(book)
    before = rows(await group(book.ctx, tag, ANNA))
    await case_acts.close(book.ctx, ids[2], ANNA, "gone", outcome=Outcome.REMOVED)
    answers = await done(book, tag, Grouped.CLOSE, outcome=Outcome.UNAVAILABLE, rows=before, count=3)
    assert [(one.done, one.code) for one in answers.items] == [(True, None), (True, None), (False, "conflict")]


async def test_those_that_were_chosen_may_be_of_any_host_and_one_that_is_not_here_is_refused(book: Casebook) -> None:
    ids, _ = await site(book, 2)
    ids.append(await book.decided("https://third.test/", "c", actor=FORM))
    meant = [GroupRow(case=one, version=(await book.case(one))["version"]) for one in ids]
    meant.append(GroupRow(case="01999999-0000-7000-8000-000000000000", version=1))
    said = GroupAct(act=Grouped.CLOSE, count=4, reason="so", outcome=Outcome.REMOVED, rows=tuple(meant))
    answers = await act_on_chosen(book.ctx, ANNA, said)
    assert [(one.done, one.code) for one in answers.items] == [(True, None)] * 3 + [(False, "not_found")]
    assert answers.items[3].text
    again = await act_on_chosen(book.ctx, ANNA, said)
    assert [one.code for one in again.items] == ["conflict"] * 3 + ["not_found"], "sent twice it is done once"
    with pytest.raises(BadInput):
        await act_on_chosen(book.ctx, ANNA, said.model_copy(update={"count": 3}))


async def test_what_is_of_another_host_is_refused(book: Casebook) -> None:
    ids, tag = await site(book, 1)
    other = await book.decided("https://other.test/2", "c", actor=FORM)
    meant = (*rows(await group(book.ctx, tag, ANNA)), GroupRow(case=other, version=(await book.case(other))["version"]))
    answers = await done(book, tag, Grouped.CLOSE, outcome=Outcome.REMOVED, rows=meant, count=2)
    assert [(one.case, one.code) for one in answers.items] == [(ids[0], None), (other, "other_site")]
    assert (await book.case(other))["state"] == "desk"


async def test_what_they_are_is_said_only_of_those_that_nobody_assessed(book: Casebook) -> None:
    ids, tag = await site(book, 2)
    for one in ids:
        await book.saw(one, ANNA)
    await case_acts.assess(book.ctx, ids[0], ANNA, "seen", assessment=Assessment.BASELINE)
    await book.step(ids[0], 2)
    answers = await done(book, tag, Grouped.REFER, partner="hotline-ca", assessment=Assessment.NATIONAL)
    assert [(one.done, one.code) for one in answers.items] == [(True, None), (False, "not_accepted")]
    assert [(await book.case(one))["assessment"] for one in ids] == ["baseline", "unassessed"]


@pytest.mark.parametrize(
    ("act", "said", "field"),
    [
        ("close", {"outcome": None}, "outcome"),
        ("look", {}, "finding"),
        ("refer", {}, "partner"),
        ("retrace", {"reason": None}, "reason"),
        ("retrace", {"count": 2}, "count"),
    ],
)
async def test_what_is_missing_or_miscounted_does_nothing(
    book: Casebook, act: Grouped, said: dict[str, object], field: str
) -> None:
    ids, tag = await site(book)
    before = [(await book.case(one))["version"] for one in ids]
    with pytest.raises(BadInput) as refused:
        await done(book, tag, act, **said)
    assert refused.value.field == field
    assert [(await book.case(one))["version"] for one in ids] == before


async def test_spam_is_a_supervisors_word_for_each(book: Casebook) -> None:
    _, tag = await site(book)
    answers = await done(book, tag, Grouped.CLOSE, BERT, outcome=Outcome.SPAM)
    assert {one.code for one in answers.items} == {"case:spam"}
    assert (await done(book, tag, Grouped.CLOSE, outcome=Outcome.SPAM)).done == 3


async def test_who_may_not_assess_says_not_what_they_are(book: Casebook) -> None:
    _, tag = await site(book)
    kept = ROLES[Role.ANALYST] - {"report:assess"}
    nobody = Actor(id="person:bert", role=Role.ANALYST, permissions=kept)
    with pytest.raises(NotAllowed):
        await done(book, tag, Grouped.NOT_ILLEGAL, nobody)


@pytest.mark.parametrize("act", Grouped)
async def test_what_is_offered_in_a_group_is_accepted(book: Casebook, act: Grouped) -> None:
    """Over cases that stand differently: seen or not, assessed or not, sent, closed meanwhile."""
    ids, tag = await site(book, 4)
    for one in ids[:2]:
        await book.saw(one, ANNA)
    await case_acts.assess(book.ctx, ids[0], ANNA, "seen", assessment=Assessment.BASELINE)
    await book.step(ids[0], 2)
    found = await group(book.ctx, tag, ANNA)
    meant = tuple(GroupRow(case=one.case.id, version=one.case.version) for one in found.items if act in one.acts)
    assert meant
    asked = {Grouped.CLOSE: {"outcome": "unavailable"}, Grouped.LOOK: {"finding": "gone"}}
    asked |= {Grouped.REFER: {"partner": "hotline-ca"}}
    said = {"assessment": "baseline"} if act in (Grouped.SEND, Grouped.REFER) else {}
    try:
        answers = await done(book, tag, act, rows=meant, count=len(meant), **asked.get(act, {}), **said)
    except RouterError as refused:
        raise AssertionError(refused.message) from refused
    assert [one.text for one in answers.items if not one.done] == []
