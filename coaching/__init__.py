"""Who and when: studies, people, arms, occasions."""
