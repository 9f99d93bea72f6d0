"""Tokens and files from the command line."""
