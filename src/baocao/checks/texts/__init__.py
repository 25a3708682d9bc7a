"""Rules about what is written in words: legibility, names of persons, signatures, words where a number belongs."""
