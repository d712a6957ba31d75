"""Who may see and do what: `matrix.py` is the policy on one page, `checker.py` the only way to ask it."""
