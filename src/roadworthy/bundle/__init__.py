"""The released thing: manifest, frozen feature steps, one predict, prediction records, signatures."""
