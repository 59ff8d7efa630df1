import json
import re
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from router.api.protocol.document import BODIES, openapi
from schemas.report import ReportGiven
from tests.golden import golden
from tests.office import report


@pytest.fixture
def document(served: Any) -> dict[str, Any]:
    return openapi(served.app)


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(f"{method.upper()} {path}", one) for path, at in document["paths"].items() for method, one in at.items()]


def test_it_is_the_one_that_others_rely_on(document: dict[str, Any]) -> None:
    # A change here is a change for everybody who scripts against the API. When it is meant: WRITE_CONTRACTS=1.
    golden("openapi", document)


def test_every_endpoint_is_in_it(served: Any, document: dict[str, Any]) -> None:
    served_ones = {
        f"{method} {context.path_format}"
        for context in iter_route_contexts(served.app.routes)
        for method in context.methods or ()
        if context.path_format not in {"/openapi.json", "/v1/{rest}", "/v1/{rest:path}"}
    }
    assert {name for name, _ in operations(document)} == served_ones


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(re.findall(r'"#/components/(schemas|responses)/([^"]+)"', json.dumps(document)))
    assert len(found) > 50
    assert [one for one in found if one[1] not in document["components"][one[0]]] == []


def test_every_operation_says_who_may_and_how_it_fails(document: dict[str, Any]) -> None:
    for name, one in operations(document):
        assert "security" in one, name
        assert one["responses"]["default"] == {"$ref": "#/components/responses/Problem"}, name
        assert "422" not in one["responses"], name
        assert one["summary"], name
        assert one["description"], name


def test_every_post_with_a_body_describes_it(document: dict[str, Any]) -> None:
    without = [name for name, one in operations(document) if name.startswith("POST") and "requestBody" not in one]
    path_says_it_all = ["POST /v1/accounts/{name}/close", "POST /v1/accounts/{name}/invite", "POST /v1/alarm/test"]
    path_says_it_all += ["POST /v1/letters/{letter_id}/read", "POST /v1/reminders/{partner}"]
    path_says_it_all += [f"POST /v1/requests/{{request_id}}/{act}" for act in ("agree", "search")]
    path_says_it_all += ["POST /v1/signin"]  # its headers say it
    path_says_it_all += ["POST /v1/farewells/{farewell_id}/done", "POST /v1/mandates/{mandate_id}/end"]
    path_says_it_all += ["POST /v1/links/{link_id}/agree", "POST /v1/viewings/{name}/close"]
    assert sorted(without) == sorted(path_says_it_all)


@pytest.mark.parametrize("word", BODIES)
def test_every_body_is_described_as_it_is_read(document: dict[str, Any], word: type[BaseModel]) -> None:
    described = document["components"]["schemas"][word.__name__]
    assert set(described["properties"]) == set(word.model_fields)
    closed = word.model_config.get("extra") == "forbid"
    assert (described.get("additionalProperties") is False) is closed


def test_what_is_described_is_what_is_taken(document: dict[str, Any]) -> None:
    described = document["components"]["schemas"]["ReportGiven"]
    given = report()
    assert set(described["required"]) <= set(given) <= set(described["properties"])
    ReportGiven.model_validate_json(json.dumps(given))


def test_it_is_made_once(served: Any) -> None:
    assert openapi(served.app) is openapi(served.app)


def test_it_loads_nothing_from_elsewhere(document: dict[str, Any]) -> None:
    assert re.findall(r"https?://[^\"' ]+", json.dumps(document)) == []
