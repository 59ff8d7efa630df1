from typing import Any

from fastapi.routing import iter_route_contexts

from router.console.pages import make_console


async def test_the_console_describes_itself_to_nobody(console: Any) -> None:
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert (await console.stranger().get(path)).status_code == 404


async def test_no_address_means_two_things(console: Any) -> None:
    found = [
        (method, context.path)
        for context in iter_route_contexts(make_console(console.ctx).routes)
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
    for path in ("/", "/cases", f"/cases/{case}", "/stops", "/audit", "/signin"):
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
    for path in ("/", f"/cases/{case}", "/stops", "/audit"):
        html = (await supervisor.get(path)).text
        for form in html.split("<form ")[1:]:
            body = form.partition("</form>")[0]
            if 'method="post"' in body and 'action="/language"' not in body:
                assert f'name="csrf" value="{supervisor.csrf}"' in body, body[:80]
