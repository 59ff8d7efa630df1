"""What goes over the pipe is one line of JSON each way, and nothing else is understood."""

import pytest
from pydantic import ValidationError

from router.demo.pipe_messages import COMMAND, Advance, Govern, Invite, Placement, Secret, Stop
from schemas.partner import Partner, PartnerKind

PLACEMENT = Placement(settings={"name": "a"}, began=1.5, addresses={"188.166.10.10": 4711}, encrypted=3)
GOVERN = Govern(
    partners=(Partner(name="a", title="A", kind=PartnerKind.HOTLINE, config={"keys": [{"id": "k"}]}),),
    secrets=(Secret(name="one", value="whsec_x"),),
)


@pytest.mark.parametrize("command", [Advance(seconds=86400.0), GOVERN, Invite(), Stop()])
def test_a_command_survives_the_pipe_in_one_line(command: Advance | Govern | Invite | Stop) -> None:
    line = command.model_dump_json()
    assert "\n" not in line
    assert COMMAND.validate_json(line) == command


def test_a_placement_survives_the_pipe() -> None:
    assert Placement.model_validate_json(PLACEMENT.model_dump_json()) == PLACEMENT


@pytest.mark.parametrize("line", ['{"do": "explode"}', '{"do": "advance"}', '{"do": "stop", "now": true}', "", "[]"])
def test_nothing_else_is_understood(line: str) -> None:
    with pytest.raises(ValidationError):
        COMMAND.validate_json(line)
