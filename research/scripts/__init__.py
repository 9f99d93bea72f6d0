"""Scripts that are edited in the browser: what lies on an editor's desk, and the drafts."""
