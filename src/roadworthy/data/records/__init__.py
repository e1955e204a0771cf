"""Records that mean the same thing without being equal: which are held against each other, how, and what follows."""
