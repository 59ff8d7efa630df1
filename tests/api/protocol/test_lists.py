"""Every list over HTTP says how many there are and where it goes on: nothing stops without a word (DESIGN 10)."""

from typing import Any, Final

from router.api.protocol.document import openapi

#: Answers whose `items` are no list that is read by pages.
OTHERWISE: Final = {
    "ReportFollowed": "the items of one report, as they came",
    "CaseFile": "the reports of one case, beside much else of it",
    "Chosen": "rows for one act: `more` says that others follow once these are done",
    "Group": "rows for one act, and the site's own count beside them",
    "Bundle": "what one file for a police unit holds",
    "WaitingCases": "sums by kind, and the total of what they are the sums of",
    "Exposure": "days of persons: a total would be read as what somebody saw",
}
PAGED: Final = {"items", "total", "more", "next"}


def listed(served: Any) -> dict[str, dict[str, Any]]:
    """Return the answers to GET that have `items`, by the path."""
    document = openapi(served.app)
    found = {}
    for path, at in document["paths"].items():
        content = at.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        schema = document["components"]["schemas"].get(name, {})
        if "items" in schema.get("properties", {}):
            found[path] = {"name": name, **schema}
    return found


def test_every_list_has_its_total_and_its_next_page(served: Any) -> None:
    lists = listed(served)
    assert len(lists) > 25
    assert {one["name"] for one in lists.values()} >= set(OTHERWISE), "what is no list any more has no place here"
    short = {
        path: sorted(PAGED - {*one["properties"]})
        for path, one in lists.items()
        if one["name"] not in OTHERWISE and not {*one["properties"]} >= PAGED
    }
    assert short == {}
