"""How things stand now, for whoever asks: a period, the packs, the figures a monitor reads. Nothing changes here."""
