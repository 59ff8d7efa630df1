from router import errors as kinds
from router.console.said import errors
from tests.console.said.said_by import said_by


def test_it_is_what_an_error_says_by_itself() -> None:
    classes = {str(each.__doc__) for each in vars(kinds).values() if isinstance(each, type)}
    assert {*errors.SAID, *errors.FILLED} - classes - said_by("console/forms.py") == set()
