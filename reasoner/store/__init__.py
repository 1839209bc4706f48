"""A store of releases, cases and determinations as named graphs, embedded or at an endpoint."""
