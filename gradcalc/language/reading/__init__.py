"""From text to graph."""
