"""Pages for people, rendered from evidence."""
