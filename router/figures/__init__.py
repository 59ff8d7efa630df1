"""What a hotline owes as figures: counted over periods from what is kept apart from what is erased.

`definitions` says what each word means, by version; `read` brings the rows of a period page by page; `lives` is one
case with what became of it; `count` counts lives; `small` hides what is too few to be shown to everybody; `survival`
says how long things took; `table` puts two periods beside each other; `draw` draws, and `written` writes CSV.
Nothing here knows a location: none stands in what it reads (`store/schema/figures`).
"""
