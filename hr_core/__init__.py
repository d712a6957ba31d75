"""The business: people, permission, audit, workdays, leave, approval. Would work the same behind any chat tool."""
