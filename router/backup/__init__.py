"""A copy of the whole router that outlives its machine, and the way back from one.

    take      `backup`: a snapshot, its keys apart, read back before it gets its name
    manifest  what is in it, with digests, under a MAC of the master key
    check     open it, and say in one sentence why it cannot be used
    put_back  `restore`: a new data directory that is paused; it calls nobody
    replay    what the ledger knows of after the backup, done in what is put back
    trial     when a copy was last put back, for `doctor`
    folder    a folder that appears whole or not at all

It decides nothing about a case, and never writes to the store that it copies.
"""
