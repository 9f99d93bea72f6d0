"""The mathematics of internal representations: alignment, symmetry, consistency, and what two pictures share.

Pure: numpy and scipy, no Django, no global state. Each method says where it comes from and how well that is known:
[P] read in the paper itself, [C] in its authors' code, [M] measured by us in a small model, [R] recalled and not
checked, [O] our own derivation.
"""
