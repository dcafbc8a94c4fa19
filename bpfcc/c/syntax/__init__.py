"""The syntax tree of GNU C: pycparser's nodes and those beside them."""
