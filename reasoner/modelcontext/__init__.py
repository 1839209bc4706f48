"""The reasoner as tools of the Model Context Protocol."""
