"""Pay rules, one file per law. Each function is a clause over facts that are passed in."""
