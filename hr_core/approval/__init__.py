"""Who decides a request, in which order: a typed route read from data, and the steps of each request."""
