"""One attempt to bring a referral to a partner, and the rules for when the next one may be made.

Schedules, lanes and breakers are pure functions over rows; the attempt classifies what came back as accepted, deferred,
refused or unknown. It never drops a referral, never sends to a barred country, and never claims an effect it cannot
prove.
"""
