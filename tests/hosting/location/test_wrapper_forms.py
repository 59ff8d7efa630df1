"""The services' own ways of writing what their links carry."""

import pytest

from router.hosting.location.inner_url import parts_of
from router.hosting.location.wrapper_forms import FORMS


@pytest.mark.parametrize(
    ("form", "url", "inner"),
    [
        ("proofpoint_v2", "https://u.test/v2/url?u=https-3A__evil.test_x-3Fy-3D1&d=a", "https://evil.test/x?y=1"),
        ("proofpoint_v2", "https://u.test/v2/url?d=a", None),
        ("proofpoint_v3", "https://u.test/v3/__https://evil.test/x__;!!abc$", "https://evil.test/x"),
        ("proofpoint_v3", "https://u.test/v3/__https://evil.test/x?y=1__;!!abc$", "https://evil.test/x?y=1"),
        ("proofpoint_v3", "https://u.test/v3/__https://evil.test/x*y*1__;Pz0!!abc$", "https://evil.test/x?y=1"),
        ("proofpoint_v3", "https://u.test/v3/__https://evil.test/x**Ay__;Pz0!!abc$", "https://evil.test/x?=y"),
        ("proofpoint_v3", "https://u.test/v3/x", None),
        ("amp", "https://evil-test.cdn.test/c/s/evil.test/x?y=1", "https://evil.test/x?y=1"),
        ("amp", "https://evil-test.cdn.test/i/evil.test/x.jpg", "http://evil.test/x.jpg"),
        ("amp", "https://www.search.test/amp/s/evil.test/x", "https://evil.test/x"),
        ("amp", "https://cdn.test/v0.js", None),
        ("translate_goog", "https://evil-test.translate.goog/x?y=1&_x_tr_sl=nl&_x_tr_tl=en", "https://evil.test/x?y=1"),
        ("translate_goog", "https://www-evil--x-test.translate.goog/x?_x_tr_sch=http", "http://www.evil-x.test/x"),
        ("host_path", "https://i0.wp.test/evil.test/x.jpg?ssl=1", "https://evil.test/x.jpg"),
        ("host_path", "https://cdn.test/img/evil.test/x.jpg", "http://evil.test/x.jpg"),
        ("host_path", "https://i0.wp.test/robots", None),
        ("scheme_path", "https://x.test/external/abc/https/evil.test/x.jpg", "https://evil.test/x.jpg"),
        ("scheme_path", "https://x.test/external/abc", None),
        ("cache", "https://x.test/search?q=cache:AbCdEfGhIjKl:https://evil.test/x+&cd=1", "https://evil.test/x"),
        ("cache", "https://x.test/search?q=cache:evil.test/x", "http://evil.test/x"),
        ("cache", "https://x.test/search?q=evil", None),
        ("archive", "https://x.test/web/2020/evil.test/x?y=1", "http://evil.test/x?y=1"),
        ("archive", "https://x.test/about", None),
    ],
)
def test_each_service_s_way_is_read(form: str, url: str, inner: str | None) -> None:
    host = url.partition("://")[2].partition("/")[0]
    assert FORMS[form](host, parts_of(url)) == inner
