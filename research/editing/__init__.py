"""A script in an editor's form: its fields, its measures and how it differs from another wording of it; pure."""
