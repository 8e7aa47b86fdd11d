"""Points where a function is not smooth, and where it is not defined: found, told, and settled."""
