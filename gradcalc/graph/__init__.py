"""The computation graph: the tape, the table of operations, the namespaces they run on, and the two sweeps."""
