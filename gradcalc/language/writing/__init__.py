"""From graph to text: gradcalc's own language, LaTeX, Python."""
