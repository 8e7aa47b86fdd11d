"""What is asked of a program and what is answered: plain data between those who compute and those who show."""
