"""Sentences about signing in that the rooms below say in English, for the catalogues: word for word (a test)."""

from typing import Final

from router.console.language import N_

SAID_BELOW: Final = (
    N_("This is not right: the name, the password or the code. Take the next code that your app shows."),
    N_("This was tried too often; wait a quarter of an hour, or ask for a one-time link."),
    N_("Too many people sign in at this moment; try again in a few seconds."),
    N_("A password has from 12 to 200 characters; several words that you do not say often are easy to keep."),
    N_("A password that holds the account's name is tried first; choose another."),
    N_("The code is wrong, or was used already; wait for the next one that your app shows."),
    N_("There is no such session; it may have ended by itself."),
    N_("Begin with a new secret on this page, then type the code that your app shows."),
)
