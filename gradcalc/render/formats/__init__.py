"""The formats that answers are shown in. A file here is a format, and its name is what ``--format`` takes."""
