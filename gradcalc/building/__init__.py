"""Formulas built in Python as nodes, and their execution on arrays."""
