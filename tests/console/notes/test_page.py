"""Notes on the case's page: kept in one form, shown to who works at the desk, escaped."""

from typing import Any

from schemas.actor import Role


async def test_a_note_is_kept_and_shown_to_the_desk(console: Any, analyst: Any) -> None:
    case = await console.case()
    answer = await analyst.send(f"/notes/{case}", note="call <b>them</b>\nby day")
    assert answer.headers["location"] == f"/cases/{case}?done=note"
    page = (await analyst.get(f"/cases/{case}?done=note")).text
    notes = page.split('id="notes"')[1].split("</section>")[0]
    assert ("call &lt;b&gt;them&lt;/b&gt;" in notes, "The note is kept." in page) == (True, True)


async def test_what_is_refused_stays_typed_and_a_viewer_writes_none(console: Any, analyst: Any) -> None:
    case = await console.case()
    refused = await analyst.send(f"/notes/{case}", note="x" * 4001)
    assert (refused.status_code, "x" * 4001 in refused.text) == (422, True)
    viewer = await console.person(Role.VIEWER)
    assert f"/notes/{case}" not in (await viewer.get(f"/cases/{case}")).text
    assert (await viewer.send(f"/notes/{case}", note="x")).status_code == 403
