"""What a router tells its peers when its key may be in other hands: accept nothing that it signed since a moment."""

from pydantic import AwareDatetime

from schemas.word import Given, Line, Name


class KeyRevoked(Given):
    """The statement that is signed by the key it revokes: whoever has that key can only make others trust it less."""

    router: Name  #: our name among peers
    key: Line  #: the id of the key
    public: Line  #: the key itself, base64
    since: AwareDatetime  #: nothing that it signed from this moment on is ours for certain
    at: AwareDatetime  #: when this was said
