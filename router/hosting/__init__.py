"""Find out where a location is hosted: read it, resolve it, gather evidence about every address, give one verdict.

    location/ ──► trace.py ──► dns/ ──► sources/ ──► verdict/
    what was      the way     which     who claims   which country,
    reported      through     addresses    what       how sure, and why

It never fetches a reported location, and never guesses: what the evidence does not carry is handed to people.
"""
