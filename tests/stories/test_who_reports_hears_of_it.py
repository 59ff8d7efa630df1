"""Who sent a report hears of it: all that the house may read, or four words late; signed and in order."""

from pathlib import Path

from router.casework.desk import case_acts
from schemas.vocabulary import Outcome
from tests.casebook import ANNA, FORM
from tests.hearing import hearing


async def test_the_house_hears_of_partner_receipt_and_end(tmp_path: Path) -> None:
    async with hearing(tmp_path, "analysts") as house:
        book = house.book
        case_id = await book.take()
        await house.until_quiet()
        await book.step(case_id, 2)
        await house.until_quiet()
        await book.send()
        await house.until_quiet()
        await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
        await house.until_quiet()
        assert list(dict.fromkeys(house.states())) == ["received", "handled", "passed_on", "closed"]
        (last,) = house.heard()[-1]["items"]
        assert (last["case"], last["detail"]["outcome"]) == (case_id, "removed")
        (referral,) = last["detail"]["referrals"]
        assert (referral["partner"], referral["receipt"]) == ("hotline-nl", (await book.referral(case_id))["receipt"])
        assert all(b"example.test" not in body for _, body in house.requests)


async def test_another_source_hears_four_words_late_and_once_each(tmp_path: Path) -> None:
    async with hearing(tmp_path, "form") as outside:
        book = outside.book
        case_id = await book.take(actor=FORM)
        await book.take(reference="assessed")
        await book.step(case_id, 2)
        await book.send()
        at = []
        for hour in range(4, 12 * 24, 4):
            before = len(outside.heard())
            await outside.later(hours=4)
            at += [hour] * (len(outside.heard()) - before)
            if hour == 9 * 24:
                await case_acts.close(book.ctx, case_id, ANNA, "it is gone", outcome=Outcome.REMOVED)
        assert outside.states() == ["handled", "passed_on", "closed"]
        assert at[:2] == [24, 7 * 24]
        assert at[2] > 10 * 24
        assert [sorted(one) for one in outside.heard()] == [["dossier", "id", "items", "state"]] * 3
