"""What is typed at the command line about questionnaires and their answers."""
