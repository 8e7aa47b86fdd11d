"""A program as Python users hold it, the comparison of modes, and the worked examples."""
