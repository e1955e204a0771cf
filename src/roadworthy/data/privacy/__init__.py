"""Personal data: what finds it, and how much a row gives away about a person."""
