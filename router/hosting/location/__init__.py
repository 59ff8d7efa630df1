"""Read what was reported as a location: what names the case, and which host is to be traced, if any.

    pasted.py  ──►  scheme.py, refang.py  ──►  url.py  ──►  magnet.py, ed2k.py, special_names.py  ──►  url_flags.py
    what stands     what was done to         as a           what has no host, and why           what a person should
    around it       scheme and host          browser does                                       see before it is sent

`identity.py` says which spellings of a location are one case. What is sent stays as it was written. The room never
resolves, fetches or follows anything, never reads a scheme as a host, and never repeats the input in a message.
"""
