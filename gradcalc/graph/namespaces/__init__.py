"""What an operation's row runs on. Each module here is one ``xp``: numbers, complex numbers, arrays or formulas.

All speak the vocabulary of the Python array API standard, with ``cbrt``, ``erf``, ``erfc`` and ``times`` added.
"""
