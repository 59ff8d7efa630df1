"""From a host name to its public addresses, with the whole way there.

How a name is resolved, from the outside in:

    cache.py     the same name within its TTL is not asked again; the same name at the same time is asked once
    resolve.py   A and AAAA together, the CNAME chain across answers, one outcome, private addresses left out
    mux.py       many questions at once over a few connected UDP sockets (the hot path)
    plain.py     one question through dnspython: TCP for what UDP cuts off, TXT, and the oracle of the tests
    answer.py    what a reply means, whoever read it: an absence that is proven, a server that is lame, a filter
    wire.py      a question to bytes, bytes to an answer
    honesty.py   whether a resolver lies: asked for what must exist and what must not
    vantage.py   several resolvers side by side, for hosts that answer each region differently

Questions go to the operator's configured resolvers and to nobody else; this is the one way out beside the egress guard.
"""
