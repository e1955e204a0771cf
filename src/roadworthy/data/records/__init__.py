"""Records out of half-structured text: JSON, XML and logs, as they stream by."""
