"""Payslips: what was paid for a month, line by line; one's own, and nobody else's."""
