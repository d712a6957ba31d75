"""Pay: tax, contributions, overtime, absence, severance. Money is `Decimal` yuan, rounded once, half up, to the fen."""
