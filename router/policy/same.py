"""A large frozen word as the key of what is remembered of it: by which one it is; comparing it would cost too much."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Equal to another one of the very same object, which it keeps alive so that no other can take its place."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        """`it` is frozen."""
        self.it = it

    def __eq__(self, other: object) -> bool:
        """Tell whether both are of one object."""
        return isinstance(other, Same) and self.it is other.it

    def __hash__(self) -> int:
        """Return a number of the object's own."""
        return id(self.it)
