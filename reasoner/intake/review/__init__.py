"""A page on which a person accepts, changes or drops what was read, beside its source."""
