"""Change the encoding of a topic as an author might get it wrong, and see which cases notice."""
