"""The six dimensions of quality: each one measures, names the rows, and says what would mend them."""
