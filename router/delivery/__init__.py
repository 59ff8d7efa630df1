"""One attempt to bring a referral to a partner, and the rules for when the next one may be made.

How a referral gets sent. The worker asks `lanes.may_call` whether a partner may be called now and for how many: the
brake, the breaker, the maintenance window, the pace and the daily cap all gate the *claim*, so a partner that is down
costs nobody else a thought. What was granted is written with `lanes.spend` under the row's fence, the referrals are
claimed (`sending`, with an owner and a deadline), their payloads frozen, and `send.attempt` makes one call. It answers
for each referral with one of four words: accepted, with the partner's own receipt; deferred; refused, which is for
people; unknown, when bytes left and no answer came. `breaker.after` makes of them what the next caller must know, and
`schedule.next_at` says when a deferred one is tried again, until the schedule ends and the desk has it. Whatever else a
partner is asked (`ask`) ends in an answer too: its text can fail nothing but itself.

Schedules, lanes and breakers are pure functions over rows; `send` and `ask` alone do I/O, through a dialect. This room
never drops a referral, never sends to a barred country, and never claims an effect it cannot prove.
"""
