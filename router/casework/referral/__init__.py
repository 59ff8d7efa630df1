"""The row of a referral: made, replaced, taken back. Pure values; nothing here reads the store or sends."""
