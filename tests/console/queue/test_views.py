from datetime import timedelta
from typing import Any

import pytest

from router.casework.read import counts
from schemas.actor import Role


async def test_a_list_is_kept_shown_as_a_link_and_forgotten(console: Any, analyst: Any, supervisor: Any) -> None:
    await console.case()
    assert "Keep this list" not in (await analyst.get("/")).text, "nothing narrows it"
    assert 'name="shared"' not in (await analyst.get("/?country=NL")).text
    kept = await analyst.send("/views", name="Tulips <b>", filter="country=NL&order=age")
    assert (kept.status_code, kept.headers["location"]) == (303, "/?country=NL&order=age")
    page = (await analyst.get("/?country=NL&order=age")).text
    assert '<a href="/?country=NL&amp;order=age" aria-current="true">Tulips &lt;b&gt;</a>' in page
    assert "Forget the list" in page
    assert "Tulips" not in (await supervisor.get("/")).text
    gone = await analyst.send("/views/forget", slot=0, filter="country=NL&order=age")
    assert gone.headers["location"] == "/?country=NL&order=age"
    assert "Tulips" not in (await analyst.get("/")).text


async def test_a_supervisor_keeps_one_for_all(console: Any, analyst: Any, supervisor: Any) -> None:
    await supervisor.send("/views", name="Tulips", filter="country=NL", shared="true")
    page = (await analyst.get("/?country=NL")).text
    assert ('href="/?country=NL" aria-current="true">Tulips' in page, "Forget the list" in page) == (True, False)
    assert (await analyst.send("/views", name="x", filter="country=NL", shared="true")).status_code == 403
    assert (await analyst.send("/views/forget", slot=0, shared="true")).status_code == 403
    assert "Forget the list" in (await supervisor.get("/?country=NL")).text


async def test_what_cannot_be_kept_is_said(console: Any, analyst: Any) -> None:
    for name, kept in (("x.test", "country=NL"), ("mine", ""), ("mine", "country=Utopia"), ("", "country=NL")):
        assert (await analyst.send("/views", name=name, filter=kept)).status_code == 422, (name, kept)


async def test_each_choice_and_each_list_says_how_many_it_has(
    console: Any, analyst: Any, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        await console.case(f"r-{n}", f"https://h{n}.test/", source="form" if n else "analysts")
    await analyst.send("/views", name="Due", filter="due=today")
    await analyst.send("/views", name="Mine", filter="mine=true")
    page = read((await analyst.get("/")).text).text
    for words in ("form (2)", "analysts (1)", "A child at risk (0)", "Due (", "Mine (0)"):
        assert words in " ".join(page.split()), words
    narrowed = " ".join(read((await analyst.get("/?source=form")).text).text.split())
    assert ("analysts (1)" in narrowed, "overdue (" in narrowed) == (True, False)
    monkeypatch.setattr(counts, "MOST", 1)
    console.ctx.clock.advance(timedelta(hours=2))
    later = await console.person(Role.SUPERVISOR)
    await later.send("/views", name="Waiting", filter="waits=1h")
    assert "Waiting (1 or more)" in " ".join(read((await later.get("/")).text).text.split())
