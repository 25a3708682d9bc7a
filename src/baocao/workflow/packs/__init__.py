"""What a writer of packs asks for: a new pack, its faults, drafts, comparisons, what-if, generated pages."""
