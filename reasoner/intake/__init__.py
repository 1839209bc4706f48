"""Ways in: published determination letters read into case files."""
