import json
from pathlib import Path

import pytest

from router.errors import CannotStart
from router.hosting.verdict.calibration import SHIPPED
from router.hosting.verdict.threshold import GROUPS, Cost, costs


def test_every_measured_stratum_is_told_once() -> None:
    measured = json.loads(SHIPPED.read_text())["thresholds"]
    told = [name for names in GROUPS.values() for name in names]
    assert len(told) == len(set(told))
    assert all(set(strata) == set(told) for strata in measured.values())


def test_a_cost_is_counted_of_what_is_given() -> None:
    cost = Cost(rows=400, given=200, wrong=3)
    assert (cost.wrong_of_thousand, cost.to_people) == (15, 0.5)
    assert Cost(rows=4, given=0, wrong=0).wrong_of_thousand == 0


def test_a_threshold_between_two_costs_what_the_lower_one_does() -> None:
    assert costs(0.91) == costs(0.90) != costs(0.95)
    assert costs(0.1) == costs(0.5)
    assert costs(1.0) == costs(0.99)


def test_a_higher_threshold_gives_no_more() -> None:
    measured = sorted(map(float, json.loads(SHIPPED.read_text())["thresholds"]))
    for group in GROUPS:
        given = [costs(at)[group].given for at in measured]
        assert given == sorted(given, reverse=True)


@pytest.mark.parametrize("text", ["", "{}", '{"thresholds": {}}', '{"thresholds": {"0.90": {}}}', '{"thresholds": 1}'])
def test_a_broken_table_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "table.json").write_text(text)
    with pytest.raises(CannotStart, match="confidence table"):
        costs(0.9, tmp_path / "table.json")
