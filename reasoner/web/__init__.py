"""The server: SPARQL for other tools, pages for people."""
