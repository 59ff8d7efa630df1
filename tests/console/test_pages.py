from typing import Any

import pytest
from fastapi.routing import iter_route_contexts


async def test_the_console_describes_itself_to_nobody(console: Any) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await console.stranger().get(path)).status_code == 404


async def test_no_address_means_two_things(console: Any) -> None:
    found = [
        (method, context.path)
        for context in iter_route_contexts(console.app.routes)
        for method in sorted(getattr(context.original_route, "methods", None) or ())
    ]
    assert len(found) == len(set(found)) > 15


async def test_static_files_need_no_session(console: Any) -> None:
    for name, kind in (("console.css", "text/css"), ("desk.js", "text/javascript"), ("icon.svg", "image/svg+xml")):
        answer = await console.stranger().get(f"/static/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(kind)
    assert (await console.stranger().get("/static/pages.py")).status_code == 404


async def test_no_page_refers_to_anything_outside(console: Any, supervisor: Any, read: Any) -> None:
    case = await console.case()
    for path in ("/", "/cases", f"/cases/{case}", "/stops", "/audit", "/figures", "/signin"):
        page = read((await supervisor.get(path)).text)
        for tag, attributes in page.tags:
            for name in ("src", "href", "action"):
                address = attributes.get(name) or "/"
                assert address.startswith(("/", "#")) or (tag, address) == ("a", "https://db-ip.com"), (
                    path,
                    tag,
                    address,
                )
            assert "style" not in attributes
            assert not [one for one in attributes if one.startswith("on")]


async def test_every_form_that_acts_carries_the_sessions_token(console: Any, supervisor: Any, read: Any) -> None:
    case = await console.case()
    await supervisor.send(f"/cases/{case}/refer", partner="hotline-nl", assessment="baseline", reason="x")
    for path in ("/", f"/cases/{case}", "/stops", "/audit", "/figures"):
        html = (await supervisor.get(path)).text
        for form in html.split("<form ")[1:]:
            body = form.partition("</form>")[0]
            if 'method="post"' in body and 'action="/language"' not in body:
                assert f'name="csrf" value="{supervisor.csrf}"' in body, body[:80]


#: What a parameter of an address can be that no page of ours makes.
ODD = (
    "%00",
    "%ff",
    "a%00b",
    "9" * 19,
    "9" * 400,
    "-1",
    "%E2%80%AE",
    "..",
    "0_%00_0",
    "1_x_" + "9" * 30,
    "', --",
    "a" * 3000,
)


@pytest.mark.parametrize("value", ODD)
async def test_an_odd_value_in_an_address_is_no_fault_of_ours(console: Any, supervisor: Any, value: str) -> None:
    case = await console.case()
    for context in iter_route_contexts(console.app.routes):
        dependant = getattr(context, "dependant", None)
        if dependant is None or context.path is None:
            continue
        queried = "&".join(f"{one.name}={value}" for one in dependant.query_params)
        for inside in (value, case):
            path = context.path
            for one in dependant.path_params:
                path = path.replace(f"{{{one.name}}}", inside)
            for method in sorted(context.methods or ()):
                if method == "GET":
                    answer = await supervisor.get(f"{path}?{queried}")
                elif path != "/signout":
                    answer = await supervisor.send(path, reason=value, after=value)
                assert answer.status_code < 500, (method, path, answer.text[:200])
