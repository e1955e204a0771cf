"""Images, sound, film and documents turned into facts: sizes, statistics, hashes, text. Files stay where they are."""
