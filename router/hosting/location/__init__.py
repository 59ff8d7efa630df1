"""Read what was reported as a location: what names the case, and which host is to be traced, if any.

    refang.py  ──►  url.py  ──►  magnet.py, special_names.py  ──►  url_flags.py
    what people     as a          what has no host,                 what a person should
    did to it       browser does  and why                           see before it is sent

It never resolves, fetches or follows anything, and never repeats the input in a message.
"""
