"""The W3C SHACL test suite, run through the engines that decide here."""
