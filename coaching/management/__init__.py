"""What is typed at the command line about studies and people."""
