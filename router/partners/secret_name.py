"""Settings that name a secret: a file of that name lies in the folder `secrets`, and nobody types what is in it.

A form takes such a name and never shows one again, be it kept or typed: who pastes the secret itself sees it nowhere.
"""

from typing import Annotated, Any, Final, get_args

from pydantic.fields import FieldInfo

from schemas.word import Name

MARK: Final = "names a secret"
SecretName = Annotated[Name, MARK]


def names_secret(field: FieldInfo) -> bool:
    """Tell whether a setting names a secret, or several."""
    return MARK in field.metadata or _inside(field.annotation)


def _inside(annotation: Any) -> bool:
    return any(one is MARK or _inside(one) for one in get_args(annotation) if one is not annotation)
