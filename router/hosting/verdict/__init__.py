"""From evidence to an answer: `pattern` names what the claims form, `calibration` says how often that is right.

`fuse` makes one answer and one verdict of both. Pure: nothing here does I/O or asks anybody. It never weighs by hand
and never gives a country that the measured table does not carry; what the evidence leaves open is handed to people.
"""
