"""Leave: types, requests, the ledger of days, and what the law and the company say about them."""
