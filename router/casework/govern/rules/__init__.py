"""Rules that people write, and what they decided by hand made one. It never puts a policy in force or names a host."""
