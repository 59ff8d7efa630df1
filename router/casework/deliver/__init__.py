"""One referral to its partner: may it leave, what leaves, what came of it, and how it is taken back.

`send` is what the worker runs: claim, freeze, call, record. Nothing is sent that `clearance` did not see a moment
before, and nothing that may have arrived is ever dropped without telling its partner.
"""
