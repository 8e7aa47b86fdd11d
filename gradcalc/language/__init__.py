"""Text to graph and back: the parser, its tables, its error messages, and the printers."""
