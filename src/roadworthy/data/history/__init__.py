"""Tables that keep every version of themselves: appended, replaced, read as they were, compared, cleared away."""
