"""Questionnaires: what was asked, what was answered, and what the answers come to."""
