"""Rules on ontology, guidelines and shapes, one a module; each module's name is its rule's name.

A rule is a function ``check(release)`` that yields ``Finding`` values. Its module's docstring
says, in this order and under these words, the *Problem*, *Why* it is one, how to *Mend* it, and
the *Source* of the rule; the page of the rule is made from it.
"""
