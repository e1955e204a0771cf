"""What a table promises: inferred from data with evidence, frozen in a file, held against later tables, compared."""
