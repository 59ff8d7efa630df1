"""What a person's own choice would send is shown before it is sent, as a reveal, and nothing is sent by that."""

from dataclasses import replace
from typing import Any, cast

from router.casework.case.record import referral_rows
from router.casework.read.case_file import case_file
from router.partners.base import Tools
from tests.casework.deliver.test_will_leave import Peer


async def test_a_persons_own_choice_is_looked_at_before_it_is_sent(
    console: Any, analyst: Any, read: Any, canary: str
) -> None:
    known = {"router": Peer(Tools(cast("Any", None), console.ctx.clock, console.ctx.me))}
    console.app.state.ctx = console.ctx = replace(console.ctx, dialects=known)
    case = await console.case()
    before = read((await analyst.get(f"/cases/{case}")).text)
    looks = [one for one in before.all("button") if one.get("formaction") == f"/cases/{case}/reveal"]
    assert looks
    given = {"partner": "hotline-ca", "assessment": "baseline", "look": "true"}
    refused = await analyst.send(f"/cases/{case}/reveal", **given)
    assert refused.status_code == 422, "whoever does not hold it says why they look"
    assert canary not in refused.text
    wrong = await analyst.send(f"/cases/{case}/reveal", **given | {"reason": "to see", "partner": "nobody"})
    assert (wrong.status_code, canary in wrong.text) == (422, False)
    shown = await analyst.send(f"/cases/{case}/reveal", **given, reason="to see what they get")
    page = read(shown.text)
    assert "your choice; nothing is sent yet" in page.text
    assert f"hxxps://www[.]{canary}-pictures[.]test/" in shown.text.partition('id="leaving"')[2]
    assert {"value": "hotline-ca", "selected": None} in page.all("option")
    assert "to see what they get" in shown.text
    assert await referral_rows(console.ctx, case) == []
    acts = [one.act for one in (await case_file(console.ctx, case)).timeline]
    assert acts.count("case.revealed") == 1, "and none for what was refused"
