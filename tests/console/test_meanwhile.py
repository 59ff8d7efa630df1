"""What a refusal tells of a case that changed while somebody had its page before them: who did what since."""

import re
from typing import Any

from router.casework.case.record import case_row


async def test_the_page_says_who_was_faster_and_what_they_did(console: Any, analyst: Any, supervisor: Any) -> None:
    case = await console.case()
    version = (await case_row(console.ctx, case))["version"]
    await supervisor.send(f"/cases/{case}/close", outcome="unavailable", reason="gone")
    late = await analyst.send(f"/cases/{case}/retrace", reason="again", version=version)
    assert late.status_code == 409
    note = late.text.partition('role="alert"')[2].partition("</div>")[0]
    assert ("anna-supervisor" in note, "Closed" in note) == (True, True)


async def test_all_that_came_meanwhile_is_said_and_nothing_of_before(
    console: Any, analyst: Any, supervisor: Any, read: Any
) -> None:
    case = await console.case()
    page = (await analyst.get(f"/cases/{case}")).text
    form = page.partition(f'action="/cases/{case}/close"')[2].partition("</form>")[0]
    seen = dict(re.findall(r'<input type="hidden" name="(version|known)" value="(\d+)"', form))
    await supervisor.send(f"/cases/{case}/retrace", reason="again")
    await console.work()
    late = await analyst.send(f"/cases/{case}/close", outcome="removed", reason="gone", **seen)
    assert late.status_code == 409
    note = late.text.partition('role="alert"')[2].partition("</div>")[0]
    said = [note.find(one) for one in ("To be traced again", "Traced", "Decided by the policy")]
    assert "anna-supervisor" in note
    assert "Case opened" not in note
    assert -1 not in said
    assert sorted(said) == said, note
