"""Packs as verbs: their faults and warnings. Writing them is `baocao-authoring`."""
