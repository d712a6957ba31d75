"""The threat model's answers, each tried."""
