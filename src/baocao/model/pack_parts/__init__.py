"""The parts of a regime pack besides its forms: relations, slices, cascade, succession, bridges, wording."""
